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

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A small tensor held on the heap: a bias, a vector of statistics, an axis list. */
public final class LiteralTensor implements Tensor {
  private final ElementType type;
  private final Shape shape;
  private final byte[] bytes;

  private LiteralTensor(ElementType type, Shape shape, byte[] bytes) {
    this.type = type;
    this.shape = shape;
    this.bytes = bytes;
    if (bytes.length != byteCount()) {
      throw new IllegalArgumentException(
          "%s%s needs %d bytes, got %d".formatted(type.text(), shape, byteCount(), bytes.length));
    }
  }

  /**
   * A tensor over a copy of canonical bytes.
   *
   * @throws IllegalArgumentException if there are more or fewer bytes than type and shape say
   */
  public static LiteralTensor ofBytes(ElementType type, Shape shape, byte[] bytes) {
    return new LiteralTensor(type, shape, bytes.clone());
  }

  /** Values rounded once, to nearest even, into {@code type}. */
  public static LiteralTensor ofDoubles(ElementType type, Shape shape, double... values) {
    byte[] bytes = new byte[Math.toIntExact(type.bytes(values.length))];
    ElementCodec.of(type)
        .encode(values, 0, values.length, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    return new LiteralTensor(type, shape, bytes);
  }

  /** A float32 tensor. */
  public static LiteralTensor ofFloats(Shape shape, float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return new LiteralTensor(ElementType.FLOAT, shape, bytes.array());
  }

  /** A one-dimensional int64 tensor. */
  public static LiteralTensor ofLongs(long... values) {
    return ofLongs(Shape.of(values.length), values);
  }

  /** An int64 tensor. */
  public static LiteralTensor ofLongs(Shape shape, long... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    return new LiteralTensor(ElementType.INT64, shape, bytes.array());
  }

  @Override
  public ElementType type() {
    return type;
  }

  @Override
  public Shape shape() {
    return shape;
  }

  @Override
  public void read(long offset, ByteBuffer destination) {
    destination.put(bytes, Math.toIntExact(offset), destination.remaining());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LiteralTensor that
        && type == that.type
        && shape.equals(that.shape)
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return 31 * shape.hashCode() + Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "LiteralTensor[" + type.text() + shape + "]";
  }
}
