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
package dev.fusewright.io.onnx;

import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.tensor.TensorSource;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Tensor bytes that lie in a file as varints: {@code int32_data}, {@code int64_data} and {@code
 * uint64_data}.
 *
 * <p>Elements have no fixed place, so the source is made by one pass over them that counts them and
 * remembers where every {@value #STEP}th begins.
 */
final class VarintSource implements TensorSource {
  private static final int STEP = 1 << 12;
  private static final int BUFFER = 1 << 14;

  private final FileBytes file;
  private final Runs runs;
  private final int width;
  private final long count;
  private final long[] marks;

  private VarintSource(FileBytes file, Runs runs, int width, long count, long[] marks) {
    this.file = file;
    this.runs = runs;
    this.width = width;
    this.count = count;
    this.marks = marks;
  }

  /**
   * Counts the elements.
   *
   * @param width canonical bytes per varint: the low ones of its value
   * @throws MalformedFileException if a run ends inside an element
   */
  static VarintSource of(FileBytes file, Runs runs, int width) {
    long[] marks = new long[1];
    long count = 0;
    Walk walk = new Walk(file, runs);
    while (walk.hasNext()) {
      if (count % STEP == 0) {
        int mark = (int) (count / STEP);
        if (mark == marks.length) {
          marks = Arrays.copyOf(marks, mark * 2);
        }
        marks[mark] = walk.position();
      }
      walk.next();
      count++;
    }
    return new VarintSource(file, runs, width, count, marks);
  }

  /** How many elements there are. */
  long count() {
    return count;
  }

  @Override
  public void read(long offset, ByteBuffer destination) {
    long element = offset / width;
    int elements = destination.remaining() / width;
    if (elements == 0) {
      return;
    }
    if (element + elements > count) {
      throw new TensorReadException(
          "%s: element %d of a tensor of %d".formatted(file.path(), element + elements - 1, count),
          null);
    }
    try {
      Walk walk = new Walk(file, runs);
      walk.seek(marks[(int) (element / STEP)]);
      for (long skipped = element / STEP * STEP; skipped < element; skipped++) {
        walk.next();
      }
      for (int i = 0; i < elements; i++) {
        long value = walk.next();
        for (int b = 0; b < width; b++) {
          destination.put((byte) (value >>> (8 * b)));
        }
      }
    } catch (CheckpointException e) {
      throw new TensorReadException(String.valueOf(e.getMessage()), e);
    }
  }

  /** One pass over the elements; positions are those of the file. */
  private static final class Walk {
    private final FileBytes file;
    private final Runs runs;
    private final byte[] buffer;
    private int run;
    private int at;
    private int limit;
    private long bufferStart;

    Walk(FileBytes file, Runs runs) {
      this.file = file;
      this.runs = runs;
      long bytes = runs.count() == 0 ? 0 : runs.end(runs.count() - 1) - runs.start(0);
      buffer = new byte[(int) Math.min(bytes, BUFFER)];
      bufferStart = runs.count() == 0 ? 0 : runs.start(0);
    }

    long position() {
      return bufferStart + at;
    }

    void seek(long position) {
      run = 0;
      while (position < runs.start(run) || position >= runs.end(run)) {
        run++;
      }
      bufferStart = position;
      at = 0;
      limit = 0;
    }

    boolean hasNext() {
      if (run < runs.count() && position() == runs.end(run)) {
        run++;
        if (run < runs.count()) {
          bufferStart = runs.start(run);
          at = 0;
          limit = 0;
        }
      }
      return run < runs.count();
    }

    long next() {
      if (!hasNext()) {
        throw new IllegalStateException("beyond the last element");
      }
      long start = position();
      for (int i = runs.gap(run); i > 0; i--) {
        nextByte(start);
      }
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        byte next = nextByte(start);
        value |= (long) (next & 0x7f) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw new MalformedFileException(
          Problem.in(file.path())
              .at(start)
              .expected("a number of at most ten bytes")
              .found("a longer one"));
    }

    private byte nextByte(long start) {
      if (at == limit) {
        bufferStart += at;
        at = 0;
        limit = (int) Math.min(buffer.length, runs.end(run) - bufferStart);
        if (limit == 0) {
          throw new MalformedFileException(
              Problem.in(file.path()).at(start).expected("a number").found("the end of its list"));
        }
        file.read(bufferStart, ByteBuffer.wrap(buffer, 0, limit));
      }
      return buffer[at++];
    }
  }
}
