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

import static dev.fusewright.core.graph.OpKind.ADD;
import static dev.fusewright.core.graph.OpKind.DIV;
import static dev.fusewright.core.graph.OpKind.MUL;
import static dev.fusewright.core.graph.OpKind.SUB;

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.analysis.shape.Basis;
import dev.fusewright.core.analysis.shape.SymbolicDim;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Reads an Add, Sub, Mul or Div with a constant as a {@link ChannelAffine} of its other operand, or
 * says why it is none.
 *
 * <p>Broadcasting aligns at the right: a constant {@code [C]} after a Conv varies along the width,
 * not along the channels, and one of a higher rank, or with a size above 1 on another axis,
 * enlarges or varies the result in a way that no bias can. One that fills the whole value is as
 * good as what it was broadcast from, if its extents are those of the value. Before opset 7 the
 * attributes {@code broadcast} and {@code axis} say where it aligns.
 */
final class ElementwiseNode {
  private static final long MAX_RANK = 1 << 10;

  private ElementwiseNode() {}

  /**
   * The function of the channels that {@code node} computes.
   *
   * @param dataInput the index of the operand that is not the constant
   * @param channels of that operand
   * @param channelAxis of that operand
   * @param rank of that operand, or {@link SymbolicShape#UNKNOWN_RANK}
   */
  static Decision<ChannelAffine> read(
      GraphView graph, Node node, int dataInput, int channels, int channelAxis, int rank) {
    Operand operand = Constants.resolve(graph, node.input(1 - dataInput));
    if (operand instanceof Operand.Variable variable) {
      return isNearMiss(variable.reason())
          ? Decision.refuse("constant of '" + node.label() + "'", variable)
          : Decision.elsewhere(
              "the other operand of '%s' is no constant: %s", node.label(), variable.message());
    }
    Tensor tensor = ((Operand.Constant) operand).tensor();
    if (!tensor.type().isFoldable()) {
      return Decision.refuse(
          Reason.ELEMENT_TYPE, "the constant of '%s' is %s", node.label(), tensor.type().text());
    }
    if (node.is(DIV) && dataInput == 1) {
      return Decision.refuse(
          Reason.NOT_AFFINE,
          "'%s' divides a constant by the value, which is not affine",
          node.label());
    }
    return perChannel(graph, node, dataInput, tensor, channels, channelAxis, rank)
        .then(values -> finite(node, affine(node, dataInput, values)));
  }

  /**
   * An operand that varies is no near miss, as in a residual connection; a constant that must not
   * be used is one.
   */
  static boolean isNearMiss(Reason reason) {
    return reason == Reason.OVERRIDABLE
        || reason == Reason.QUANTIZED
        || reason == Reason.SPARSE
        || reason == Reason.NON_FINITE_PARAMETER;
  }

  /** One value per channel, and what a person should know of them. */
  @SuppressWarnings("ArrayRecordComponent") // Taken apart at once.
  private record Values(double[] each, List<String> notes) {}

  private static Decision<Values> perChannel(
      GraphView graph,
      Node node,
      int dataInput,
      Tensor tensor,
      int channels,
      int channelAxis,
      int rank) {
    Shape shape = tensor.shape();
    boolean single = shape.elementCount() == 1;
    int first = firstAxis(graph, node, shape, rank);
    boolean aligned =
        first != SymbolicShape.UNKNOWN_RANK
            && first >= 0
            && (rank == SymbolicShape.UNKNOWN_RANK || first + shape.rank() <= rank);
    if (single && shape.rank() <= 2 && rank == SymbolicShape.UNKNOWN_RANK) {
      aligned = true; // Whatever holds channels has at least two axes.
    }
    if (!aligned) {
      return rank == SymbolicShape.UNKNOWN_RANK
          ? Decision.refuse(
              Reason.UNKNOWN_RANK,
              "the rank of '%s' is not known, so that the constant %s of '%s' cannot be aligned",
              node.input(0),
              shape,
              node.label())
          : broadcast(node, shape, channels, channelAxis);
    }
    boolean isFullSize = false;
    if (!single) {
      for (int axis = 0; axis < shape.rank(); axis++) {
        long size = shape.dim(axis);
        if (size == 1 || (first + axis == channelAxis && size == channels)) {
          continue;
        }
        isFullSize = true;
        if (first + axis == channelAxis
            || !isExtent(graph, node.input(dataInput), first + axis, size)) {
          return broadcast(node, shape, channels, channelAxis);
        }
      }
    }
    if (isFullSize) {
      double[] uniform = UniformConstant.perChannel(tensor, channelAxis - first, channels);
      return uniform == null
          ? broadcast(node, shape, channels, channelAxis)
          : Decision.sound(new Values(uniform, notes(graph, node.input(dataInput))));
    }
    double[] values = Vectors.read(tensor);
    double[] each = new double[channels];
    Arrays.setAll(each, c -> values[single ? 0 : c]);
    return Decision.sound(new Values(each, List.of()));
  }

  /** Whether a value has provably this extent along an axis, which is not the batch. */
  private static boolean isExtent(GraphView graph, String value, int axis, long size) {
    SymbolicDim dim = graph.shapes().of(value).restingOn(Basis.PROMISED).dim(axis);
    return axis > 0 && dim.constant().orElse(-1) == size;
  }

  private static List<String> notes(GraphView graph, String value) {
    return graph.shapes().restsOnPromise(value)
        ? List.of(LayerOutput.restsOnExtents(graph, value))
        : List.of();
  }

  private static Decision<Values> broadcast(Node node, Shape shape, int channels, int channelAxis) {
    return Decision.refuse(
        Reason.BROADCAST,
        "the constant of '%s' has the shape %s: expected a single value, or %d along axis %d and 1"
            + " elsewhere, or the same all over the extents of the value",
        node.label(),
        shape,
        channels,
        channelAxis);
  }

  /** The axis of the value with which the constant's first axis is aligned. */
  private static int firstAxis(GraphView graph, Node node, Shape shape, int rank) {
    if (graph.opset() < 7) {
      if (node.intAttribute("broadcast", 0) == 0) {
        return SymbolicShape.UNKNOWN_RANK - 1; // The shapes must be equal: no constant per channel.
      }
      long axis = node.intAttribute("axis", -1);
      if (axis >= 0) {
        return (int) Math.min(axis, MAX_RANK);
      }
    }
    return rank == SymbolicShape.UNKNOWN_RANK ? SymbolicShape.UNKNOWN_RANK : rank - shape.rank();
  }

  private static ChannelAffine affine(Node node, int dataInput, Values constant) {
    double[] values = constant.each();
    double[] scale = new double[values.length];
    double[] shift = new double[values.length];
    Arrays.fill(scale, 1);
    if (node.is(MUL)) {
      System.arraycopy(values, 0, scale, 0, values.length);
    } else if (node.is(DIV)) {
      Arrays.setAll(scale, c -> 1 / values[c]);
    } else if (node.is(ADD)) {
      System.arraycopy(values, 0, shift, 0, values.length);
    } else if (node.is(SUB) && dataInput == 0) {
      Arrays.setAll(shift, c -> -values[c]);
    } else {
      Arrays.fill(scale, -1);
      System.arraycopy(values, 0, shift, 0, values.length);
    }
    return new ChannelAffine(scale, shift, constant.notes());
  }

  private static Decision<ChannelAffine> finite(Node node, ChannelAffine affine) {
    return Vectors.allFinite(affine.scale()) && Vectors.allFinite(affine.shift())
        ? Decision.sound(affine)
        : Decision.refuse(
            Reason.NON_FINITE_PARAMETER,
            "the constant of '%s' is not finite, or divides by zero",
            node.label());
  }
}
