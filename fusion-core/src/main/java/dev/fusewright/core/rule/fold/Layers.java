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
import static dev.fusewright.core.graph.OpKind.CONV;
import static dev.fusewright.core.graph.OpKind.CONV_TRANSPOSE;
import static dev.fusewright.core.graph.OpKind.GEMM;
import static dev.fusewright.core.graph.OpKind.MAT_MUL;

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.analysis.ShapeReads;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.text.Amounts;
import java.util.Arrays;
import java.util.List;

/** Reads nodes as {@link Layer}s with constant parameters, or says why they are none. */
final class Layers {
  private static final int BIAS = 2;

  private Layers() {}

  /**
   * The layer that {@code node} is: a Conv, ConvTranspose, Gemm, MatMul, or the Add behind a
   * MatMul.
   */
  static Decision<Layer> at(GraphView graph, Node node) {
    if (node.is(CONV)) {
      return conv(graph, node);
    }
    if (node.is(CONV_TRANSPOSE)) {
      return convTranspose(graph, node);
    }
    if (node.is(GEMM)) {
      return gemm(graph, node);
    }
    if (node.is(MAT_MUL)) {
      return matMul(graph, node);
    }
    return node.is(ADD)
        ? matMulAdd(graph, node)
        : Decision.elsewhere("'%s' is no layer", node.label());
  }

  /**
   * A Conv of any group, stride, dilation and padding: the output channels are axis 0 of its
   * weight.
   */
  static Decision<Layer> conv(GraphView graph, Node node) {
    return weight(graph, node, 3)
        .then(weight -> WindowAttributes.check(node, weight))
        .then(weight -> withBias(graph, node, weight, ChannelAxis.of(0), LayerKind.CONV));
  }

  /**
   * A ConvTranspose with weight {@code [in, out/group, …]}: output channel {@code g·(out/group) +
   * o}.
   */
  static Decision<Layer> convTranspose(GraphView graph, Node node) {
    return weight(graph, node, 3)
        .then(weight -> WindowAttributes.check(node, weight))
        .then(
            weight -> {
              int group = Math.toIntExact(node.intAttribute("group", 1));
              ChannelAxis axis = new ChannelAxis(1, group);
              return withBias(graph, node, weight, axis, LayerKind.CONV);
            });
  }

  /** A Gemm with its constant on the right: the output channels are the columns. */
  static Decision<Layer> gemm(GraphView graph, Node node) {
    double alpha = node.realAttribute("alpha", 1);
    double beta = node.realAttribute("beta", 1);
    if (!Double.isFinite(alpha) || !Double.isFinite(beta)) {
      return Decision.refuse(
          Reason.NON_FINITE_PARAMETER, "'%s' has alpha=%s and beta=%s", node.label(), alpha, beta);
    }
    int axis = node.intAttribute("transB", 0) != 0 ? 0 : 1;
    return weight(graph, node, 2)
        .then(weight -> withBias(graph, node, weight, ChannelAxis.of(axis), LayerKind.LINEAR))
        .then(layer -> Decision.sound(beta == 1 ? layer : layer.withBiasTimes(beta)));
  }

  /**
   * A MatMul with a constant matrix on the right: the output channels are the last axis. It cannot
   * have a bias.
   */
  static Decision<Layer> matMul(GraphView graph, Node node) {
    return weight(graph, node, 2)
        .then(
            weight ->
                channels(node, weight, ChannelAxis.of(1))
                    .then(
                        channels ->
                            Decision.sound(
                                new Layer(
                                    List.of(node),
                                    weight,
                                    ChannelAxis.of(1),
                                    new double[channels],
                                    Shape.of(channels),
                                    -1,
                                    LayerKind.LINEAR,
                                    0))));
  }

  /** A MatMul and the Add of a constant behind it, which alone reads its result. */
  static Decision<Layer> matMulAdd(GraphView graph, Node add) {
    for (int data = 0; data < 2; data++) {
      Node product = graph.producer(add.input(data));
      if (product == null
          || !product.is(MAT_MUL)
          || !ShapeReads.hasOneElementReader(graph, product.output())) {
        continue;
      }
      int biasInput = 1 - data;
      return matMul(graph, product)
          .then(
              layer ->
                  bias(graph, add, biasInput, layer.weight(), layer.channels(), LayerKind.LINEAR)
                      .then(
                          bias ->
                              Decision.sound(
                                  new Layer(
                                      List.of(product, add),
                                      layer.weight(),
                                      layer.axis(),
                                      bias.values(),
                                      bias.shape(),
                                      biasInput,
                                      LayerKind.LINEAR,
                                      0))));
    }
    return Decision.elsewhere("'%s' is no bias of a MatMul that it alone reads", add.label());
  }

  private static Decision<Tensor> weight(GraphView graph, Node node, int minRank) {
    if (Constants.hasReferences(node)) {
      return Decision.refuse(
          Reason.UNSUPPORTED_ATTRIBUTE,
          "'%s' takes an attribute from whoever calls the function",
          node.label());
    }
    Operand operand = Constants.resolve(graph, node.input(Layer.WEIGHT));
    if (operand instanceof Operand.Variable variable) {
      return Decision.refuse("weight of '" + node.label() + "'", variable);
    }
    Tensor weight = ((Operand.Constant) operand).tensor();
    if (!weight.type().isFoldable()) {
      return Decision.refuse(
          Reason.ELEMENT_TYPE, "the weight of '%s' is %s", node.label(), weight.type().text());
    }
    int rank = weight.shape().rank();
    boolean linear = minRank == 2;
    return rank < minRank || (linear && rank != minRank)
        ? Decision.refuse(
            Reason.SHAPE_MISMATCH,
            "the weight of '%s' has the shape %s, expected %s axes",
            node.label(),
            weight.shape(),
            linear ? "two" : "at least three")
        : Decision.sound(weight);
  }

  private static Decision<Integer> channels(Node node, Tensor weight, ChannelAxis axis) {
    long channels = axis.channels(weight.shape());
    return channels < 1 || channels > Vectors.MAX_CHANNELS
        ? Decision.refuse(
            Reason.SHAPE_MISMATCH,
            "the weight of '%s' has %s",
            node.label(),
            Amounts.count(channels, "output channel"))
        : Decision.sound((int) channels);
  }

  private static Decision<Layer> withBias(
      GraphView graph, Node node, Tensor weight, ChannelAxis axis, LayerKind kind) {
    int spatialRank = kind == LayerKind.CONV ? weight.shape().rank() - 2 : 0;
    return channels(node, weight, axis)
        .then(channels -> bias(graph, node, BIAS, weight, channels, kind))
        .then(
            bias ->
                Decision.sound(
                    new Layer(
                        List.of(node),
                        weight,
                        axis,
                        bias.values(),
                        bias.shape(),
                        BIAS,
                        kind,
                        spatialRank)));
  }

  /** A bias as one value per channel, and the shape of its operand. */
  @SuppressWarnings("ArrayRecordComponent") // Taken apart at once.
  private record Bias(double[] values, Shape shape) {}

  private static Decision<Bias> bias(
      GraphView graph, Node node, int input, Tensor weight, int channels, LayerKind kind) {
    Shape perChannel = Shape.of(channels);
    if (!node.hasInput(input)) {
      return Decision.sound(new Bias(new double[channels], perChannel));
    }
    Operand operand = Constants.resolve(graph, node.input(input));
    if (operand instanceof Operand.Variable variable) {
      return Decision.refuse("bias of '" + node.label() + "'", variable);
    }
    Tensor bias = ((Operand.Constant) operand).tensor();
    if (bias.type() != weight.type()) {
      return Decision.refuse(
          Reason.ELEMENT_TYPE,
          "the bias of '%s' is %s and its weight %s",
          node.label(),
          bias.type().text(),
          weight.type().text());
    }
    boolean fits =
        switch (kind) {
          case CONV -> bias.shape().equals(perChannel);
          case LINEAR -> isRowConstant(graph, node, bias.shape(), channels);
        };
    if (!fits) {
      return Decision.refuse(
          Reason.BROADCAST,
          "the bias of '%s' has the shape %s, expected one value for each of %s",
          node.label(),
          bias.shape(),
          Amounts.count(channels, "channel"));
    }
    double[] values = Vectors.read(bias);
    int broken = Vectors.firstNonFinite(values);
    if (broken >= 0) {
      return Decision.refuse(
          Reason.NON_FINITE_PARAMETER,
          "bias[%d] of '%s' is %s",
          broken,
          node.label(),
          values[broken]);
    }
    boolean whole = values.length == channels;
    double[] each = new double[channels];
    Arrays.setAll(each, c -> values[whole ? c : 0]);
    return Decision.sound(new Bias(each, whole ? bias.shape() : perChannel));
  }

  /**
   * A scalar, [1], [N] or [1, N], but not [M, 1] or [M, N]; before opset 7 broadcasting must have
   * been asked for.
   */
  private static boolean isRowConstant(GraphView graph, Node node, Shape shape, long columns) {
    int rank = shape.rank();
    boolean columnsFit = rank == 0 || shape.dim(rank - 1) == columns || shape.dim(rank - 1) == 1;
    boolean broadcasts =
        graph.opset() >= 7
            || (node.intAttribute("broadcast", 0) != 0 && node.intAttribute("axis", -1) < 0);
    return rank <= 2 && columnsFit && (rank < 2 || shape.dim(0) == 1) && broadcasts;
  }
}
