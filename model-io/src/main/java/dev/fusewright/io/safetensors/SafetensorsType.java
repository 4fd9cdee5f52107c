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
package dev.fusewright.io.safetensors;

import dev.fusewright.core.tensor.ElementType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The format's element types, in the order in which the reference implementation sorts them,
 * smallest first.
 */
enum SafetensorsType {
  BOOL(8, ElementType.BOOL),
  F4(4, ElementType.FLOAT4E2M1),
  F6_E2M3(6, null),
  F6_E3M2(6, null),
  U8(8, ElementType.UINT8),
  I8(8, ElementType.INT8),
  F8_E5M2(8, ElementType.FLOAT8E5M2),
  F8_E4M3(8, ElementType.FLOAT8E4M3FN),
  F8_E8M0(8, ElementType.FLOAT8E8M0),
  F8_E4M3FNUZ(8, ElementType.FLOAT8E4M3FNUZ),
  F8_E5M2FNUZ(8, ElementType.FLOAT8E5M2FNUZ),
  I16(16, ElementType.INT16),
  U16(16, ElementType.UINT16),
  F16(16, ElementType.FLOAT16),
  BF16(16, ElementType.BFLOAT16),
  I32(32, ElementType.INT32),
  U32(32, ElementType.UINT32),
  F32(32, ElementType.FLOAT),
  C64(64, ElementType.COMPLEX64),
  F64(64, ElementType.DOUBLE),
  I64(64, ElementType.INT64),
  U64(64, ElementType.UINT64);

  private final int bits;
  private final @Nullable ElementType elementType;

  SafetensorsType(int bits, @Nullable ElementType elementType) {
    this.bits = bits;
    this.elementType = elementType;
  }

  int bits() {
    return bits;
  }

  /** The type in our terms; empty for what is only carried. */
  Optional<ElementType> elementType() {
    return Optional.ofNullable(elementType);
  }

  static Optional<SafetensorsType> ofName(String name) {
    for (SafetensorsType type : values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  static Optional<SafetensorsType> of(ElementType elementType) {
    for (SafetensorsType type : values()) {
      if (type.elementType == elementType) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
