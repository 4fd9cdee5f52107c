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
import dev.fusewright.io.file.PlacedBytes;
import dev.fusewright.io.file.Problem;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * Tensor bytes that lie in a file as they are: {@code raw_data}, external data, and {@code
 * float_data} and {@code double_data}, whose wire form is their little-endian bytes.
 *
 * <p>Unpacked lists have a tag before each element; they are read through a small buffer.
 */
final class FixedSource implements TensorSource {
  private static final int BUFFER = 1 << 13;

  private final FileBytes file;
  private final Runs runs;
  private final int element;
  private final long[] offsets;

  private FixedSource(FileBytes file, Runs runs, int element, long[] offsets) {
    this.file = file;
    this.runs = runs;
    this.element = element;
    this.offsets = offsets;
  }

  /**
   * The elements in {@code runs}, each of {@code element} bytes; 1 where only whole regions count.
   *
   * @throws MalformedFileException if a run ends inside an element
   */
  static FixedSource of(FileBytes file, Runs runs, int element) {
    long[] offsets = new long[runs.count() + 1];
    for (int run = 0; run < runs.count(); run++) {
      long bytes = runs.end(run) - runs.start(run);
      int stride = element + runs.gap(run);
      if (bytes % stride != 0) {
        throw new MalformedFileException(
            Problem.in(file.path())
                .at(runs.start(run))
                .expected("a list of numbers of " + element + " bytes each")
                .found(bytes + " bytes"));
      }
      offsets[run + 1] = offsets[run] + bytes / stride * element;
    }
    return new FixedSource(file, runs, element, offsets);
  }

  /** How many tensor bytes the runs hold. */
  long byteCount() {
    return offsets[offsets.length - 1];
  }

  @Override
  public void read(long offset, ByteBuffer destination) {
    long at = offset;
    try {
      while (destination.hasRemaining()) {
        int run = Arrays.binarySearch(offsets, at);
        run = run >= 0 ? run : -run - 2;
        if (run >= runs.count()) {
          throw new TensorReadException(
              "%s: byte %d of a tensor of %d".formatted(file.path(), at, byteCount()), null);
        }
        long within = at - offsets[run];
        int count = (int) Math.min(destination.remaining(), offsets[run + 1] - at);
        int limit = destination.limit();
        destination.limit(destination.position() + count);
        if (runs.gap(run) == 0) {
          file.read(runs.start(run) + within, destination);
        } else {
          readSpread(run, within / element, destination);
        }
        destination.limit(limit);
        at += count;
      }
    } catch (CheckpointException e) {
      throw new TensorReadException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public Optional<Object> keptAt() {
    return runs.count() == 1 && runs.gap(0) == 0 && file.channel() instanceof PlacedBytes placed
        ? placed.place(runs.start(0), runs.end(0) - runs.start(0))
        : Optional.empty();
  }

  private void readSpread(int run, long first, ByteBuffer destination) {
    int stride = runs.gap(run) + element;
    byte[] buffer = new byte[BUFFER / stride * stride];
    long position = runs.start(run) + first * stride;
    while (destination.hasRemaining()) {
      int wanted = Math.min(buffer.length, destination.remaining() / element * stride);
      file.read(position, ByteBuffer.wrap(buffer, 0, wanted));
      for (int i = runs.gap(run); i < wanted; i += stride) {
        destination.put(buffer, i, element);
      }
      position += wanted;
    }
  }
}
