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
package dev.fusewright.io.pt2;

import dev.fusewright.core.tensor.TensorSource;
import dev.fusewright.io.aten.Span;
import dev.fusewright.io.file.FileRegion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Changes of a text of a file: what is not changed is copied as it stands. */
final class Splices {
  private final FileRegion text;
  private final List<Splice> splices = new ArrayList<>();

  /** Bytes of the file, from start to end, that are replaced. */
  private record Splice(long start, long end, byte[] bytes) {}

  Splices(FileRegion text) {
    this.text = text;
  }

  void replace(Span span, String by) {
    splices.add(new Splice(span.start(), span.end(), by.getBytes(StandardCharsets.UTF_8)));
  }

  void insert(long at, String what) {
    replace(new Span(at, at), what);
  }

  /** Takes elements away from a list, with the commas that would be left over. */
  void remove(List<Span> elements, Set<Integer> removed) {
    int leading = 0;
    while (leading < elements.size() && removed.contains(leading)) {
      leading++;
    }
    if (leading > 0) {
      long end =
          leading < elements.size()
              ? elements.get(leading).start()
              : elements.get(leading - 1).end();
      replace(new Span(elements.get(0).start(), end), "");
    }
    for (int i = leading; i < elements.size(); i++) {
      if (removed.contains(i)) {
        replace(new Span(elements.get(i - 1).end(), elements.get(i).end()), "");
      }
    }
  }

  /** The changed text. */
  Spliced result() {
    // What is inserted where something begins to be taken away stands before it.
    splices.sort(Comparator.comparingLong(Splice::start).thenComparingLong(Splice::end));
    List<Piece> pieces = new ArrayList<>();
    long at = text.offset();
    long size = 0;
    for (Splice splice : splices) {
      if (splice.start() < at) {
        throw new IllegalStateException("two changes of byte " + splice.start());
      }
      size = add(pieces, new Piece(size, at, splice.start() - at, null));
      size = add(pieces, new Piece(size, 0, splice.bytes().length, splice.bytes()));
      at = splice.end();
    }
    long end = text.offset() + text.length();
    size = add(pieces, new Piece(size, at, end - at, null));
    return new Spliced(text, pieces, size);
  }

  private static long add(List<Piece> pieces, Piece piece) {
    if (piece.length() > 0) {
      pieces.add(piece);
    }
    return piece.to() + piece.length();
  }

  /** Bytes of the new text: of the file, or given. */
  record Piece(long to, long from, long length, byte @Nullable [] bytes) {}

  /**
   * A changed text, which is put together while it is read.
   *
   * @param size in bytes
   */
  record Spliced(FileRegion text, List<Piece> pieces, long size) implements TensorSource {
    Spliced {
      pieces = List.copyOf(pieces);
    }

    @Override
    public void read(long offset, ByteBuffer destination) {
      int low = 0;
      int high = pieces.size() - 1;
      while (low < high) {
        int middle = (low + high + 1) >>> 1;
        if (pieces.get(middle).to() <= offset) {
          low = middle;
        } else {
          high = middle - 1;
        }
      }
      long at = offset;
      for (int i = low; destination.hasRemaining(); i++) {
        Piece piece = pieces.get(i);
        long skipped = at - piece.to();
        int count = (int) Math.min(destination.remaining(), piece.length() - skipped);
        byte[] given = piece.bytes();
        if (given != null) {
          destination.put(given, (int) skipped, count);
        } else {
          int limit = destination.limit();
          destination.limit(destination.position() + count);
          text.file().read(piece.from() + skipped, destination);
          destination.limit(limit);
        }
        at += count;
      }
    }
  }
}
