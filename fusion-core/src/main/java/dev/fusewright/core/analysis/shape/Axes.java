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
package dev.fusewright.core.analysis.shape;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Axes as operators name them: negative ones count from the end. */
public final class Axes {
  private Axes() {}

  /** Axes counted from the front; null if one is out of range or given twice. */
  public static @Nullable BitSet normalized(long[] axes, int rank) {
    BitSet result = new BitSet();
    for (long axis : axes) {
      int positive = InferenceCall.axis(axis, rank);
      if (positive < 0 || result.get(positive)) {
        return null;
      }
      result.set(positive);
    }
    return result;
  }
}
