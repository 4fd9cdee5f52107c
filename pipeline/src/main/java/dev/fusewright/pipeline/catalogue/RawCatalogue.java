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

import com.fasterxml.jackson.databind.JsonNode;
import dev.fusewright.io.storage.Location;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The entries of a catalogue as they stand in it, one at a time, whatever form it has. */
interface RawCatalogue extends Closeable {
  /**
   * The next entry; null at the end.
   *
   * @throws dev.fusewright.pipeline.files.DamagedFileException if what stands there is no entry,
   *     and nothing after it can be read either
   */
  @Nullable Raw next() throws IOException;

  /** What stands at one place. */
  interface Raw {
    /** As people count: line 3, record 3. */
    String place();

    /**
     * The entry.
     *
     * @throws IllegalArgumentException if it is none, saying why
     */
    CatalogueEntry entry(Location folder);

    /** Of what is no entry: its id, if it has one that could be an entry's. */
    Optional<String> id();
  }

  /** A file of JSON Lines. */
  static RawCatalogue ofLines(CatalogueLines lines) {
    return new RawCatalogue() {
      @Override
      public @Nullable Raw next() throws IOException {
        CatalogueLines.Line line = lines.next();
        return line == null ? null : new RawLine(line);
      }

      @Override
      public void close() throws IOException {
        lines.close();
      }
    };
  }

  /** A line of JSON. */
  record RawLine(CatalogueLines.Line line) implements Raw {
    @Override
    public String place() {
      return "line " + line.number();
    }

    @Override
    public CatalogueEntry entry(Location folder) {
      if (line.fault() != null) {
        throw new IllegalArgumentException(line.fault());
      }
      return EntryJson.parse(line.text(), folder);
    }

    @Override
    public Optional<String> id() {
      return line.fault() == null ? EntryJson.id(line.text()) : Optional.empty();
    }
  }

  /** A record of an Avro file, as JSON. */
  record RawRecord(long number, JsonNode json) implements Raw {
    @Override
    public String place() {
      return "record " + number;
    }

    @Override
    public CatalogueEntry entry(Location folder) {
      return EntryJson.parse(json, folder);
    }

    @Override
    public Optional<String> id() {
      return EntryJson.id(json);
    }
  }
}
