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
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.report.ReportJson;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.run.RunFolder;
import dev.fusewright.pipeline.run.RunSpec;
import dev.fusewright.report.FusionReport;
import java.io.IOException;
import org.apache.avro.file.DataFileWriter;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.values.KV;
import org.jspecify.annotations.Nullable;

/**
 * Writes the reports of one shard, and once more, as JSON Lines, those of entries that were not
 * published.
 *
 * <p>Doing it again is safe: the same shard replaces its own files, and nobody else writes them.
 */
final class WritePart extends DoFn<KV<Integer, Iterable<FusionReport>>, RunTotals> {
  private final RunSpec run;

  WritePart(RunSpec run) {
    this.run = run;
  }

  @ProcessElement
  public void write(
      @Element KV<Integer, Iterable<FusionReport>> shard, OutputReceiver<RunTotals> totals)
      throws IOException {
    Store store = run.store();
    RunFolder folder = run.folder();
    String part = "part-%05d-of-%05d".formatted(shard.getKey(), run.shards());
    RunTotals sum = new RunTotals();
    try (PendingFile file = store.create(folder.location().resolve(part + ".avro"));
        Quarantine quarantine =
            new Quarantine(store, folder.quarantine().resolve(part + ".jsonl"))) {
      try (DataFileWriter<FusionReport> writer = ReportFiles.writer(file)) {
        for (FusionReport report : shard.getValue()) {
          writer.append(report);
          sum.add(report);
          if (report.getError() != null) {
            quarantine.add(report);
          }
        }
      }
      file.commit();
      quarantine.commit();
    }
    totals.output(sum);
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
