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
import java.util.function.DoublePredicate;

/** Comparisons, logical operators and Where. */
final class Comparisons {
  static final Map<String, Operator> OPERATORS =
      Map.ofEntries(
          entry("Equal", comparing((a, b) -> a == b)),
          entry("Greater", comparing((a, b) -> a > b)),
          entry("GreaterOrEqual", comparing((a, b) -> a >= b)),
          entry("Less", comparing((a, b) -> a < b)),
          entry("LessOrEqual", comparing((a, b) -> a <= b)),
          entry("And", comparing((a, b) -> a != 0 && b != 0)),
          entry("Or", comparing((a, b) -> a != 0 || b != 0)),
          entry("Xor", comparing((a, b) -> (a != 0) != (b != 0))),
          entry("Not", testing(a -> a == 0)),
          entry("IsNaN", testing(Double::isNaN)),
          entry("IsInf", one(Comparisons::isInf)),
          entry("Where", one(Comparisons::where)));

  /** A relation of two numbers. */
  @FunctionalInterface
  private interface Relation {
    boolean holds(double a, double b);
  }

  private Comparisons() {}

  private static Operator comparing(Relation relation) {
    return one(
        call -> {
          NdArray first = call.input(0);
          NdArray second = Broadcast.aligned(call, first, call.input(1));
          return Arithmetic.combined(
              first, second, ElementType.BOOL, (a, b) -> relation.holds(a, b) ? 1 : 0);
        });
  }

  private static Operator testing(DoublePredicate test) {
    return one(call -> tested(call.input(0), test));
  }

  private static NdArray tested(NdArray array, DoublePredicate test) {
    return Activations.mapped(array, value -> test.test(value) ? 1 : 0).retyped(ElementType.BOOL);
  }

  private static NdArray isInf(OpCall call) {
    boolean positive = call.integer("detect_positive", 1) != 0;
    boolean negative = call.integer("detect_negative", 1) != 0;
    return tested(
        call.input(0), value -> Double.isInfinite(value) && (value > 0 ? positive : negative));
  }

  private static NdArray where(OpCall call) {
    Shape shape = Broadcast.shape(call.allInputs());
    List<double[]> values =
        call.allInputs().stream().map(input -> Broadcast.to(input, shape).values()).toList();
    double[] condition = values.get(0);
    double[] result = Strided.allocate(shape);
    for (int i = 0; i < result.length; i++) {
      result[i] = values.get(condition[i] != 0 ? 1 : 2)[i];
    }
    return NdArray.of(call.input(1).type(), shape, result);
  }
}
