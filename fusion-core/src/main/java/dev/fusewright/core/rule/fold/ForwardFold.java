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

import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;

/** The arithmetic of folding a function of the input channels into the layer behind it. */
final class ForwardFold {
  private ForwardFold() {}

  /**
   * What the shift of the input adds to each output: {@code Σ W[…]·shift[input channel]} over all
   * weights of the output, in float64, in one pass over the weight.
   *
   * @param inputs which input channel an element of the weight belongs to
   * @param outputs which output channel it belongs to
   */
  static double[] shiftThrough(
      Tensor weight, ChannelAxis inputs, ChannelAxis outputs, double[] shift) {
    double[] sums = new double[Math.toIntExact(outputs.channels(weight.shape()))];
    Tensors.forEachChunk(
        weight,
        (first, values, count) -> {
          for (int i = 0; i < count; i++) {
            double added = shift[inputs.channelOf(weight.shape(), first + i)];
            if (added != 0) {
              sums[outputs.channelOf(weight.shape(), first + i)] += values[i] * added;
            }
          }
        });
    return sums;
  }
}
