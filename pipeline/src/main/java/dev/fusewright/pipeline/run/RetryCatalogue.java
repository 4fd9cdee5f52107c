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
package dev.fusewright.pipeline.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.io.storage.PendingFile;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.CatalogueLines;
import dev.fusewright.pipeline.catalogue.EntryJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/** The catalogue of what a run did not publish. */
public final class RetryCatalogue {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RetryCatalogue() {}

  /**
   * Writes it: the lines of the run's own catalogue whose ids are in its quarantine, as they are.
   * Those that stand for lines which are no entries are left out: trying them again needs another
   * catalogue.
   *
   * @return how many
   */
  public static long write(Store store, RunFolder folder) throws IOException {
    Set<String> ids = quarantined(store, folder);
    if (ids.isEmpty() && store.status(folder.retry()).isEmpty()) {
      return 0;
    }
    long written = 0;
    try (PendingFile file = store.create(folder.retry());
        CatalogueLines lines = new CatalogueLines(store.open(folder.catalogue()))) {
      for (var line = lines.next(); line != null; line = lines.next()) {
        CatalogueEntry entry = EntryJson.prepared(line.text());
        if (entry.problem() == null && ids.contains(entry.id())) {
          file.stream().write((line.text() + "\n").getBytes(StandardCharsets.UTF_8));
          written++;
        }
      }
      file.commit();
    }
    return written;
  }

  private static Set<String> quarantined(Store store, RunFolder folder) throws IOException {
    Set<String> ids = new HashSet<>();
    for (StoredFile part : folder.quarantined(store)) {
      try (var reader =
          new BufferedReader(
              new InputStreamReader(store.open(part.location()), StandardCharsets.UTF_8))) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          JsonNode report = JSON.readTree(line);
          ids.add(report.path("id").asText());
        }
      }
    }
    return ids;
  }
}
