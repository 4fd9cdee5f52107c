/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.pipeline.settings;

import dev.fusewright.io.storage.Location;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one input of a model takes, where the model itself does not say.
 *
 * @param shape of the tensors; null to take the model's
 * @param range the least and the largest value; null to take the check's own
 * @param files samples of it: a {@code .npy} file or a serialised TensorProto each
 */
public record InputSpec(@Nullable List<Long> shape, @Nullable Range range, List<Location> files)
    implements Serializable {
  /** Copies the lists. */
  public InputSpec {
    shape = shape == null ? null : List.copyOf(shape);
    files = List.copyOf(files);
  }

  /** From {@code low} to {@code high}, which is not less. */
  public record Range(double low, double high) implements Serializable {
    /** Refuses an inverted range, and one that is wider than the largest number. */
    public Range {
      if (!(low <= high) || !Double.isFinite(high - low)) {
        throw new IllegalArgumentException("a range from " + low + " to " + high);
      }
    }
  }
}
