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
package dev.fusewright.core.proof;

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operator that makes new values, as a side of a site has it.
 *
 * @param form what must be the same on both sides: operator, strides, pads, groups, constant
 *     operands
 * @param weights null where the operator has none that a fold could have changed
 * @param inputs what arrives at it
 */
record RawLayer(Node node, String form, @Nullable Weights weights, List<Field> inputs) {
  RawLayer {
    inputs = List.copyOf(inputs);
  }

  /**
   * The weight of a linear layer, whose raw result is {@code alpha·W·x}, without any bias.
   *
   * @param outputs the output channel of each pair of indices of the first two axes, row by row
   * @param inputs the input channel of each such pair
   * @param channels how many output channels there are
   * @param scale of the layer's input, by input channel
   * @param shift of the layer's input, by input channel
   */
  @SuppressWarnings("ArrayRecordComponent") // Read once, by the comparison of two sides.
  record Weights(
      Tensor tensor,
      double alpha,
      int[] outputs,
      int[] inputs,
      int channels,
      double[] scale,
      double[] shift) {}
}
