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

import java.util.ArrayList;
import java.util.List;

/** A stretch of the file to be written, which can be written for itself. */
sealed interface Block {
  /** Fits a second-level cache together with what a tensor needs to compute it. */
  int RENDERED = 1 << 18;

  /** The most that is copied at once, so that several threads can share a large copy. */
  long TRANSFERRED = 1L << 24;

  /** Where it begins in the file. */
  long position();

  /** Bytes {@code [start, end)} of the original, which the kernel copies. */
  record Transfer(long position, long start, long end) implements Block {}

  /**
   * Bytes that are laid side by side in a buffer.
   *
   * @param segment the first one that it takes bytes of
   * @param skipped bytes of that segment which the block before has; whole elements of a payload
   * @param size at most {@link #RENDERED}
   */
  record Rendered(long position, int segment, long skipped, int size) implements Block {}

  /** All blocks of a file, in order. */
  static List<Block> of(List<Segment> segments) {
    Cutter cutter = new Cutter();
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      if (segment instanceof Segment.Copy copy && copy.size() >= RENDERED) {
        cutter.transfer(copy);
      } else {
        int unit =
            segment instanceof Segment.Payload payload
                ? Math.max(1, payload.tensor().type().bits() / Byte.SIZE)
                : 1;
        cutter.render(i, segment.size(), unit);
      }
    }
    return cutter.finished();
  }

  /** Cuts a file into blocks. */
  final class Cutter {
    private final List<Block> blocks = new ArrayList<>();
    private long position;
    private int first;
    private long skipped;
    private int size;

    private Cutter() {}

    private void transfer(Segment.Copy copy) {
      end();
      for (long at = copy.start(); at < copy.end(); at += TRANSFERRED) {
        long end = Math.min(copy.end(), at + TRANSFERRED);
        blocks.add(new Transfer(position, at, end));
        position += end - at;
      }
    }

    private void render(int segment, long bytes, int unit) {
      for (long done = 0; done < bytes; ) {
        long room = Math.min(bytes - done, RENDERED - size);
        room -= room % unit;
        if (room == 0) {
          end();
        } else {
          if (size == 0) {
            first = segment;
            skipped = done;
          }
          size += (int) room;
          done += room;
        }
      }
    }

    private void end() {
      if (size > 0) {
        blocks.add(new Rendered(position, first, skipped, size));
        position += size;
        size = 0;
      }
    }

    private List<Block> finished() {
      end();
      return blocks;
    }
  }
}
