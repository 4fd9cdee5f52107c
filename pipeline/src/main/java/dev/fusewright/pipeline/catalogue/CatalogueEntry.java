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
import dev.fusewright.pipeline.settings.Settings;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * One model of a catalogue.
 *
 * @param id a valid, relative name; see {@link EntryNames}
 * @param source the model
 * @param output its place below {@code --output}
 * @param size bytes of the source as far as they are known without opening it; null if they are not
 * @param format that the source must have; null if any will do
 * @param sha256 that the source must have; null if any will do
 * @param candidate what somebody made of it, for a run that verifies; null if there is none
 * @param settings what the entry says of them; the rest is the run's to say
 * @param problem of a line that is no entry: why, and where it stands; null of every other. Such an
 *     entry fails, and its source is the catalogue
 */
public record CatalogueEntry(
    String id,
    Location source,
    String output,
    @Nullable Long size,
    @Nullable String format,
    @Nullable String sha256,
    @Nullable Location candidate,
    Settings settings,
    @Nullable String problem)
    implements Serializable {

  /** An entry that says nothing but what and where. */
  public static CatalogueEntry of(String id, Location source, @Nullable Long size) {
    return new CatalogueEntry(
        id, source, EntryNames.output(id, source), size, null, null, null, Settings.NONE, null);
  }

  /** The entry of a line that is none. */
  static CatalogueEntry unreadable(String id, Location catalogue, String problem) {
    return new CatalogueEntry(id, catalogue, id, null, null, null, null, Settings.NONE, problem);
  }

  /** This entry with what somebody made of its model. */
  public CatalogueEntry withCandidate(Location made) {
    return new CatalogueEntry(id, source, output, size, format, sha256, made, settings, problem);
  }

  /** This entry with its size known. */
  CatalogueEntry withSize(long bytes) {
    return new CatalogueEntry(
        id, source, output, bytes, format, sha256, candidate, settings, problem);
  }
}
