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
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.files.JsonFile;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where the files of a run are.
 *
 * @param location {@code <reports>/run=<id>}
 */
public record RunFolder(Location location) {
  private static final String NAME = "run=";
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  /** The folder of a run. */
  public static RunFolder of(Location reports, String runId) {
    return new RunFolder(reports.resolve(NAME + runId));
  }

  /**
   * Checks a run's name.
   *
   * @throws IllegalArgumentException if it cannot be the name of a folder everywhere
   */
  public static String checkedId(String runId) {
    if (!ID.matcher(runId).matches()) {
      throw new IllegalArgumentException(
          "a run is named by at most 100 letters, digits, dots, dashes and underscores, the first a letter or digit; found '%s'"
              .formatted(runId));
    }
    return runId;
  }

  /** The ids of the runs that reported into a folder, or began to, in order. */
  public static List<String> ids(Store store, Location reports) throws IOException {
    return store.list(reports.resolve(NAME + "*/{run,summary}.json")).stream()
        .map(file -> file.location().parent().name())
        .filter(name -> name.startsWith(NAME))
        .map(name -> name.substring(NAME.length()))
        .distinct()
        .sorted()
        .toList();
  }

  /** Whether a run began there, or left its summary. */
  public boolean exists(Store store) throws IOException {
    return store.status(record()).isPresent() || store.status(summary()).isPresent();
  }

  /** The prepared catalogue. */
  public Location catalogue() {
    return location.resolve("catalogue.jsonl");
  }

  /** Those of its entries that need work, where others are settled. */
  public Location work() {
    return location.resolve("work.jsonl");
  }

  /** The reports of those that are settled. */
  public Location settled() {
    return location.resolve("part-settled.avro");
  }

  /** All files of reports that are there, in order. */
  public List<StoredFile> parts(Store store) throws IOException {
    return files(store, location, ".avro");
  }

  /** All files of reports of entries that were not published, in order. */
  List<StoredFile> quarantined(Store store) throws IOException {
    return files(store, quarantine(), ".jsonl");
  }

  /** Not by a glob: the folder's own name may look like one. */
  private static List<StoredFile> files(Store store, Location folder, String extension)
      throws IOException {
    return store.filesBelow(folder, Integer.MAX_VALUE - 1).orElseThrow().stream()
        .filter(file -> file.location().parent().equals(folder))
        .filter(file -> file.location().name().startsWith("part-"))
        .filter(file -> file.location().name().endsWith(extension))
        .sorted(Comparator.comparing(file -> file.location().path()))
        .toList();
  }

  /** The record that the run began with. */
  public Location record() {
    return location.resolve("run.json");
  }

  /** The folder of what was not published. */
  public Location quarantine() {
    return location.resolve("quarantine");
  }

  /** The catalogue of what was not published. */
  public Location retry() {
    return quarantine().resolve("retry.jsonl");
  }

  /** The summary, for programs. */
  public Location summary() {
    return location.resolve("summary.json");
  }

  /** The summary, for people. */
  public Location page() {
    return location.resolve("summary.md");
  }

  /** The mark of a complete run. */
  public Location success() {
    return location.resolve("_SUCCESS");
  }

  /**
   * The summary of a run that has written it.
   *
   * @throws dev.fusewright.pipeline.files.DamagedFileException if it is no summary
   */
  public Optional<JsonNode> readSummary(Store store) throws IOException {
    return JsonFile.read(store, summary());
  }
}
