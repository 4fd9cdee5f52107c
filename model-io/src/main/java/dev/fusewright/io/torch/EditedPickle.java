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
import java.util.Comparator;
import java.util.List;

/**
 * The bytes of a pickle with further operations behind them: its own up to its STOP, values put
 * into the memo where they were made, then the new ones; frames as long as they are then.
 */
final class EditedPickle implements TensorSource {
  /** Bytes in the place of the pickle's own, of which there may be none. */
  private record Edit(long position, int replaced, byte[] bytes) {
    int growth() {
      return bytes.length - replaced;
    }
  }

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
   * @throws MalformedFileException if a frame reaches beyond the pickle's end
   */
  EditedPickle(FileRegion pickle, long start, PickleLayout layout, byte[] tail) {
    this.pickle = pickle;
    List<Edit> edits = new ArrayList<>();
    layout.puts().forEach((position, slot) -> edits.add(new Edit(position, 0, put(slot))));
    layout.movedSlots().forEach((position, slot) -> edits.add(new Edit(position, 1, put(slot))));
    edits.add(new Edit(layout.stop(), 1, tail.clone()));
    // What is put stands before what stood there.
    edits.sort(Comparator.comparingLong(Edit::position));
    List<Edit> all = new ArrayList<>(edits);
    lengthened(layout, edits, start).forEach(all::add);
    all.sort(Comparator.comparingLong(Edit::position));
    long done = 0;
    for (Edit edit : all) {
      done = keep(done, edit.position() - start) + edit.replaced();
      add(edit.bytes());
    }
  }

  /** The lengths of the frames that grow. */
  private List<Edit> lengthened(PickleLayout layout, List<Edit> edits, long start) {
    long[] positions = edits.stream().mapToLong(Edit::position).toArray();
    long[] growth = new long[edits.size() + 1];
    for (int i = 0; i < edits.size(); i++) {
      growth[i + 1] = growth[i] + edits.get(i).growth();
    }
    List<Edit> lengths = new ArrayList<>();
    for (PickleLayout.Frame frame : layout.frames()) {
      if (frame.end() > layout.stop() + 1) {
        throw new MalformedFileException(
            pickle
                .file()
                .problemAt(pickle.offset() + frame.lengthAt() - start)
                .inside("pickle")
                .expected("a frame that ends with the pickle, or before")
                .found("one of " + frame.length() + " bytes"));
      }
      long grown =
          growth[before(positions, frame.end())] - growth[before(positions, frame.start())];
      if (grown > 0) {
        lengths.add(
            new Edit(
                frame.lengthAt(),
                Long.BYTES,
                little(Long.BYTES).putLong(frame.length() + grown).array()));
      }
    }
    return lengths;
  }

  /** How many positions are smaller. */
  private static int before(long[] positions, long bound) {
    int from = 0;
    int to = positions.length;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (positions[middle] < bound) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  private static byte[] put(int slot) {
    return little(1 + Integer.BYTES).put((byte) 'r').putInt(slot).array();
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
