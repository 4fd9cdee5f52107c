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

/** Reads parts of a tensor as doubles into one array. */
public final class ChunkReader {
  private final Tensor tensor;
  private final double[] values;
  private final int size;
  private final ByteBuffer bytes;

  /** A reader into {@code values}, which takes as many elements at a time as that has room for. */
  public ChunkReader(Tensor tensor, double[] values) {
    this.tensor = tensor;
    this.values = values;
    this.size = tensor.type().bits() / 8;
    this.bytes = ByteBuffer.allocate(values.length * size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads {@code count} elements from {@code first} on into the beginning of the array. */
  public void read(long first, int count) {
    bytes.clear().limit(count * size);
    tensor.read(first * size, bytes);
    ElementCodec.of(tensor.type()).decode(bytes.flip(), values, 0, count);
  }
}
