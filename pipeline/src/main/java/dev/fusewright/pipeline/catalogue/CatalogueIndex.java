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
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a prepared catalogue on this machine, found by their ids. Held are where each line
 * stands and a hash of its id, some thirty bytes; the entry itself is read when it is asked for.
 * For use by one thread.
 */
public final class CatalogueIndex implements Closeable {
  private static final int SLOTS_PER_ENTRY = 2;

  /** Of the id's hash: one more than the entry's position; 0 where there is none. */
  private final int[] slots;

  private final long[] hashes;

  private final LineTable lines;

  private CatalogueIndex(PreparedCatalogue catalogue, Path file, Visitor visitor)
      throws IOException {
    int entries = Math.toIntExact(catalogue.entries());
    this.hashes = new long[entries];
    this.slots = new int[SLOTS_PER_ENTRY * entries + 1];
    this.lines = LineTable.of(file, entries, (position, text) -> add(position, text, visitor));
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
    return new CatalogueIndex(catalogue, file, visitor);
  }

  private void add(int position, String text, Visitor visitor) throws IOException {
    CatalogueEntry entry = EntryJson.prepared(text);
    hashes[position] = NameClashes.hash(entry.id());
    int slot = slot(hashes[position]);
    while (slots[slot] != 0) {
      slot = next(slot);
    }
    slots[slot] = position + 1;
    visitor.entry(entry);
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
        CatalogueEntry entry =
            EntryJson.prepared(new String(lines.line(position), StandardCharsets.UTF_8));
        if (entry.id().equals(id)) {
          return new Found(position, entry);
        }
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
