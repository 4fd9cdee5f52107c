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
package dev.fusewright.core.text;

import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.TensorSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The numbers behind {@code random(seed)}, uniform from {@code low} to below {@code high}: the same
 * everywhere and for ever, made when they are read.
 *
 * <p>SplitMix64 starting at the seed; its upper 53 bits, divided by 2<sup>53</sup>, are uniform in
 * [0, 1).
 */
record SeededValues(ElementType type, long seed, double low, double high) implements TensorSource {
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
  private static final int CHUNK = 1024;

  @Override
  public void read(long offset, ByteBuffer destination) {
    ByteBuffer out = destination.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int size = type.bits() / 8;
    long first = offset / size;
    while (out.remaining() >= size) {
      double[] values = new double[Math.min(CHUNK, out.remaining() / size)];
      for (int i = 0; i < values.length; i++) {
        values[i] = low + (high - low) * ((mixed(first + i) >>> 11) * 0x1p-53);
      }
      ElementCodec.of(type).encode(values, 0, values.length, out);
      first += values.length;
    }
    destination.position(out.position());
  }

  private long mixed(long index) {
    long z = seed + (index + 1) * GOLDEN_GAMMA;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
