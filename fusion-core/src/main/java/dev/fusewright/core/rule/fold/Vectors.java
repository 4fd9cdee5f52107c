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
package dev.fusewright.core.rule.fold;

import dev.fusewright.core.tensor.ComputedTensor;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;

/** Small parameters as numbers. */
final class Vectors {
  /** No model has more channels; a file that says so is not read into memory. */
  static final int MAX_CHANNELS = 1 << 22;

  private Vectors() {}

  /** The values of a parameter; those of an earlier fold before they were rounded. */
  static double[] read(Tensor tensor) {
    return tensor instanceof ComputedTensor computed
        ? computed.exact()
        : Tensors.doubles(tensor, MAX_CHANNELS);
  }

  static boolean allFinite(double[] values) {
    return firstNonFinite(values) < 0;
  }

  /** The first index at which there is NaN or an infinity, or −1. */
  static int firstNonFinite(double[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        return i;
      }
    }
    return -1;
  }

  /** Whether every value stays finite when it is stored. */
  static boolean allFiniteAs(ElementType type, double[] values) {
    var codec = dev.fusewright.core.tensor.ElementCodec.of(type);
    for (double value : values) {
      if (!Double.isFinite(codec.round(value))) {
        return false;
      }
    }
    return true;
  }
}
