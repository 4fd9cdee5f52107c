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
package dev.fusewright.pipeline.files;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.util.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * Decoder of one block, which is in memory. A length is held against the bytes that are left before
 * anything is made of that size; Avro's own makes it first.
 */
final class BlockDecoder extends Decoder {
  private final ByteArrayInputStream block;

  /** Without a buffer of its own: what is left in the block is left to it. */
  private final BinaryDecoder values;

  BlockDecoder(byte[] block) {
    this.block = new ByteArrayInputStream(block);
    this.values = DecoderFactory.get().directBinaryDecoder(this.block, null);
  }

  /** Bytes of the block that were not read yet. */
  int left() {
    return block.available();
  }

  private int length(long length) {
    if (length < 0 || length > left()) {
      throw new AvroRuntimeException(
          "a length of %d, with %d bytes left in the block".formatted(length, left()));
    }
    return (int) length;
  }

  @Override
  public void readNull() throws IOException {
    values.readNull();
  }

  @Override
  public boolean readBoolean() throws IOException {
    return values.readBoolean();
  }

  @Override
  public int readInt() throws IOException {
    return values.readInt();
  }

  @Override
  public long readLong() throws IOException {
    return values.readLong();
  }

  @Override
  public float readFloat() throws IOException {
    return values.readFloat();
  }

  @Override
  public double readDouble() throws IOException {
    return values.readDouble();
  }

  @Override
  public Utf8 readString(@Nullable Utf8 old) throws IOException {
    return new Utf8(bytes());
  }

  @Override
  public String readString() throws IOException {
    return readString(null).toString();
  }

  private byte[] bytes() throws IOException {
    byte[] bytes = new byte[length(values.readLong())];
    values.readFixed(bytes);
    return bytes;
  }

  @Override
  public ByteBuffer readBytes(@Nullable ByteBuffer old) throws IOException {
    return ByteBuffer.wrap(bytes());
  }

  @Override
  public void skipString() throws IOException {
    bytes();
  }

  @Override
  public void skipBytes() throws IOException {
    bytes();
  }

  @Override
  public void readFixed(byte[] bytes, int start, int length) throws IOException {
    values.readFixed(bytes, start, length(length));
  }

  @Override
  public void skipFixed(int length) throws IOException {
    values.skipFixed(length(length));
  }

  @Override
  public int readEnum() throws IOException {
    return values.readEnum();
  }

  @Override
  public int readIndex() throws IOException {
    return values.readIndex();
  }

  @Override
  public long readArrayStart() throws IOException {
    return items();
  }

  @Override
  public long arrayNext() throws IOException {
    return items();
  }

  @Override
  public long readMapStart() throws IOException {
    return items();
  }

  @Override
  public long mapNext() throws IOException {
    return items();
  }

  /** No item takes less than a byte: one of no bytes could be there for ever. */
  private long items() throws IOException {
    long items = values.readLong();
    if (items < 0) {
      length(values.readLong());
      items = items == Long.MIN_VALUE ? Long.MAX_VALUE : -items;
    }
    return length(items);
  }

  /** A block of items may say its bytes, and is then skipped as a whole. */
  private long skipItems() throws IOException {
    long items = values.readLong();
    while (items < 0) {
      values.skipFixed(length(values.readLong()));
      items = values.readLong();
    }
    return length(items);
  }

  @Override
  public long skipArray() throws IOException {
    return skipItems();
  }

  @Override
  public long skipMap() throws IOException {
    return skipItems();
  }
}
