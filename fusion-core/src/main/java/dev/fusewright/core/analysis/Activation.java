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
import dev.fusewright.core.tensor.Tensors;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * An element-wise activation function, by the names that PyTorch and ONNX have for it.
 *
 * <p>What a backend fuses of these is a table of its own: {@code
 * dev.fusewright.core.rule.FusedActivations}.
 */
public enum Activation {
  /** The positive part. */
  RELU("ReLU", "Relu", "max(0, %s)"),
  /** The positive part up to 6; a Clip in ONNX. */
  RELU6("ReLU6", "", "min(max(0, %s), 6)"),
  /** Cut off at two bounds; a Clip in ONNX. */
  HARDTANH("Hardtanh", "", "min(max(lo, %s), hi)"),
  /** A ramp times the value. */
  HARDSWISH("Hardswish", "HardSwish", "(%1$s)·min(max(0, (%1$s)/6 + 1/2), 1)"),
  /** PyTorch's has a slope of 1/6, which is not ONNX's default. */
  HARDSIGMOID(
      "Hardsigmoid",
      "HardSigmoid",
      "min(max(0, (%s)/6 + 1/2), 1)",
      has("alpha", 0.2, 1.0 / 6).and(has("beta", 0.5, 0.5))),
  /** Sigmoid and Mul in ONNX before opset 24. */
  SILU("SiLU", "Swish", "(%1$s)·sigmoid(%1$s)", has("alpha", 1, 1)),
  /** With any slope, 0.01 by default. */
  LEAKY_RELU("LeakyReLU", "LeakyRelu", "max(0, %1$s) + α·min(0, %1$s)"),
  /** A LeakyReLU whose slope is a parameter. */
  PRELU("PReLU", "PRelu", "max(0, %1$s) + a·min(0, %1$s)"),
  /** With any scale of the negative part. */
  ELU("ELU", "Elu", "max(0, %1$s) + α·(exp(min(0, %1$s)) − 1)"),
  /** A scaled ELU with fixed constants, which are ONNX's defaults. */
  SELU(
      "SELU",
      "Selu",
      "γ·(max(0, %1$s) + α·(exp(min(0, %1$s)) − 1))",
      has("alpha", 1.6732632, 1.6732632).and(has("gamma", 1.0507010, 1.0507010))),
  /** In its exact form or in that of the hyperbolic tangent. */
  GELU("GELU", "Gelu", "(%1$s)·Φ(%1$s)"),
  /** The logistic function. */
  SIGMOID("Sigmoid", "Sigmoid", "1/(1 + exp(−(%s)))"),
  /** The hyperbolic tangent. */
  TANH("Tanh", "Tanh", "tanh(%s)");

  private static final OpKind CLIP = OpKind.onnx("Clip");
  private static final double CLIPPED_BELOW = 0;
  private static final double CLIPPED_ABOVE = 6;

  /** ONNX stores attributes as float32. */
  private static final double ROUNDING = 1e-6;

  private final String torchName;
  private final String operator;
  private final String formula;
  private final Predicate<Node> attributes;

  Activation(String torchName, String operator, String formula) {
    this(torchName, operator, formula, node -> true);
  }

  Activation(String torchName, String operator, String formula, Predicate<Node> attributes) {
    this.torchName = torchName;
    this.operator = operator;
    this.formula = formula;
    this.attributes = attributes;
  }

  private static Predicate<Node> has(String attribute, double absent, double expected) {
    return node -> Math.abs(node.realAttribute(attribute, absent) - expected) <= ROUNDING;
  }

  /** PyTorch's class, without its module: {@code ReLU}. */
  public String torchName() {
    return torchName;
  }

  /** As rule ids spell it: {@code leaky-relu}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What it makes of {@code x}, in one line. */
  public String formula(String x) {
    return formula.formatted(x);
  }

  /**
   * The kind of the single node that computes it.
   *
   * @throws IllegalStateException if no operator of this meaning is there: a Clip means what its
   *     bounds say
   */
  public OpKind operator() {
    if (operator.isEmpty()) {
      throw new IllegalStateException(torchName + " is no single operator");
    }
    return OpKind.onnx(operator);
  }

  /** The activation of this class of PyTorch's. */
  public static Optional<Activation> named(String torchName) {
    return Arrays.stream(values()).filter(it -> it.torchName.equals(torchName)).findFirst();
  }

  /**
   * The activation that a single node computes, as far as the node itself says: of a Clip only
   * before opset 11, where its bounds are attributes.
   */
  public static Optional<Activation> of(Node node) {
    if (node.is(CLIP)) {
      return clip(node.realAttribute("min", Double.NaN), node.realAttribute("max", Double.NaN));
    }
    return Arrays.stream(values())
        .filter(it -> !it.operator.isEmpty() && node.is(OpKind.onnx(it.operator)))
        .filter(it -> it.attributes.test(node))
        .findFirst();
  }

  /** The activation that a single node computes, its constant operands looked at too. */
  public static Optional<Activation> of(GraphView graph, Node node) {
    return node.is(CLIP)
        ? clip(bound(graph, node, 1, "min"), bound(graph, node, 2, "max"))
        : of(node);
  }

  private static Optional<Activation> clip(double below, double above) {
    if (Double.isNaN(below) || Double.isNaN(above)) {
      return Optional.empty();
    }
    return Optional.of(below == CLIPPED_BELOW && above == CLIPPED_ABOVE ? RELU6 : HARDTANH);
  }

  /** A bound of a Clip: an attribute before opset 11, and an operand from there on. */
  private static double bound(GraphView graph, Node clip, int input, String attribute) {
    return Constants.resolve(graph, clip.input(input)) instanceof Operand.Constant constant
            && constant.tensor().shape().elementCount() == 1
        ? Tensors.doubles(constant.tensor(), 1)[0]
        : clip.realAttribute(attribute, Double.NaN);
  }
}
