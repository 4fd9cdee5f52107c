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
package dev.fusewright.io.format;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FloatFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Counts what a fold may have done to the elements of a tensor, while they are written.
 *
 * <p>Floating-point types are ordered by their bits when the sign is taken away: zero, subnormal,
 * normal, infinite, NaN. A chunk of float32 that are all normal needs no counting, and finding that
 * out is fast.
 */
public final class ElementCensus {
  private static final int CHUNK = 1 << 12;
  private static final int NORMAL_FLOAT = (int) FloatFormat.SINGLE.smallestNormalBits();

  private final FloatFormat format;
  private int[] chunk = {};
  private long nonFinite;
  private long subnormal;
  private long zero;

  /** A census of a tensor of this type; other types than floating-point have nothing to count. */
  public ElementCensus(ElementType type) {
    this.format = FloatFormat.of(type);
  }

  /** Elements so far that are infinite or NaN. */
  public long nonFinite() {
    return nonFinite;
  }

  /** Elements so far below the type's smallest normal number, and not zero. */
  public long subnormal() {
    return subnormal;
  }

  /** Elements so far that are zero, of either sign. */
  public long zero() {
    return zero;
  }

  /** Takes what another census of the same tensor has counted. */
  public void add(ElementCensus other) {
    nonFinite += other.nonFinite;
    subnormal += other.subnormal;
    zero += other.zero;
  }

  /**
   * Takes the elements between position and limit of {@code bytes}, and leaves both as they are.
   */
  public void add(ByteBuffer bytes) {
    ByteBuffer elements = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    switch (format) {
      case SINGLE -> addFloats(elements);
      case HALF, BRAIN -> addShorts(elements);
      case DOUBLE -> addDoubles(elements);
      case NONE -> {}
    }
  }

  private void addFloats(ByteBuffer elements) {
    var ints = elements.asIntBuffer();
    if (chunk.length < Math.min(CHUNK, ints.remaining())) {
      chunk = new int[Math.min(CHUNK, ints.remaining())];
    }
    while (ints.hasRemaining()) {
      int count = Math.min(chunk.length, ints.remaining());
      ints.get(chunk, 0, count);
      if (abnormal(count) > 0) {
        for (int i = 0; i < count; i++) {
          classify(chunk[i] & Integer.MAX_VALUE);
        }
      }
    }
  }

  /**
   * How many floats of the chunk are no normal numbers. The magnitude of one that is not turns
   * negative when the smallest normal one is subtracted from it, or added to it; adding up sign
   * bits is what Java 17 vectorizes.
   */
  private int abnormal(int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
      int magnitude = chunk[i] & Integer.MAX_VALUE;
      sum += ((magnitude - NORMAL_FLOAT) | (magnitude + NORMAL_FLOAT)) >>> 31;
    }
    return sum;
  }

  private void addShorts(ByteBuffer elements) {
    var shorts = elements.asShortBuffer();
    while (shorts.hasRemaining()) {
      classify(shorts.get() & Short.MAX_VALUE);
    }
  }

  private void addDoubles(ByteBuffer elements) {
    var longs = elements.asLongBuffer();
    while (longs.hasRemaining()) {
      classify(longs.get() & Long.MAX_VALUE);
    }
  }

  private void classify(long magnitude) {
    if (magnitude >= format.infinityBits()) {
      nonFinite++;
    } else if (magnitude == 0) {
      zero++;
    } else if (magnitude < format.smallestNormalBits()) {
      subnormal++;
    }
  }
}
