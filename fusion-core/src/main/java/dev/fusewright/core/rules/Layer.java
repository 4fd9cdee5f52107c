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
package dev.fusewright.core.rules;

import dev.fusewright.core.fold.LayerKind;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.match.Constants;
import dev.fusewright.core.match.GraphView;
import dev.fusewright.core.match.Operand;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.tensor.ComputedTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.Arrays;

/**
 * A layer {@code y = W·x + b} with constant parameters, seen per output channel.
 *
 * @param axis which output channel an element of the weight belongs to
 * @param bias one value per output channel; zeros where the layer has none
 * @param biasShape of the operand in the file
 * @param spatialRank 1, 2 or 3 for a convolution; 0 for a linear layer
 */
@SuppressWarnings("ArrayRecordComponent") // Handed from a check to its rewrite; never compared.
record Layer(
    Node node,
    Tensor weight,
    ChannelAxis axis,
    double[] bias,
    Shape biasShape,
    LayerKind kind,
    int spatialRank) {
  private static final int WEIGHT = 1;
  private static final int BIAS = 2;

  /** The number of output channels. */
  int channels() {
    return bias.length;
  }

  /**
   * A Conv of any group, stride, dilation and padding: the output channels are axis 0 of its
   * weight.
   */
  static Decision<Layer> conv(GraphView graph, Node node) {
    return weight(graph, node)
        .then(
            weight ->
                weight.shape().rank() < 3
                    ? Decision.refuse(
                        Reason.SHAPE_MISMATCH,
                        "the weight of '%s' has the shape %s, expected at least three axes",
                        node.label(),
                        weight.shape())
                    : withBias(graph, node, weight, ChannelAxis.of(0), LayerKind.CONV));
  }

  /**
   * A ConvTranspose with weight {@code [in, out/group, …]}: output channel {@code g·(out/group) +
   * o}.
   */
  static Decision<Layer> convTranspose(GraphView graph, Node node) {
    return weight(graph, node)
        .then(
            weight -> {
              long group = node.intAttribute("group", 1);
              if (weight.shape().rank() < 3 || group < 1 || weight.shape().dim(0) % group != 0) {
                return Decision.refuse(
                    Reason.SHAPE_MISMATCH,
                    "the weight of '%s' has the shape %s, expected [in, out/group, …] with group=%d",
                    node.label(),
                    weight.shape(),
                    group);
              }
              return withBias(
                  graph, node, weight, new ChannelAxis(1, Math.toIntExact(group)), LayerKind.CONV);
            });
  }

  /** A Gemm with its constant on the right: the output channels are the columns. */
  static Decision<Layer> gemm(GraphView graph, Node node) {
    return weight(graph, node)
        .then(
            weight -> {
              if (weight.shape().rank() != 2) {
                return Decision.refuse(
                    Reason.SHAPE_MISMATCH,
                    "the weight of '%s' has the shape %s, expected two axes",
                    node.label(),
                    weight.shape());
              }
              int axis = node.intAttribute("transB", 0) != 0 ? 0 : 1;
              return withBias(graph, node, weight, ChannelAxis.of(axis), LayerKind.LINEAR);
            });
  }

  private static Decision<Tensor> weight(GraphView graph, Node node) {
    Operand operand = Constants.resolve(graph, node.input(WEIGHT));
    if (operand instanceof Operand.Variable variable) {
      return Decision.refuse("weight of '" + node.label() + "'", variable);
    }
    Tensor weight = ((Operand.Constant) operand).tensor();
    return weight.type().isFoldable()
        ? Decision.sound(weight)
        : Decision.refuse(
            Reason.ELEMENT_TYPE, "the weight of '%s' is %s", node.label(), weight.type().text());
  }

  private static Decision<Layer> withBias(
      GraphView graph, Node node, Tensor weight, ChannelAxis axis, LayerKind kind) {
    long channels = axis.channels(weight.shape());
    if (channels < 1 || channels > Vectors.MAX_CHANNELS) {
      return Decision.refuse(
          Reason.SHAPE_MISMATCH,
          "the weight of '%s' has %d output channels",
          node.label(),
          channels);
    }
    int spatialRank = kind == LayerKind.CONV ? weight.shape().rank() - 2 : 0;
    Shape perChannel = Shape.of(channels);
    if (!node.hasInput(BIAS)) {
      return Decision.sound(
          new Layer(node, weight, axis, new double[(int) channels], perChannel, kind, spatialRank));
    }
    Operand operand = Constants.resolve(graph, node.input(BIAS));
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
          case LINEAR -> isRowConstant(bias.shape(), channels);
        };
    if (!fits) {
      return Decision.refuse(
          Reason.BROADCAST,
          "the bias of '%s' has the shape %s, expected one value for each of %d channels",
          node.label(),
          bias.shape(),
          channels);
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
    double[] each = new double[(int) channels];
    Arrays.setAll(each, c -> values[whole ? c : 0]);
    return Decision.sound(
        new Layer(node, weight, axis, each, whole ? bias.shape() : perChannel, kind, spatialRank));
  }

  /** Gemm's C: a scalar, [1], [N] or [1, N], but not [M, 1] or [M, N]. */
  private static boolean isRowConstant(Shape shape, long columns) {
    int rank = shape.rank();
    boolean columnsFit = rank == 0 || shape.dim(rank - 1) == columns || shape.dim(rank - 1) == 1;
    return rank <= 2 && columnsFit && (rank < 2 || shape.dim(0) == 1);
  }

  /**
   * The layer with each channel's weights scaled and with a new bias, in the place of the old one.
   *
   * @param after the node in its new form, still with its old operands
   * @param newBias not yet rounded into its stored type
   */
  Rewrite.Builder fold(Rewrite.Builder rewrite, Node after, double[] scale, double[] newBias) {
    String hint =
        node.hasInput(BIAS) ? node.input(BIAS) : ParameterNames.biasBeside(node.input(WEIGHT));
    return rewrite
        .replace(after)
        .parameter(after, WEIGHT, scaled(scale), node.input(WEIGHT))
        .parameter(after, BIAS, new ComputedTensor(weight.type(), biasShape, newBias), hint);
  }

  /** Gemm's {@code beta·C} as the bias. */
  Layer withBiasTimes(double beta) {
    return new Layer(
        node,
        weight,
        axis,
        Arrays.stream(bias).map(value -> beta * value).toArray(),
        biasShape,
        kind,
        spatialRank);
  }

  /** Scales of successive folds are multiplied before the weight is rounded. */
  private Tensor scaled(double[] scale) {
    if (weight instanceof ChannelScaled earlier && earlier.axis().equals(axis)) {
      double[] both = earlier.factors();
      Arrays.setAll(both, c -> both[c] * scale[c]);
      return new ChannelScaled(earlier.source(), axis, both);
    }
    return new ChannelScaled(weight, axis, scale);
  }

  /** Refuses a fold whose bias does not fit its type. */
  <F> Decision<F> ifStorable(double[] newBias, F facts) {
    return Vectors.allFiniteAs(weight.type(), newBias)
        ? Decision.sound(facts)
        : Decision.refuse(
            Reason.NON_FINITE_RESULT,
            "the folded bias of '%s' overflows %s",
            node.label(),
            weight.type().text());
  }

  /** Gemm before opset 7 broadcasts its bias only if told to. */
  static Node broadcasting(GraphView graph, Node gemm) {
    return graph.opset() < 7 ? gemm.withAttribute("broadcast", new Attribute.Int(1)) : gemm;
  }
}
