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
import java.util.Map;

/**
 * Cast and CastLike. To an integer type, a value is truncated towards zero and nothing more: a
 * value that does not fit stays what it is. To a floating-point type, nothing is rounded.
 */
final class Casts {
  static final Map<String, Operator> OPERATORS =
      Map.ofEntries(
          entry("Cast", one(call -> cast(call.input(0), target(call)))),
          entry("CastLike", one(call -> cast(call.input(0), call.input(1).type()))));

  private Casts() {}

  private static ElementType target(OpCall call) {
    // Before operator set 6 the type is spelled out.
    String spelled = call.text("to", "");
    return spelled.isEmpty() ? type(call, call.integer("to", 0)) : ElementType.valueOf(spelled);
  }

  /** The type that {@code TensorProto.DataType} gives this number. */
  static ElementType type(OpCall call, long number) {
    return ElementType.ofNumber(number)
        .filter(type -> type != ElementType.UNDEFINED)
        .orElseThrow(() -> call.unsupported("element type " + number));
  }

  static NdArray cast(NdArray array, ElementType type) {
    if (type == ElementType.BOOL) {
      return Activations.mapped(array, value -> value != 0 ? 1 : 0).retyped(type);
    }
    return (isInteger(type) ? Activations.mapped(array, Casts::truncated) : array).retyped(type);
  }

  /** Towards zero; zero if it is not a number. */
  static double truncated(double value) {
    return Double.isNaN(value) ? 0 : value < 0 ? Math.ceil(value) : Math.floor(value);
  }

  static boolean isInteger(ElementType type) {
    return switch (type) {
      case UINT8, INT8, UINT16, INT16, INT32, INT64, UINT32, UINT64, UINT4, INT4, UINT2, INT2 ->
          true;
      case UNDEFINED,
          FLOAT,
          STRING,
          BOOL,
          FLOAT16,
          DOUBLE,
          COMPLEX64,
          COMPLEX128,
          BFLOAT16,
          FLOAT8E4M3FN,
          FLOAT8E4M3FNUZ,
          FLOAT8E5M2,
          FLOAT8E5M2FNUZ,
          FLOAT4E2M1,
          FLOAT8E8M0 ->
          false;
    };
  }
}
