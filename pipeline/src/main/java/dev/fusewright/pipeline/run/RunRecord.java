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
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.files.DamagedFileException;
import dev.fusewright.pipeline.files.JsonFile;
import dev.fusewright.pipeline.model.Converter;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.pipeline.settings.SettingsJson;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run began with: its {@code run.json}. It holds no secrets, since settings have none.
 *
 * @param catalogue as it was asked for
 * @param prepared the frozen catalogue, in the run's folder when the run has begun
 * @param left what of it needs work; the same, if nothing was settled when the run began
 * @param output folder of the published models
 * @param settings what was said of them
 * @param receipts folder of reports whose receipts an audit goes by; null where nothing is audited
 */
public record RunRecord(
    String id,
    Instant started,
    Location catalogue,
    PreparedCatalogue prepared,
    PreparedCatalogue left,
    Location output,
    Settings settings,
    @Nullable Location receipts) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of the file; the first ones did not say theirs. */
  private static final int VERSION = 2;

  /**
   * Writes the record; from then on the run can go on under its id.
   *
   * @param versions of what carries the run where it is started; Java's is added
   */
  public void write(Store store, RunFolder folder, Map<String, String> versions)
      throws IOException {
    ObjectNode json = JSON.createObjectNode();
    json.put("record_version", VERSION);
    json.put("run_id", id);
    json.put("started", started.toString());
    json.put("converter_version", Converter.versionAndBuild());
    ObjectNode carriers = json.putObject("versions");
    carriers.put("java", Runtime.version().toString());
    new TreeMap<>(versions).forEach(carriers::put);
    json.put("catalogue", catalogue.toString());
    json.put("entries", prepared.entries());
    json.put("sized_entries", prepared.sized());
    json.put("bytes", prepared.bytes());
    json.put("left_entries", left.entries());
    json.put("left_sized_entries", left.sized());
    json.put("left_bytes", left.bytes());
    json.put("output", output.toString());
    if (receipts != null) {
      json.put("receipts", receipts.toString());
    }
    json.set("settings", SettingsJson.write(settings));
    String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
    store.publish(text.getBytes(UTF_8), folder.record());
  }

  /**
   * The record of a run; empty if none began there.
   *
   * @throws DamagedFileException if the file is no such record
   * @throws IOException if the store fails
   */
  public static Optional<RunRecord> read(Store store, RunFolder folder) throws IOException {
    JsonNode json = JsonFile.read(store, folder.record()).orElse(null);
    if (json == null) {
      return Optional.empty();
    }
    try {
      PreparedCatalogue prepared =
          new PreparedCatalogue(
              folder.catalogue(),
              json.required("entries").asLong(),
              json.required("sized_entries").asLong(),
              json.required("bytes").asLong());
      PreparedCatalogue left =
          new PreparedCatalogue(
              folder.work(),
              json.path("left_entries").asLong(prepared.entries()),
              json.path("left_sized_entries").asLong(),
              json.path("left_bytes").asLong());
      return Optional.of(
          new RunRecord(
              json.required("run_id").asText(),
              Instant.parse(json.required("started").asText()),
              Location.of(json.required("catalogue").asText()),
              prepared,
              left.entries() < prepared.entries() ? left : prepared,
              Location.of(json.required("output").asText()),
              settings(json),
              json.hasNonNull("receipts") ? Location.of(json.get("receipts").asText()) : null));
    } catch (RuntimeException e) {
      throw new DamagedFileException(
          Problem.in(folder.record().toString())
              .expected("the record of a run")
              .found("another object: " + e.getMessage()),
          e);
    }
  }

  private static Settings settings(JsonNode record) {
    JsonNode settings = record.required("settings");
    return SettingsJson.read(
        record.has("record_version") ? settings : FormerSettings.translated(settings));
  }
}
