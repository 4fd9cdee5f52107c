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
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.files.DamagedFileException;
import dev.fusewright.pipeline.files.JsonFile;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.run.RunFolder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The files of a run that has ended.
 *
 * @param summary its {@code summary.json}
 * @param record its {@code run.json}; missing where there is none
 * @param parts files of reports, in order
 */
record AuditRun(
    Store store, RunFolder folder, JsonNode summary, JsonNode record, List<Location> parts) {
  /**
   * Reads what says how many reports there are, and counts them.
   *
   * @throws FileNotFoundException if the run has no summary: it has not ended, or it never was
   * @throws DamagedFileException if a file is damaged, or reports are missing: a table that lacks
   *     entries would be taken for the whole run
   */
  static AuditRun open(Store store, RunFolder folder) throws IOException {
    JsonNode summary =
        folder
            .readSummary(store)
            .orElseThrow(
                () ->
                    new FileNotFoundException(
                        folder.summary() + ": expected a run that has ended, found no summary"));
    JsonNode record = JsonFile.read(store, folder.record()).orElse(MissingNode.getInstance());
    List<Location> parts =
        folder.parts(store).stream()
            .map(StoredFile::location)
            .sorted(Comparator.comparing(Location::path))
            .toList();
    AuditRun run = new AuditRun(store, folder, summary, record, parts);
    run.id();
    run.requireReports();
    return run;
  }

  /** Its name, as its summary says. */
  String id() throws DamagedFileException {
    try {
      return RunFolder.checkedId(summary.path("run_id").asText());
    } catch (IllegalArgumentException e) {
      throw new DamagedFileException(
          Problem.in(folder.summary().toString())
              .inside("run_id")
              .expected("the name of a run")
              .found(summary.path("run_id").toString()),
          e);
    }
  }

  private void requireReports() throws IOException {
    long expected = summary.path("total").asLong();
    AtomicLong found = new AtomicLong();
    forEach(report -> found.incrementAndGet());
    if (found.get() < expected) {
      throw new DamagedFileException(
          Problem.in(folder.summary().toString())
              .expected(Amounts.count(expected, "report") + ", as the run's summary says")
              .found("%d in %s".formatted(found.get(), Amounts.count(parts.size(), "file"))));
    }
  }

  /** Reads every report, one at a time, in the order of the files. */
  void forEach(ReportFiles.Reader reader) throws IOException {
    for (Location part : parts) {
      ReportFiles.read(store, part, reader);
    }
  }

  /**
   * A file of the run with its digest.
   *
   * @param name below the run's folder
   */
  record Digest(String name, long bytes, String sha256) {}

  /** Digests of what the page is made of: catalogue, record, summary and reports. */
  List<Digest> digests() throws IOException {
    List<Location> files = new ArrayList<>();
    files.add(folder.catalogue());
    files.add(folder.record());
    files.add(folder.summary());
    files.addAll(parts);
    List<Digest> digests = new ArrayList<>();
    for (Location file : files) {
      Optional<StoredFile> stored = store.status(file);
      if (stored.isPresent()) {
        digests.add(new Digest(file.name(), stored.get().bytes(), sha256(file)));
      }
    }
    return digests;
  }

  private String sha256(Location file) throws IOException {
    try (InputStream in = store.open(file)) {
      return Staging.sha256(in);
    }
  }
}
