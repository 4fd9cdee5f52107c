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

import dev.fusewright.io.storage.Location;
import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the lines of a prepared catalogue, and counts them. */
public final class CatalogueWriter implements Closeable {
  private final Writer lines;
  private long entries;
  private long sized;
  private long bytes;

  /** Writes to a local file. */
  public CatalogueWriter(Path file) throws IOException {
    this.lines = Files.newBufferedWriter(file);
  }

  /** Adds an entry. */
  public void add(CatalogueEntry entry) throws IOException {
    entries++;
    if (entry.size() != null) {
      sized++;
      bytes += entry.size();
    }
    lines.write(EntryJson.write(entry));
    lines.write('\n');
  }

  /** How many were added. */
  long entries() {
    return entries;
  }

  /**
   * What was written.
   *
   * @param location where it is, or will be
   */
  public PreparedCatalogue at(Location location) {
    return new PreparedCatalogue(location, entries, sized, bytes);
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
