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
package dev.fusewright.io.file;

import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.tensor.TensorSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/**
 * A contiguous range of bytes of a file.
 *
 * @param offset of the first byte in the file
 * @param length in bytes; the region lies within the file
 */
public record FileRegion(OpenFile file, long offset, long length) implements TensorSource {
  /** Refuses a region that reaches beyond the file: whoever makes one has checked it. */
  public FileRegion {
    if (offset < 0 || length < 0 || offset > file.size() - length) {
      throw new IllegalArgumentException(
          "bytes %d+%d of the %d of %s".formatted(offset, length, file.size(), file.label()));
    }
  }

  /** A part of this region. */
  public FileRegion slice(long from, long count) {
    if (from < 0 || count < 0 || from > length - count) {
      throw new IllegalArgumentException(
          "bytes %d+%d of a region of %d".formatted(from, count, length));
    }
    return new FileRegion(file, offset + from, count);
  }

  @Override
  public void read(long from, ByteBuffer destination) {
    if (from < 0 || from > length - destination.remaining()) {
      throw new TensorReadException(
          "%s: bytes %d+%d of a region of %d bytes at %d"
              .formatted(file.label(), from, destination.remaining(), length, offset),
          null);
    }
    try {
      file.read(offset + from, destination);
    } catch (CheckpointException e) {
      throw new TensorReadException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public Optional<Object> keptAt() {
    return file.channel() instanceof PlacedBytes placed
        ? placed.place(offset, length)
        : Optional.empty();
  }

  /**
   * Copies the region to where {@code target} stands, by the kernel where it can.
   *
   * @throws IOException if the target cannot be written, or this file ends before the region does
   */
  public void transferTo(FileChannel target) throws IOException {
    long done = 0;
    while (done < length) {
      long count = file.channel().transferTo(offset + done, length - done, target);
      if (count <= 0) {
        throw new IOException(
            file.label() + " ends at byte " + (offset + done) + ", before its tensor does");
      }
      done += count;
    }
  }
}
