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
package dev.fusewright.core.analysis;

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.tensor.ComputedTensor;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts of PyTorch's {@code weight_norm} as it is exported: {@code w = g · v / ‖v‖}, with a Div
 * by the ReduceL2 of each channel and a Mul by its gain. Null where the operands are anything else.
 */
final class WeightNorm {
  static final OpKind REDUCE_L2 = OpKind.onnx("ReduceL2");

  private static final int MAX_CHANNELS = 1 << 22;

  private WeightNorm() {}

  /** Whether a node takes the norms of a weight, or goes on with a weight that they have scaled. */
  static boolean isPartOf(Node node, List<@Nullable Tensor> operands) {
    return node.is(REDUCE_L2)
        || operands.stream()
            .anyMatch(it -> it instanceof ComputedTensor || it instanceof ChannelScaled);
  }

  /** A weight times, or divided by, one value per index of one axis. */
  static @Nullable Tensor product(Node node, Tensor left, Tensor right) {
    boolean divides = node.is(OpKind.DIV);
    Tensor weight =
        divides || left.shape().elementCount() >= right.shape().elementCount() ? left : right;
    Tensor factor = weight == left ? right : left;
    ElementType type = weight.type();
    if (!type.isFoldable()
        || factor.type() != type
        || factor.shape().rank() > weight.shape().rank()
        || weight.shape().rank() == 0) {
      return null;
    }
    int axis = onlyLongAxis(factor.shape(), weight.shape());
    if (axis < 0 || weight.shape().dim(axis) > MAX_CHANNELS) {
      return null;
    }
    double[] values =
        factor instanceof ComputedTensor computed
            ? computed.exact()
            : Tensors.doubles(factor, MAX_CHANNELS);
    double[] factors = new double[(int) weight.shape().dim(axis)];
    Arrays.setAll(
        factors,
        i -> {
          double value = values[values.length == 1 ? 0 : i];
          return divides ? 1 / value : value;
        });
    return ChannelScaled.of(weight, ChannelAxis.of(axis), factors);
  }

  /**
   * The only axis of {@code of} along which {@code broadcast}, aligned at the right, varies; axis 0
   * where it varies along none; −1 where it varies along several, or would enlarge the result.
   */
  private static int onlyLongAxis(Shape broadcast, Shape of) {
    int shift = of.rank() - broadcast.rank();
    int found = -1;
    for (int axis = 0; axis < broadcast.rank(); axis++) {
      long size = broadcast.dim(axis);
      if (size == 1) {
        continue;
      }
      if (size != of.dim(axis + shift) || found >= 0) {
        return -1;
      }
      found = axis + shift;
    }
    return Math.max(found, 0);
  }

  /**
   * The euclidean norm of each slice along one axis, in one pass over the weight.
   *
   * @param reduced the axes that are summed: all but one
   * @param keepDims ONNX's attribute; only 1 gives what a weight can be divided by
   */
  static @Nullable Tensor norms(Tensor weight, long @Nullable [] reduced, long keepDims) {
    Shape shape = weight.shape();
    if (reduced == null
        || keepDims != 1
        || reduced.length != shape.rank() - 1
        || !weight.type().isFoldable()) {
      return null;
    }
    int axis = shape.rank() * (shape.rank() - 1) / 2;
    for (long summed : reduced) {
      axis -= (int) (summed < 0 ? summed + shape.rank() : summed);
    }
    if (axis < 0 || axis >= shape.rank() || shape.dim(axis) > MAX_CHANNELS) {
      return null;
    }
    ChannelAxis kept = ChannelAxis.of(axis);
    double[] sums = new double[(int) shape.dim(axis)];
    Tensors.forEachChunk(
        weight,
        (first, values, count) -> {
          for (int i = 0; i < count; i++) {
            sums[kept.channelOf(shape, first + i)] += values[i] * values[i];
          }
        });
    Long[] dims = new Long[shape.rank()];
    Arrays.fill(dims, 1L);
    dims[axis] = (long) sums.length;
    return new ComputedTensor(
        weight.type(),
        new Shape(Arrays.asList(dims)),
        Arrays.stream(sums).map(Math::sqrt).toArray());
  }
}
