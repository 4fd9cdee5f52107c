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
package dev.fusewright.io.torchscript;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Operators on numbers, flags and None, computed where all that they read is known. */
final class Scalars {
  private static final Set<String> OF_NUMBERS =
      Set.of(
          "eq",
          "ne",
          "lt",
          "le",
          "gt",
          "ge",
          "add",
          "sub",
          "mul",
          "div",
          "floordiv",
          "remainder",
          "neg",
          "__not__",
          "__is__",
          "__isnot__",
          "__and__",
          "__or__",
          "__contains__",
          "floor",
          "ceil",
          "sqrt",
          "pow",
          "min",
          "max",
          "len",
          "format",
          "str",
          "join");

  private Scalars() {}

  /** Whether an operator gives a number if it reads no tensor. */
  static boolean isOfNumbers(String operator) {
    return OF_NUMBERS.contains(operator);
  }

  /** The result; null if it is not known. */
  static Value.@Nullable Known compute(String operator, List<Value> arguments) {
    if (operator.equals("__is__") || operator.equals("__isnot__")) {
      return null; // Whether something is None is for whoever knows tensors.
    }
    if (!arguments.stream().allMatch(Value.Known.class::isInstance)) {
      return null;
    }
    List<Value.Known> known = arguments.stream().map(Value.Known.class::cast).toList();
    Object result =
        switch (known.size()) {
          case 1 -> unary(operator, known.get(0).value());
          case 2 -> binary(operator, known.get(0).value(), known.get(1).value());
          default -> null;
        };
    if (result == null) {
      return null;
    }
    boolean isExample = known.stream().anyMatch(one -> one.certainty() == Value.Certainty.EXAMPLE);
    Value.Place place =
        known.stream().map(Value.Known::place).filter(Objects::nonNull).findFirst().orElse(null);
    return new Value.Known(
        result, place, isExample ? Value.Certainty.EXAMPLE : Value.Certainty.ALWAYS);
  }

  private static @Nullable Object unary(String operator, @Nullable Object value) {
    if (operator.equals("__not__") && value instanceof Boolean flag) {
      return !flag;
    } else if (operator.equals("neg") && value instanceof Long number) {
      return -number;
    } else if (operator.equals("neg") && value instanceof Double number) {
      return -number;
    }
    return null;
  }

  private static @Nullable Object binary(
      String operator, @Nullable Object first, @Nullable Object second) {
    if (first instanceof Boolean a && second instanceof Boolean b) {
      return switch (operator) {
        case "__and__" -> a && b;
        case "__or__" -> a || b;
        case "eq" -> a.equals(b);
        case "ne" -> !a.equals(b);
        default -> null;
      };
    } else if (first instanceof String a && second instanceof String b) {
      return switch (operator) {
        case "eq" -> a.equals(b);
        case "ne" -> !a.equals(b);
        default -> null;
      };
    } else if (first instanceof Long a && second instanceof Long b) {
      return whole(operator, a, b);
    } else if (first instanceof Number a && second instanceof Number b) {
      return real(operator, a.doubleValue(), b.doubleValue());
    }
    return null;
  }

  private static @Nullable Object whole(String operator, long a, long b) {
    return switch (operator) {
      case "add" -> a + b;
      case "sub" -> a - b;
      case "mul" -> a * b;
      case "floordiv" -> b == 0 ? null : (Object) Math.floorDiv(a, b);
      case "remainder" -> b == 0 ? null : (Object) Math.floorMod(a, b);
      default -> compared(operator, Long.compare(a, b));
    };
  }

  private static @Nullable Object real(String operator, double a, double b) {
    if (Double.isNaN(a) || Double.isNaN(b)) {
      return null;
    }
    return switch (operator) {
      case "add" -> a + b;
      case "sub" -> a - b;
      case "mul" -> a * b;
      case "div" -> a / b;
      default -> compared(operator, a < b ? -1 : a > b ? 1 : 0);
    };
  }

  private static @Nullable Object compared(String operator, int order) {
    return switch (operator) {
      case "eq" -> order == 0;
      case "ne" -> order != 0;
      case "lt" -> order < 0;
      case "le" -> order <= 0;
      case "gt" -> order > 0;
      case "ge" -> order >= 0;
      default -> null;
    };
  }
}
