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
package dev.fusewright.core.reference;

import static dev.fusewright.core.reference.Operators.one;
import static java.util.Map.entry;

import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;

/** Activation functions and other functions of one element. */
final class Activations {
  private static final float SELU_ALPHA = 1.6732632f;
  private static final float SELU_GAMMA = 1.050701f;

  static final Map<String, Operator> OPERATORS =
      Map.ofEntries(
          entry("Relu", plain(x -> Math.max(x, 0))),
          entry("Sigmoid", plain(Activations::sigmoid)),
          entry("Tanh", plain(Math::tanh)),
          entry("Softplus", plain(Activations::softplus)),
          entry("Softsign", plain(x -> x / (1 + Math.abs(x)))),
          entry("Mish", plain(x -> x * Math.tanh(softplus(x)))),
          entry("HardSwish", plain(x -> x * clamp(x / 6 + 0.5, 0, 1))),
          entry("Exp", plain(Math::exp)),
          entry("Log", plain(Math::log)),
          entry("Sqrt", plain(Math::sqrt)),
          entry("Abs", plain(Math::abs)),
          entry("Neg", plain(x -> -x)),
          entry("Floor", plain(Math::floor)),
          entry("Ceil", plain(Math::ceil)),
          entry("Round", plain(Math::rint)),
          entry("Reciprocal", plain(x -> 1 / x)),
          entry("Sign", plain(Math::signum)),
          entry("Sin", plain(Math::sin)),
          entry("Cos", plain(Math::cos)),
          entry("Tan", plain(Math::tan)),
          entry("Asin", plain(Math::asin)),
          entry("Acos", plain(Math::acos)),
          entry("Atan", plain(Math::atan)),
          entry("Sinh", plain(Math::sinh)),
          entry("Cosh", plain(Math::cosh)),
          entry("Erf", plain(ErrorFunction::erf)),
          entry("LeakyRelu", with(call -> leaky(call.real("alpha", 0.01f)))),
          entry("ThresholdedRelu", with(call -> thresholded(call.real("alpha", 1)))),
          entry("HardSigmoid", with(Activations::hardSigmoid)),
          entry("Elu", with(call -> elu(call.real("alpha", 1)))),
          entry("Celu", with(call -> celu(call.real("alpha", 1)))),
          entry("Selu", with(Activations::selu)),
          entry("Gelu", with(Activations::gelu)),
          entry("Shrink", with(Activations::shrink)),
          entry("Clip", one(Activations::clip)));

  private Activations() {}

  private static Operator plain(DoubleUnaryOperator function) {
    return one(call -> mapped(call.input(0), function));
  }

  private static Operator with(Function<OpCall, DoubleUnaryOperator> function) {
    return one(call -> mapped(call.input(0), function.apply(call)));
  }

  /** {@code function} of every element. */
  static NdArray mapped(NdArray array, DoubleUnaryOperator function) {
    double[] result = new double[array.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = function.applyAsDouble(array.values()[i]);
    }
    return NdArray.of(array.type(), array.shape(), result);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  private static double clamp(double x, double low, double high) {
    return Math.min(Math.max(x, low), high);
  }

  private static DoubleUnaryOperator leaky(double alpha) {
    return x -> x < 0 ? alpha * x : x;
  }

  private static DoubleUnaryOperator thresholded(double alpha) {
    return x -> x > alpha ? x : 0;
  }

  private static DoubleUnaryOperator hardSigmoid(OpCall call) {
    double alpha = call.real("alpha", 0.2f);
    double beta = call.real("beta", 0.5f);
    return x -> clamp(alpha * x + beta, 0, 1);
  }

  private static DoubleUnaryOperator elu(double alpha) {
    return x -> x < 0 ? alpha * Math.expm1(x) : x;
  }

  private static DoubleUnaryOperator celu(double alpha) {
    return x -> Math.max(x, 0) + Math.min(0, alpha * Math.expm1(x / alpha));
  }

  private static DoubleUnaryOperator selu(OpCall call) {
    double alpha = call.real("alpha", SELU_ALPHA);
    double gamma = call.real("gamma", SELU_GAMMA);
    return x -> gamma * (x > 0 ? x : alpha * Math.expm1(x));
  }

  private static DoubleUnaryOperator gelu(OpCall call) {
    String approximation = call.text("approximate", "none");
    return switch (approximation) {
      case "none" -> x -> 0.5 * x * (1 + ErrorFunction.erf(x / Math.sqrt(2)));
      case "tanh" ->
          x -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      default -> throw call.unsupported("approximate = \"" + approximation + "\"");
    };
  }

  private static DoubleUnaryOperator shrink(OpCall call) {
    double lambda = call.real("lambd", 0.5f);
    double bias = call.real("bias", 0);
    return x -> x < -lambda ? x + bias : x > lambda ? x - bias : 0;
  }

  private static NdArray clip(OpCall call) {
    double low = bound(call, 1, "min", Double.NEGATIVE_INFINITY);
    double high = bound(call, 2, "max", Double.POSITIVE_INFINITY);
    return mapped(call.input(0), x -> clamp(x, low, high));
  }

  /** A bound is an attribute before operator set 11, and an input from there on. */
  private static double bound(OpCall call, int input, String attribute, double absent) {
    if (call.opset() < 11) {
      return call.node().attributes().containsKey(attribute) ? call.real(attribute, 0) : absent;
    }
    NdArray bound = call.optional(input);
    return bound == null || bound.size() == 0 ? absent : bound.values()[0];
  }
}
