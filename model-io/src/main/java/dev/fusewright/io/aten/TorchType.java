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
package dev.fusewright.io.aten;

import dev.fusewright.core.tensor.ElementType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** PyTorch's element types, with the names that pickles use for them. */
public enum TorchType {
  FLOAT32("FloatStorage", "float32", 4, ElementType.FLOAT),
  FLOAT64("DoubleStorage", "float64", 8, ElementType.DOUBLE),
  FLOAT16("HalfStorage", "float16", 2, ElementType.FLOAT16),
  BFLOAT16("BFloat16Storage", "bfloat16", 2, ElementType.BFLOAT16),
  INT64("LongStorage", "int64", 8, ElementType.INT64),
  INT32("IntStorage", "int32", 4, ElementType.INT32),
  INT16("ShortStorage", "int16", 2, ElementType.INT16),
  INT8("CharStorage", "int8", 1, ElementType.INT8),
  UINT8("ByteStorage", "uint8", 1, ElementType.UINT8),
  BOOL("BoolStorage", "bool", 1, ElementType.BOOL),
  COMPLEX64("ComplexFloatStorage", "complex64", 8, ElementType.COMPLEX64),
  COMPLEX128("ComplexDoubleStorage", "complex128", 16, ElementType.COMPLEX128),
  COMPLEX32("ComplexHalfStorage", "complex32", 4, null),
  QINT8("QInt8Storage", "qint8", 1, null),
  QUINT8("QUInt8Storage", "quint8", 1, null),
  QINT32("QInt32Storage", "qint32", 4, null),
  QUINT4X2("QUInt4x2Storage", "quint4x2", 1, null),
  QUINT2X4("QUInt2x4Storage", "quint2x4", 1, null),
  // These have no storage class of their own: they come as bytes, with the type beside them.
  UINT16("", "uint16", 2, ElementType.UINT16),
  UINT32("", "uint32", 4, ElementType.UINT32),
  UINT64("", "uint64", 8, ElementType.UINT64),
  FLOAT8_E4M3FN("", "float8_e4m3fn", 1, ElementType.FLOAT8E4M3FN),
  FLOAT8_E4M3FNUZ("", "float8_e4m3fnuz", 1, ElementType.FLOAT8E4M3FNUZ),
  FLOAT8_E5M2("", "float8_e5m2", 1, ElementType.FLOAT8E5M2),
  FLOAT8_E5M2FNUZ("", "float8_e5m2fnuz", 1, ElementType.FLOAT8E5M2FNUZ),
  FLOAT8_E8M0FNU("", "float8_e8m0fnu", 1, ElementType.FLOAT8E8M0),
  FLOAT4_E2M1FN_X2("", "float4_e2m1fn_x2", 1, null),
  BITS1X8("", "bits1x8", 1, null),
  BITS2X4("", "bits2x4", 1, null),
  BITS4X2("", "bits4x2", 1, null),
  BITS8("", "bits8", 1, null),
  BITS16("", "bits16", 2, null),
  UINT1("", "uint1", 1, null),
  UINT2("", "uint2", 1, null),
  UINT3("", "uint3", 1, null),
  UINT4("", "uint4", 1, null),
  UINT5("", "uint5", 1, null),
  UINT6("", "uint6", 1, null),
  UINT7("", "uint7", 1, null),
  INT1("", "int1", 1, null),
  INT2("", "int2", 1, null),
  INT3("", "int3", 1, null),
  INT4("", "int4", 1, null),
  INT5("", "int5", 1, null),
  INT6("", "int6", 1, null),
  INT7("", "int7", 1, null),
  UNTYPED("UntypedStorage", "", 1, null);

  private final String storageClass;
  private final String dtype;
  private final int bytes;
  private final @Nullable ElementType elementType;

  TorchType(String storageClass, String dtype, int bytes, @Nullable ElementType elementType) {
    this.storageClass = storageClass;
    this.dtype = dtype;
    this.bytes = bytes;
    this.elementType = elementType;
  }

  /** The storage class, such as {@code FloatStorage}; empty for types that are stored untyped. */
  public String storageClass() {
    return storageClass;
  }

  /** The name below {@code torch.}, such as {@code float32}. */
  public String dtype() {
    return dtype;
  }

  /** Bytes of one element in a storage. */
  public int bytes() {
    return bytes;
  }

  /** Bytes of what another byte order swaps: of an element, or of each part of a complex one. */
  public int swapped() {
    return switch (this) {
      case COMPLEX32, COMPLEX64, COMPLEX128 -> bytes / 2;
      case FLOAT32,
          FLOAT64,
          FLOAT16,
          BFLOAT16,
          INT64,
          INT32,
          INT16,
          INT8,
          UINT8,
          BOOL,
          QINT8,
          QUINT8,
          QINT32,
          QUINT4X2,
          QUINT2X4,
          UINT16,
          UINT32,
          UINT64,
          FLOAT8_E4M3FN,
          FLOAT8_E4M3FNUZ,
          FLOAT8_E5M2,
          FLOAT8_E5M2FNUZ,
          FLOAT8_E8M0FNU,
          FLOAT4_E2M1FN_X2,
          BITS1X8,
          BITS2X4,
          BITS4X2,
          BITS8,
          BITS16,
          UINT1,
          UINT2,
          UINT3,
          UINT4,
          UINT5,
          UINT6,
          UINT7,
          INT1,
          INT2,
          INT3,
          INT4,
          INT5,
          INT6,
          INT7,
          UNTYPED ->
          bytes;
    };
  }

  /** The type in our terms; empty for what is only carried. */
  public Optional<ElementType> elementType() {
    return Optional.ofNullable(elementType);
  }

  public static Optional<TorchType> ofStorageClass(String name) {
    if (name.equals("TypedStorage")) {
      return Optional.of(UNTYPED);
    }
    for (TorchType type : values()) {
      if (!type.storageClass.isEmpty() && type.storageClass.equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  public static Optional<TorchType> ofDtype(String name) {
    for (TorchType type : values()) {
      if (!type.dtype.isEmpty() && type.dtype.equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  public static Optional<TorchType> of(ElementType elementType) {
    for (TorchType type : values()) {
      if (type.elementType == elementType) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
