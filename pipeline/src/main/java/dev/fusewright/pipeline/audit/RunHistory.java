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
package dev.fusewright.pipeline.audit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.files.DamagedFileException;
import dev.fusewright.pipeline.files.JsonFile;
import dev.fusewright.pipeline.run.RunFolder;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Other runs below the same folder of reports that belong to one: the complete one over the same
 * catalogue before it, those that retried it, and the one that it retries.
 */
final class RunHistory {
  private static final Logger LOG = LoggerFactory.getLogger(RunHistory.class);
  private static final String PREFIX = "run=";
  private static final int MOST = 100;

  private final List<Known> runs;

  /** A complete run, by its record. */
  record Known(RunFolder folder, String id, Instant started, String catalogue) {}

  private RunHistory(List<Known> runs) {
    this.runs = runs;
  }

  /**
   * Of the complete runs that ended around one: {@link #MOST} before it and as many after. One that
   * cannot be read is named in the log, and left out.
   */
  static RunHistory around(Store store, RunFolder of) throws IOException {
    List<Known> runs = new ArrayList<>();
    for (StoredFile success : around(of, complete(store, of.location().parent()))) {
      RunFolder folder = new RunFolder(success.location().parent());
      try {
        JsonFile.read(store, folder.record())
            .flatMap(record -> known(folder, record))
            .ifPresent(runs::add);
      } catch (DamagedFileException e) {
        LOG.warn("{}; the page says nothing of that run", e.getMessage());
      }
    }
    runs.sort(Comparator.comparing(Known::started).thenComparing(Known::id));
    return new RunHistory(runs);
  }

  /** Marks of complete runs in the order in which they ended. */
  private static List<StoredFile> complete(Store store, Location reports) throws IOException {
    String escaped = reports.path().replaceAll("[*?\\[{]", "[$0]");
    Location glob =
        new Location(reports.scheme(), reports.authority(), escaped + "/" + PREFIX + "*/_SUCCESS");
    return store.list(glob).stream()
        .sorted(Comparator.comparing(StoredFile::modified).thenComparing(f -> f.location().path()))
        .toList();
  }

  private static List<StoredFile> around(RunFolder of, List<StoredFile> complete) {
    int at = 0;
    while (at < complete.size() && !complete.get(at).location().equals(of.success())) {
      at++;
    }
    return complete.subList(Math.max(0, at - MOST), Math.min(complete.size(), at + MOST + 1));
  }

  private static Optional<Known> known(RunFolder folder, JsonNode record) {
    try {
      return Optional.of(
          new Known(
              folder,
              RunFolder.checkedId(folder.location().name().substring(PREFIX.length())),
              Instant.parse(record.path("started").asText()),
              record.path("catalogue").asText()));
    } catch (DateTimeParseException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The newest over the same catalogue that began before. */
  Optional<Known> before(Known run) {
    return runs.stream()
        .filter(other -> other.catalogue().equals(run.catalogue()))
        .filter(other -> !other.id().equals(run.id()))
        .filter(other -> other.started().isBefore(run.started()))
        .reduce((older, newer) -> newer);
  }

  /** Runs of what this one did not publish, the oldest first. */
  List<Known> retriesOf(RunFolder folder) {
    String retry = folder.retry().toString();
    return runs.stream().filter(run -> run.catalogue().equals(retry)).toList();
  }

  /** The run whose unpublished entries this one was given. */
  Optional<Known> retriedBy(Known run) {
    return runs.stream()
        .filter(other -> other.folder().retry().toString().equals(run.catalogue()))
        .findFirst();
  }

  /** A run of these by its folder. */
  Optional<Known> of(RunFolder folder) {
    return runs.stream().filter(run -> run.folder().equals(folder)).findFirst();
  }
}
