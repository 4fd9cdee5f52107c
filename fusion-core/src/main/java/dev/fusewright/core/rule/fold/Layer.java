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

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.tensor.ComputedTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A layer {@code y = W·x + b} with constant parameters, seen per output channel.
 *
 * @param nodes that make the layer, in data order: one, or a MatMul and the Add behind it
 * @param weight the second operand of the first node
 * @param axis which output channel an element of the weight belongs to
 * @param bias one value per output channel; zeros where the layer has none
 * @param biasShape of the operand in the file
 * @param biasInput the operand of the last node that is, or would be, the bias; −1 if it cannot
 *     have one
 * @param spatialRank 1, 2 or 3 for a convolution; 0 for a linear layer
 */
@SuppressWarnings("ArrayRecordComponent") // Handed from a check to its rewrite; never compared.
record Layer(
    List<Node> nodes,
    Tensor weight,
    ChannelAxis axis,
    double[] bias,
    Shape biasShape,
    int biasInput,
    LayerKind kind,
    int spatialRank) {
  static final int WEIGHT = 1;

  /** Copies the list. */
  Layer {
    nodes = List.copyOf(nodes);
  }

  /** The node that holds the weight. */
  Node node() {
    return nodes.get(0);
  }

  /** The node that computes the layer's output. */
  Node last() {
    return nodes.get(nodes.size() - 1);
  }

  /** The number of output channels. */
  int channels() {
    return bias.length;
  }

  boolean hasBias() {
    return biasInput >= 0 && last().hasInput(biasInput);
  }

  /** Gemm's {@code beta·C} as the bias. */
  Layer withBiasTimes(double beta) {
    double[] scaled = Arrays.stream(bias).map(value -> beta * value).toArray();
    return new Layer(nodes, weight, axis, scaled, biasShape, biasInput, kind, spatialRank);
  }

  /** The same layer with its nodes in another form. */
  Layer withNodes(List<Node> newNodes) {
    return new Layer(newNodes, weight, axis, bias, biasShape, biasInput, kind, spatialRank);
  }

  /** A MatMul in the form of a Gemm, which can have a bias. */
  Layer asGemm(Node gemm) {
    return new Layer(List.of(gemm), weight, axis, bias, biasShape, 2, kind, spatialRank);
  }

  /**
   * Whether the bias would still be finite in the type in which it is stored, and the weight too.
   */
  <F> Decision<F> ifStorable(double[] scale, double[] newBias, F facts) {
    return ifStorable(newBias, facts)
        .then(sound -> WeightRange.check(node().label(), weight, axis, scale, sound));
  }

  /** Whether the bias would still be finite in the type in which it is stored. */
  <F> Decision<F> ifStorable(double[] newBias, F facts) {
    return Vectors.allFiniteAs(weight.type(), newBias)
        ? Decision.sound(facts)
        : Decision.refuse(
            Reason.NON_FINITE_RESULT,
            "the folded bias of '%s' overflows %s",
            node().label(),
            weight.type().text());
  }

  /**
   * Gives the layer a scaled weight. What is scaled by 1 stays untouched.
   *
   * @param after the first node in its new form
   */
  void scaleWeight(Rewrite.Builder rewrite, Node after, double[] scale) {
    if (Arrays.stream(scale).anyMatch(factor -> factor != 1)) {
      rewrite.parameter(after, WEIGHT, ChannelScaled.of(weight, axis, scale), node().input(WEIGHT));
    }
  }

  /**
   * Gives the layer a new bias.
   *
   * @param after the last node in its new form
   * @param values not yet rounded into the type in which they are stored
   */
  void putBias(Rewrite.Builder rewrite, Node after, double[] values) {
    String hint =
        hasBias() ? last().input(biasInput) : ParameterNames.biasBeside(node().input(WEIGHT));
    rewrite.parameter(after, biasInput, bias(values), hint);
  }

  /** A bias of this layer's type and shape. */
  Tensor bias(double[] values) {
    return new ComputedTensor(weight.type(), biasShape, values);
  }

  /** The whole layer with its output called {@code output}, scaled and shifted per channel. */
  void fold(Rewrite.Builder rewrite, String output, double[] scale, double @Nullable [] newBias) {
    for (Node node : nodes) {
      Node after = node == last() ? node.withOutputs(List.of(output)) : node;
      rewrite.replace(after);
      if (node == node()) {
        scaleWeight(rewrite, after, scale);
      }
      if (node == last() && newBias != null) {
        putBias(rewrite, after, newBias);
      }
    }
  }
}
