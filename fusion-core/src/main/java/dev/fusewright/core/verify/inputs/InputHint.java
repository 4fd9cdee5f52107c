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
package dev.fusewright.core.verify.inputs;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The user's constraints on the inputs made for one input of a model.
 *
 * @param shape of the tensors to make; null to take the model's
 * @param range that every element to make lies in; null to take the families' own
 */
public record InputHint(@Nullable List<Long> shape, @Nullable Range range) {
  /** Copies the shape. */
  public InputHint {
    shape = shape == null ? null : List.copyOf(shape);
  }

  /**
   * Closed range of values from {@code low} to {@code high}, which is not less; both are reached.
   */
  public record Range(double low, double high) {
    /** Refuses an inverted range, and one that is wider than the largest number. */
    public Range {
      if (!(low <= high) || !Double.isFinite(high - low)) {
        throw new IllegalArgumentException("a range from " + low + " to " + high);
      }
    }

    /** The value of the range that is nearest to {@code value}. */
    double nearest(double value) {
      return Math.min(high, Math.max(low, value));
    }

    /** The value at a part of the way from {@code low} to {@code high}. */
    double at(double part) {
      return low + part * (high - low);
    }
  }
}
