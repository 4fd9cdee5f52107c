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
package dev.fusewright.io.ranged;

import dev.fusewright.io.storage.StoredRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The layout of a file that is partly on this machine and partly somewhere else. Each byte is
 * written once. Safe for use by several threads.
 */
final class CompositeFile {
  private final TreeMap<Long, Extent> extents = new TreeMap<>();
  private long local;

  /** Its bytes; what nobody has written between two extents is zero, as in any file. */
  synchronized long size() {
    return extents.isEmpty() ? 0 : extents.lastEntry().getValue().end();
  }

  /** Its ranges of mounted files, in order. */
  synchronized List<StoredRange> stored() {
    List<StoredRange> ranges = new ArrayList<>();
    for (Extent extent : extents.values()) {
      if (extent instanceof Extent.Reference of) {
        ranges.add(new StoredRange(of.start(), of.file().source(), of.at(), of.length()));
      }
    }
    return ranges;
  }

  /** Writes bytes behind those that are in the file on this machine already. */
  void write(long position, ByteBuffer bytes, FileChannel file) throws IOException {
    long length = bytes.remaining();
    if (length > 0) {
      long at = reserve(length);
      for (long to = at; bytes.hasRemaining(); ) {
        to += file.write(bytes, to);
      }
      put(new Extent.Local(position, length, at));
    }
  }

  private synchronized long reserve(long length) {
    long at = local;
    local += length;
    return at;
  }

  /** Takes over a range of a mounted file, of which nothing is read. */
  void refer(long position, RemoteFile file, long at, long length) {
    if (length > 0) {
      put(new Extent.Reference(position, length, file, at));
    }
  }

  private synchronized void put(Extent added) {
    Map.Entry<Long, Extent> before = extents.floorEntry(added.start());
    Map.Entry<Long, Extent> after = extents.ceilingEntry(added.start());
    if ((before != null && before.getValue().end() > added.start())
        || (after != null && after.getKey() < added.end())) {
      throw new IllegalStateException(
          "bytes %d+%d are written twice".formatted(added.start(), added.length()));
    }
    Extent whole = added;
    @Nullable Extent joined = before == null ? null : before.getValue().joined(whole);
    whole = joined == null ? whole : joined;
    joined = after == null ? null : whole.joined(after.getValue());
    if (joined != null) {
      extents.remove(joined.end() - after.getValue().length());
      whole = joined;
    }
    extents.put(whole.start(), whole);
  }

  /**
   * Reads some bytes, at least one.
   *
   * @param position within the file
   */
  void read(long position, ByteBuffer destination, FileChannel file) throws IOException {
    Extent extent = at(position);
    long left = (extent == null ? nextAfter(position) : extent.end()) - position;
    int count = (int) Math.min(left, destination.remaining());
    ByteBuffer part = destination.duplicate();
    part.limit(part.position() + count);
    if (extent == null) {
      while (part.hasRemaining()) {
        part.put((byte) 0);
      }
    } else if (extent instanceof Extent.Reference reference) {
      reference.file().read(reference.at() + position - extent.start(), part);
    } else {
      long from = ((Extent.Local) extent).at() + position - extent.start();
      while (part.hasRemaining()) {
        int n = file.read(part, from);
        if (n < 0) {
          throw new IOException("a file in scratch became shorter while it was read");
        }
        from += n;
      }
    }
    destination.position(part.position());
  }

  /** Where a range is that was taken over as a whole. */
  Optional<Place> place(long position, long length) {
    return at(position) instanceof Extent.Reference of && of.end() - position >= length
        ? Optional.of(new Place(of.file(), of.at() + position - of.start(), length))
        : Optional.empty();
  }

  private synchronized @Nullable Extent at(long position) {
    Map.Entry<Long, Extent> entry = extents.floorEntry(position);
    return entry == null || entry.getValue().end() <= position ? null : entry.getValue();
  }

  private synchronized long nextAfter(long position) {
    return extents.higherKey(position);
  }
}
