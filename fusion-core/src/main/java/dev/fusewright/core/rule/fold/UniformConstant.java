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

import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/** A constant that was broadcast to the size of a whole value, and is one value per channel. */
final class UniformConstant {
  private final double[] values;
  private final boolean[] known;
  private final long run;
  private boolean isUniform = true;

  private UniformConstant(int channels, long run) {
    this.values = new double[channels];
    this.known = new boolean[channels];
    this.run = run;
  }

  /**
   * The value of each channel; null if two elements of one channel differ by a bit. Reads the
   * constant once, a block at a time.
   *
   * @param axis of the channels; one that the constant does not have, or that has size 1, is the
   *     same for all of them
   */
  static double @Nullable [] perChannel(Tensor tensor, int axis, int channels) {
    Shape shape = tensor.shape();
    boolean varies = axis >= 0 && axis < shape.rank() && shape.dim(axis) == channels;
    long run = varies ? shape.elementCount(axis + 1, shape.rank()) : 1;
    UniformConstant constant = new UniformConstant(varies ? channels : 1, run);
    Tensors.forEachChunk(tensor, constant::take);
    if (!constant.isUniform) {
      return null;
    }
    double[] each = new double[channels];
    for (int c = 0; c < channels; c++) {
      each[c] = constant.values[varies ? c : 0];
    }
    return each;
  }

  private void take(long first, double[] chunk, int count) {
    for (int i = 0; i < count; i++) {
      int channel = (int) ((first + i) / run % values.length);
      isUniform &=
          !known[channel]
              || Double.doubleToRawLongBits(values[channel])
                  == Double.doubleToRawLongBits(chunk[i]);
      values[channel] = chunk[i];
      known[channel] = true;
    }
  }
}
