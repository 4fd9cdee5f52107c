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

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.files.DamagedFileException;
import dev.fusewright.pipeline.files.JsonFile;
import java.io.IOException;
import java.util.Optional;

/** Which run is the newest complete one of those that report into a folder: {@code latest.json}. */
public final class LatestRun {
  private LatestRun() {}

  /**
   * The newest.
   *
   * @throws IOException if the store fails, or what stands there is not what a run writes
   */
  public static Optional<String> of(Store store, Location reports) throws IOException {
    Location file = file(reports);
    JsonNode json = JsonFile.read(store, file).orElse(null);
    if (json == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(RunFolder.checkedId(json.path("run_id").asText()));
    } catch (IllegalArgumentException e) {
      throw new DamagedFileException(
          Problem.in(file.toString())
              .inside("run_id")
              .expected("the name of a run")
              .found(json.path("run_id").toString()),
          e);
    }
  }

  /** Says that a run has been completed. */
  public static void write(Store store, Location reports, String runId) throws IOException {
    byte[] json =
        "{\"run_id\": \"%s\", \"folder\": \"%s\"}%n"
            .formatted(runId, RunFolder.of(reports, runId).location().name())
            .getBytes(UTF_8);
    store.publish(json, file(reports));
  }

  /** The figures of the newest, for Prometheus. */
  static Location figures(Location reports) {
    return reports.resolve("latest.prom");
  }

  private static Location file(Location reports) {
    return reports.resolve("latest.json");
  }
}
