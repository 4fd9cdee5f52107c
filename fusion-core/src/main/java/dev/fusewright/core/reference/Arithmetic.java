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

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;

/** Arithmetic of two or more operands, with broadcasting. */
final class Arithmetic {
  static final Map<String, Operator> OPERATORS =
      Map.ofEntries(
          entry("Add", binary(Double::sum)),
          entry("Sub", binary((a, b) -> a - b)),
          entry("Mul", binary((a, b) -> a * b)),
          entry("Div", binary((a, b) -> a / b)),
          entry("Pow", binary(Math::pow)),
          entry("PRelu", one(Arithmetic::prelu)),
          entry("Mod", one(Arithmetic::mod)),
          entry("Sum", folded(Double::sum)),
          entry("Min", folded(Math::min)),
          entry("Max", folded(Math::max)),
          entry("Mean", one(Arithmetic::mean)));

  private Arithmetic() {}

  /** Two operands; the result has the type of the first, and an integer one is truncated. */
  private static Operator binary(DoubleBinaryOperator operation) {
    return one(
        call -> {
          NdArray first = call.input(0);
          NdArray second = Broadcast.aligned(call, first, call.input(1));
          return combined(first, second, first.type(), truncating(first.type(), operation));
        });
  }

  private static DoubleBinaryOperator truncating(ElementType type, DoubleBinaryOperator operation) {
    return Casts.isInteger(type)
        ? (a, b) -> Casts.truncated(operation.applyAsDouble(a, b))
        : operation;
  }

  /** {@code operation} on every pair of elements after broadcasting. */
  static NdArray combined(
      NdArray first, NdArray second, ElementType type, DoubleBinaryOperator operation) {
    Shape shape = Broadcast.shape(List.of(first, second));
    double[] a = Broadcast.to(first, shape).values();
    double[] b = Broadcast.to(second, shape).values();
    double[] result = Strided.allocate(shape);
    for (int i = 0; i < result.length; i++) {
      result[i] = operation.applyAsDouble(a[i], b[i]);
    }
    return NdArray.of(type, shape, result);
  }

  private static Operator folded(DoubleBinaryOperator operation) {
    return one(call -> fold(call, operation));
  }

  private static NdArray fold(OpCall call, DoubleBinaryOperator operation) {
    NdArray result = call.input(0);
    for (int i = 1; i < call.inputCount(); i++) {
      result = combined(result, call.input(i), result.type(), operation);
    }
    return result;
  }

  private static NdArray mean(OpCall call) {
    return Activations.mapped(fold(call, Double::sum), sum -> sum / call.inputCount());
  }

  private static NdArray prelu(OpCall call) {
    NdArray x = call.input(0);
    NdArray slope = call.input(1);
    if (call.opset() < 7 && slope.rank() == 1 && slope.size() > 1) {
      // Before operator set 7 a one-dimensional slope is per channel.
      slope = slope.reshaped(perChannel(slope.size(), x.rank()));
    }
    return combined(x, slope, x.type(), (value, by) -> value < 0 ? value * by : value);
  }

  /** The shape of one value per channel (axis 1) of an array with {@code rank} axes. */
  static Shape perChannel(int channels, int rank) {
    long[] dims = new long[rank];
    java.util.Arrays.fill(dims, 1);
    dims[1] = channels;
    return Shape.of(dims);
  }

  private static NdArray mod(OpCall call) {
    // As in C with fmod, else with the sign of the divisor as in Python.
    DoubleBinaryOperator operation =
        call.flag("fmod")
            ? (a, b) -> a % b
            : (a, b) -> {
              double rest = a % b;
              return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
            };
    return combined(call.input(0), call.input(1), call.input(0).type(), operation);
  }
}
