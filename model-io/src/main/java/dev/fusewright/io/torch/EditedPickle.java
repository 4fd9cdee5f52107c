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
package dev.fusewright.io.torch;

import dev.fusewright.core.tensor.TensorSource;
import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.file.MalformedFileException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The bytes of a pickle with further operations behind them: its own up to its STOP, the frame that
 * holds the STOP lengthened, values put into the memo where they were made, then the new ones.
 */
final class EditedPickle implements TensorSource {
  private static final int PUT_BYTES = 5;

  /** A stretch of bytes. */
  private record Piece(long start, long length, TensorSource bytes) {}

  private final List<Piece> pieces = new ArrayList<>();
  private final FileRegion pickle;
  private long size;
  private int last;

  /**
   * An edited pickle.
   *
   * @param pickle from its first byte on
   * @param start position of that byte, as {@code layout} counts
   * @param tail operations that leave the stack as they find it, and a STOP
   * @throws MalformedFileException if its frames do not end where it does
   */
  EditedPickle(FileRegion pickle, long start, PickleLayout layout, byte[] tail) {
    this.pickle = pickle;
    long done = 0;
    PickleLayout.Frame frame = layout.frame();
    if (frame != null && frame.end() > layout.stop()) {
      if (frame.end() != layout.stop() + 1) {
        throw new MalformedFileException(
            pickle
                .file()
                .problemAt(pickle.offset() + frame.lengthAt() - start)
                .inside("pickle")
                .expected("a frame that ends with the pickle")
                .found("one of " + frame.length() + " bytes"));
      }
      done = keep(done, frame.lengthAt() - start);
      add(little(Long.BYTES).putLong(frame.length() - 1 + tail.length).array());
      done += Long.BYTES;
    }
    for (Map.Entry<Long, Integer> put : layout.puts().entrySet()) {
      done = keep(done, put.getKey() - start);
      add(little(PUT_BYTES).put((byte) 'r').putInt(put.getValue()).array());
    }
    keep(done, layout.stop() - start);
    add(tail.clone());
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Adds the pickle's own bytes up to a place, and returns the place. */
  private long keep(long from, long to) {
    if (to > from) {
      FileRegion own = pickle.slice(from, to - from);
      pieces.add(new Piece(size, to - from, own));
      size += to - from;
    }
    return to;
  }

  private void add(byte[] bytes) {
    pieces.add(
        new Piece(
            size,
            bytes.length,
            (offset, target) -> target.put(bytes, (int) offset, target.remaining())));
    size += bytes.length;
  }

  long size() {
    return size;
  }

  @Override
  public void read(long offset, ByteBuffer destination) {
    int limit = destination.limit();
    long at = offset;
    while (destination.hasRemaining()) {
      Piece piece = piece(at);
      long inside = at - piece.start();
      int part = (int) Math.min(destination.remaining(), piece.length() - inside);
      piece.bytes().read(inside, destination.limit(destination.position() + part));
      destination.limit(limit);
      at += part;
    }
  }

  /** The piece with a byte; reads go forward, so that it is mostly the last one or its next. */
  private Piece piece(long at) {
    if (pieces.get(last).start() > at) {
      last = 0;
    }
    while (pieces.get(last).start() + pieces.get(last).length() <= at) {
      last++;
    }
    return pieces.get(last);
  }
}
