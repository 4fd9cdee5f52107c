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
package dev.fusewright.io.archive;

import dev.fusewright.core.tensor.TensorSource;
import java.nio.ByteBuffer;

/**
 * A tensor's window on its storage, read in row-major order whatever its strides are.
 *
 * <p>A contiguous view (of any offset) is a region of the file. Another one (transposed, channels
 * last, expanded, sliced) is gathered from the mapped storage, run by run, in memory that does not
 * grow with it.
 */
public final class StridedSource implements TensorSource {
  /** Bytes from which on a read costs less than copying from the map. */
  private static final int LONG_RUN = 4096;

  private final RecordBytes record;
  private final long offset;
  private final long[] sizes;
  private final long[] strides;
  private final int elementBytes;
  private final boolean contiguous;

  /**
   * A view; whoever makes one has checked that every element lies within the record.
   *
   * @param offset of the first element, in elements
   * @param strides in elements
   */
  public StridedSource(
      RecordBytes record, long offset, long[] sizes, long[] strides, int elementBytes) {
    this.record = record;
    this.offset = offset;
    this.sizes = sizes.clone();
    this.strides = strides.clone();
    this.elementBytes = elementBytes;
    this.contiguous = isContiguous(sizes, strides);
  }

  /** Whether elements lie side by side in row-major order; axes of size 1 do not count. */
  public static boolean isContiguous(long[] sizes, long[] strides) {
    long expected = 1;
    for (int axis = sizes.length - 1; axis >= 0; axis--) {
      if (sizes[axis] == 0) {
        return true;
      }
      if (sizes[axis] != 1 && strides[axis] != expected) {
        return false;
      }
      expected *= sizes[axis];
    }
    return true;
  }

  @Override
  public void read(long from, ByteBuffer destination) {
    long base = offset * elementBytes;
    if (contiguous) {
      record.read(base + from, destination);
      return;
    }
    int rank = sizes.length;
    long[] index = new long[rank];
    long rest = from / elementBytes;
    for (int axis = rank - 1; axis >= 0; axis--) {
      index[axis] = rest % sizes[axis];
      rest /= sizes[axis];
    }
    int last = rank - 1;
    while (destination.hasRemaining()) {
      long position = base;
      for (int axis = 0; axis < rank; axis++) {
        position += index[axis] * strides[axis] * elementBytes;
      }
      int run = (int) Math.min(sizes[last] - index[last], destination.remaining() / elementBytes);
      if (strides[last] == 1 && run * elementBytes >= LONG_RUN) {
        int limit = destination.limit();
        destination.limit(destination.position() + run * elementBytes);
        record.read(position, destination);
        destination.limit(limit);
      } else {
        gather(position, strides[last] * elementBytes, run, destination);
      }
      index[last] += run;
      for (int axis = last; axis > 0 && index[axis] == sizes[axis]; axis--) {
        index[axis] = 0;
        index[axis - 1]++;
      }
    }
  }

  /** Elements do not straddle segments: a segment's size is a multiple of every element's. */
  private void gather(long from, long step, int count, ByteBuffer destination) {
    long position = from;
    for (int i = 0; i < count; i++) {
      ByteBuffer segment = record.segment(position);
      int at = RecordBytes.inSegment(position);
      switch (elementBytes) {
        case 4 -> {
          destination.put(segment.get(at)).put(segment.get(at + 1));
          destination.put(segment.get(at + 2)).put(segment.get(at + 3));
        }
        case 1 -> destination.put(segment.get(at));
        default ->
            destination
                .put(destination.position(), segment, at, elementBytes)
                .position(destination.position() + elementBytes);
      }
      position += step;
    }
  }
}
