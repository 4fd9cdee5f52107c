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
package dev.fusewright.pipeline.catalogue;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a prepared catalogue on this machine, found by their ids. Held are where each line
 * stands and a hash of its id, some thirty bytes; the entry itself is read when it is asked for.
 * For use by one thread.
 */
public final class CatalogueIndex implements Closeable {
  private static final int SLOTS_PER_ENTRY = 2;

  private final FileChannel lines;
  private final Path file;
  private final long[] offsets;
  private final int[] lengths;

  /** Of the id's hash: one more than the entry's position; 0 where there is none. */
  private final int[] slots;

  private final long[] hashes;

  private CatalogueIndex(Path file, int entries) throws IOException {
    this.file = file;
    this.lines = FileChannel.open(file, StandardOpenOption.READ);
    this.offsets = new long[entries];
    this.lengths = new int[entries];
    this.hashes = new long[entries];
    this.slots = new int[SLOTS_PER_ENTRY * entries + 1];
  }

  /** Is told of each entry while the index is made. */
  @FunctionalInterface
  public interface Visitor {
    /** The next entry. */
    void entry(CatalogueEntry entry) throws IOException;
  }

  /**
   * One of them.
   *
   * @param position from 0, in the order of the catalogue
   */
  public record Found(int position, CatalogueEntry entry) {}

  /**
   * Reads a catalogue.
   *
   * @param file a copy of it on this machine
   */
  public static CatalogueIndex of(PreparedCatalogue catalogue, Path file, Visitor visitor)
      throws IOException {
    CatalogueIndex index = new CatalogueIndex(file, Math.toIntExact(catalogue.entries()));
    try {
      index.read(visitor);
      return index;
    } catch (IOException | RuntimeException e) {
      index.close();
      throw e;
    }
  }

  private void read(Visitor visitor) throws IOException {
    int count = 0;
    try (CatalogueLines all = new CatalogueLines(Files.newInputStream(file))) {
      for (var line = all.next(); line != null && count < offsets.length; line = all.next()) {
        CatalogueEntry entry = EntryJson.prepared(line.text());
        offsets[count] = line.offset();
        lengths[count] = line.bytes();
        hashes[count] = NameClashes.hash(entry.id());
        int slot = slot(hashes[count]);
        while (slots[slot] != 0) {
          slot = next(slot);
        }
        slots[slot] = count + 1;
        count++;
        visitor.entry(entry);
      }
    }
    if (count < offsets.length) {
      throw new EOFException(
          "%s: expected %d entries, found %d".formatted(file, offsets.length, count));
    }
  }

  private int slot(long hash) {
    return Math.floorMod(hash, slots.length);
  }

  private int next(int slot) {
    return slot + 1 == slots.length ? 0 : slot + 1;
  }

  /** The entry with an id; null if there is none. */
  public @Nullable Found find(String id) throws IOException {
    long hash = NameClashes.hash(id);
    for (int slot = slot(hash); slots[slot] != 0; slot = next(slot)) {
      int position = slots[slot] - 1;
      if (hashes[position] == hash) {
        CatalogueEntry entry = EntryJson.prepared(line(position));
        if (entry.id().equals(id)) {
          return new Found(position, entry);
        }
      }
    }
    return null;
  }

  private String line(int position) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(lengths[position]);
    while (bytes.hasRemaining()) {
      if (lines.read(bytes, offsets[position] + bytes.position()) < 0) {
        throw new EOFException(file + " was cut short while it was being read");
      }
    }
    return new String(bytes.array(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
