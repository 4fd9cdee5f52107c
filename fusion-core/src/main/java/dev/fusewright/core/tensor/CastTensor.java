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

/**
 * ONNX's Cast between the numeric types that have an {@link ElementCodec}: rounded once, to nearest
 * even.
 */
public record CastTensor(Tensor source, ElementType type) implements Tensor {
  private static final int CHUNK = 4096;

  @Override
  public Shape shape() {
    return source.shape();
  }

  @Override
  public void read(long offset, ByteBuffer destination) {
    int to = type.bits() / 8;
    int from = source.type().bits() / 8;
    double[] values = new double[CHUNK];
    ByteBuffer bytes = ByteBuffer.allocate(CHUNK * from).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer out = destination.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    long element = offset / to;
    while (out.hasRemaining()) {
      int count = Math.min(CHUNK, out.remaining() / to);
      bytes.clear().limit(count * from);
      source.read(element * from, bytes);
      ElementCodec.of(source.type()).decode(bytes.flip(), values, 0, count);
      ElementCodec.of(type).encode(values, 0, count, out);
      element += count;
    }
    destination.position(out.position());
  }
}
