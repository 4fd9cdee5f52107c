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
package dev.fusewright.pipeline.beam;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.PendingFile;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.report.ReportJson;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.run.RunFolder;
import dev.fusewright.report.FusionReport;
import java.io.IOException;
import org.apache.avro.file.DataFileWriter;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.values.KV;
import org.jspecify.annotations.Nullable;

/**
 * Makes a part file of the attempts that belong to it, and writes once more, as JSON Lines, the
 * reports of entries that were not published.
 *
 * <p>Doing it again is safe: the same part file is replaced, and nobody else writes it.
 */
final class WritePart extends DoFn<KV<Integer, Iterable<String>>, RunTotals> {
  private final Location folder;
  private final StorageConfiguration storage;
  private final @Nullable String writer;
  private final int parts;

  /**
   * In a folder.
   *
   * @param writer in the names of unfinished files; null for one of this process
   * @param parts how many part files there are
   */
  WritePart(Location folder, StorageConfiguration storage, @Nullable String writer, int parts) {
    this.folder = folder;
    this.storage = storage;
    this.writer = writer;
    this.parts = parts;
  }

  @ProcessElement
  public void write(
      @Element KV<Integer, Iterable<String>> attempts, OutputReceiver<RunTotals> totals)
      throws IOException {
    totals.output(write(attempts.getKey(), attempts.getValue()));
  }

  RunTotals write(int number, Iterable<String> attempts) throws IOException {
    Store store = WriteReports.store(storage, writer);
    String part = "part-%05d-of-%05d".formatted(number, parts);
    RunTotals sum = new RunTotals();
    try (PendingFile file = store.create(folder.resolve(part + ".avro"));
        Quarantine quarantine =
            new Quarantine(store, new RunFolder(folder).quarantine().resolve(part + ".jsonl"))) {
      try (DataFileWriter<FusionReport> reports = ReportFiles.writer(file)) {
        for (String attempt : attempts) {
          ReportFiles.read(
              store,
              WriteReports.attempts(folder).resolve(attempt),
              report -> {
                reports.append(report);
                sum.add(report);
                if (report.getError() != null) {
                  quarantine.add(report);
                }
              });
        }
      }
      file.commit();
      quarantine.commit();
    }
    return sum;
  }

  /** Made when the first report comes: an empty quarantine has no files. */
  private static final class Quarantine implements AutoCloseable {
    private final Store store;
    private final Location location;
    private @Nullable PendingFile file;

    Quarantine(Store store, Location location) {
      this.store = store;
      this.location = location;
    }

    void add(FusionReport report) throws IOException {
      if (file == null) {
        file = store.create(location);
      }
      file.stream().write((ReportJson.printLine(report) + "\n").getBytes(UTF_8));
    }

    /** An earlier start of this run may have left a file here. */
    void commit() throws IOException {
      if (file != null) {
        file.commit();
      } else if (store.status(location).isPresent()) {
        store.publish(new byte[0], location);
      }
    }

    @Override
    public void close() throws IOException {
      if (file != null) {
        file.close();
      }
    }
  }
}
