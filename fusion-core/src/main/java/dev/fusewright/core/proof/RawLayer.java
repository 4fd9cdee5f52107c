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
   * @param inputsFirst whether the first axis is that of the input channels and the second that of
   *     a group's output channels; otherwise it is the other way round
   * @param group of both channels and axes, that do not see each other
   * @param channels how many output channels there are
   * @param scale of the layer's input, by input channel
   * @param shift of the layer's input, by input channel
   */
  @SuppressWarnings("ArrayRecordComponent") // Read once, by the comparison of two sides.
  record Weights(
      Tensor tensor,
      double alpha,
      boolean inputsFirst,
      int group,
      int channels,
      double[] scale,
      double[] shift) {

    /** Elements for each pair of channels. */
    long inner() {
      return tensor.shape().elementCount(2, tensor.shape().rank());
    }

    /** The pair of channels that an element belongs to. */
    Pair pairOf(long element) {
      return new Pair(this, element / inner());
    }
  }

  /** Walks over the pairs of an input and an output channel, as the weight has them. */
  static final class Pair {
    private final boolean inputsFirst;
    private final long second;
    private final long rowsPerGroup;
    private long row;
    private long column;
    private int firstOfGroup;

    private Pair(Weights weights, long index) {
      inputsFirst = weights.inputsFirst;
      second = weights.tensor.shape().dim(1);
      rowsPerGroup = weights.tensor.shape().dim(0) / weights.group;
      row = index / second;
      column = index % second;
      firstOfGroup = Math.toIntExact(row / rowsPerGroup * second);
    }

    int output() {
      return inputsFirst ? firstOfGroup + (int) column : (int) row;
    }

    int input() {
      return inputsFirst ? (int) row : firstOfGroup + (int) column;
    }

    /** Pairs from here to the end of the row, in which one of the two channels stays the same. */
    long leftInRow() {
      return second - column;
    }

    void advance() {
      if (++column == second) {
        nextRow();
      }
    }

    void nextRow() {
      column = 0;
      row++;
      firstOfGroup = (int) (row / rowsPerGroup * second);
    }
  }
}
