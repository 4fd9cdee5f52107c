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

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.text.Amounts;
import java.util.Arrays;
import java.util.List;

/**
 * Reads a Pad with zeros of the spatial axes as the pads that a convolution or a pool would have,
 * or says why it is none.
 *
 * <p>Up to opset 10 pads and value are attributes ({@code paddings} in opset 1), from 11 on
 * operands, from 18 on the axes can be chosen.
 */
final class PadNode {
  private static final int MAX_AXES = 64;

  private PadNode() {}

  /**
   * The pads of the spatial axes, all begins before all ends, as the attribute {@code pads} has
   * them.
   *
   * @param rank of the value that is padded
   */
  static Decision<List<Long>> read(GraphView graph, Node pad, int rank) {
    String mode = pad.textAttribute("mode", "constant");
    if (!mode.equals("constant")) {
      return Decision.refuse(
          Reason.PADDING, "'%s' pads in mode '%s', expected constant", pad.label(), mode);
    }
    return value(graph, pad)
        .then(
            value ->
                value == 0
                    ? operand(graph, pad, 1, graph.opset() < 2 ? "paddings" : "pads")
                    : Decision.refuse(
                        Reason.PADDING, "'%s' pads with %s, expected 0", pad.label(), value))
        .then(pads -> axes(graph, pad, rank).then(axes -> spatial(pad, rank, pads, axes)));
  }

  /** The rank of what is padded, as far as the pads tell it; negative if they do not. */
  static int rank(GraphView graph, Node pad) {
    if (graph.opset() >= 18 && pad.hasInput(3)) {
      return -1;
    }
    return operand(graph, pad, 1, graph.opset() < 2 ? "paddings" : "pads")
            instanceof Decision.Sound<long[]> pads
        ? pads.facts().length / 2
        : -1;
  }

  private static Decision<Double> value(GraphView graph, Node pad) {
    if (graph.opset() < 11) {
      return Decision.sound(pad.realAttribute("value", 0));
    }
    if (!pad.hasInput(2)) {
      return Decision.sound(0.0);
    }
    Operand operand = Constants.resolve(graph, pad.input(2));
    if (operand instanceof Operand.Variable variable) {
      return Decision.refuse("value of '" + pad.label() + "'", variable);
    }
    Tensor value = ((Operand.Constant) operand).tensor();
    return value.type().isFoldable() && value.shape().elementCount() == 1
        ? Decision.sound(Tensors.doubles(value, 1)[0])
        : Decision.refuse(
            Reason.ELEMENT_TYPE, "the value of '%s' is %s", pad.label(), value.type().text());
  }

  private static Decision<long[]> operand(GraphView graph, Node pad, int input, String attribute) {
    List<Long> given = pad.intsAttribute(attribute);
    if (graph.opset() < 11) {
      return given == null
          ? Decision.refuse(Reason.ABSENT, "'%s' has no attribute '%s'", pad.label(), attribute)
          : Decision.sound(given.stream().mapToLong(Long::longValue).toArray());
    }
    long[] integers = graph.shapes().integers(pad.input(input), MAX_AXES);
    if (integers != null) {
      return Decision.sound(integers);
    }
    Operand operand = Constants.resolve(graph, pad.input(input));
    if (operand instanceof Operand.Variable variable) {
      return Decision.refuse(attribute + " of '" + pad.label() + "'", variable);
    }
    return Decision.refuse(
        Reason.SHAPE_MISMATCH, "%s of '%s' are no few integers", attribute, pad.label());
  }

  private static Decision<long[]> axes(GraphView graph, Node pad, int rank) {
    if (graph.opset() < 18 || !pad.hasInput(3)) {
      long[] all = new long[rank];
      Arrays.setAll(all, axis -> axis);
      return Decision.sound(all);
    }
    return operand(graph, pad, 3, "axes");
  }

  private static Decision<List<Long>> spatial(Node pad, int rank, long[] pads, long[] axes) {
    if (pads.length != 2 * axes.length) {
      return Decision.refuse(
          Reason.SHAPE_MISMATCH,
          "'%s' has %s for %s",
          pad.label(),
          Amounts.count(pads.length, "pad"),
          Amounts.count(axes.length, "axis", "axes"));
    }
    Long[] spatial = new Long[2 * (rank - 2)];
    Arrays.fill(spatial, 0L);
    for (int i = 0; i < axes.length; i++) {
      long axis = axes[i] < 0 ? axes[i] + rank : axes[i];
      long begin = pads[i];
      long end = pads[i + axes.length];
      if (begin < 0 || end < 0 || axis < 0 || axis >= rank) {
        return Decision.refuse(
            Reason.PADDING, "'%s' crops axis %d, or pads one that is not there", pad.label(), axis);
      }
      if (axis < 2 && (begin != 0 || end != 0)) {
        return Decision.refuse(
            Reason.PADDING, "'%s' pads axis %d, the batch or the channels", pad.label(), axis);
      }
      if (axis >= 2) {
        spatial[(int) axis - 2] = begin;
        spatial[(int) axis - 2 + rank - 2] = end;
      }
    }
    return Decision.sound(List.of(spatial));
  }

  /** The sum of two lists of pads; a missing one is all zeros. */
  static List<Long> sum(List<Long> pads, @org.jspecify.annotations.Nullable List<Long> others) {
    if (others == null) {
      return pads;
    }
    Long[] sum = new Long[pads.size()];
    Arrays.setAll(sum, i -> pads.get(i) + others.get(i));
    return List.of(sum);
  }
}
