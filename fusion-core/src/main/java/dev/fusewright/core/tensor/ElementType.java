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
package dev.fusewright.core.tensor;

import java.util.Optional;

/**
 * The element types of ONNX's {@code TensorProto.DataType}, in the order of their numbers there and
 * under the names of ONNX's text form.
 */
public enum ElementType {
  UNDEFINED("undefined", 0),
  FLOAT("float", 32),
  UINT8("uint8", 8),
  INT8("int8", 8),
  UINT16("uint16", 16),
  INT16("int16", 16),
  INT32("int32", 32),
  INT64("int64", 64),
  STRING("string", 0),
  BOOL("bool", 8),
  FLOAT16("float16", 16),
  DOUBLE("double", 64),
  UINT32("uint32", 32),
  UINT64("uint64", 64),
  COMPLEX64("complex64", 64),
  COMPLEX128("complex128", 128),
  BFLOAT16("bfloat16", 16),
  FLOAT8E4M3FN("float8e4m3fn", 8),
  FLOAT8E4M3FNUZ("float8e4m3fnuz", 8),
  FLOAT8E5M2("float8e5m2", 8),
  FLOAT8E5M2FNUZ("float8e5m2fnuz", 8),
  UINT4("uint4", 4),
  INT4("int4", 4),
  FLOAT4E2M1("float4e2m1", 4),
  FLOAT8E8M0("float8e8m0", 8),
  UINT2("uint2", 2),
  INT2("int2", 2);

  private final String text;
  private final int bits;

  ElementType(String text, int bits) {
    this.text = text;
    this.bits = bits;
  }

  /** The name in ONNX's text form, for example {@code float16}. */
  public String text() {
    return text;
  }

  /**
   * Bits of one packed element; 0 for {@link #STRING} and {@link #UNDEFINED}, which have no fixed
   * size.
   */
  public int bits() {
    return bits;
  }

  /** Bytes of {@code elements} packed elements, the last byte padded. */
  public long bytes(long elements) {
    return bits >= 8
        ? Math.multiplyExact(elements, bits / 8L)
        : (Math.multiplyExact(elements, (long) bits) + 7) / 8;
  }

  /** The floating-point types that a fold can be stored in. */
  public boolean isFoldable() {
    return this == FLOAT || this == DOUBLE || this == FLOAT16 || this == BFLOAT16;
  }

  /** The number in {@code TensorProto.DataType}, which is also what Cast's {@code to} holds. */
  @SuppressWarnings("EnumOrdinal") // The constants are declared in the order of ONNX's numbers.
  public int number() {
    return ordinal();
  }

  /** The type with this number in {@code TensorProto.DataType}. */
  public static Optional<ElementType> ofNumber(long number) {
    return number >= 0 && number < values().length
        ? Optional.of(values()[(int) number])
        : Optional.empty();
  }

  /** The type called {@code text} in ONNX's text form. */
  public static Optional<ElementType> ofText(String text) {
    for (ElementType type : values()) {
      if (type.text.equals(text)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
