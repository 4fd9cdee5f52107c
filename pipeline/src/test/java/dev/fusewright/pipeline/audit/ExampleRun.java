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

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.PendingFile;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.report.ExampleReports;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.report.RunSummary;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.run.RunFolder;
import dev.fusewright.report.ErrorRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.apache.avro.file.DataFileWriter;

/** Runs of which only the reports are there, and what says of them. */
public final class ExampleRun {
  static final Store STORE = Stores.of(StorageConfiguration.defaults());
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private ExampleRun() {}

  /** A model of a run, given one at a time. */
  interface Models {
    void write(Sink sink) throws IOException;
  }

  interface Sink {
    void add(FusionReport report) throws IOException;
  }

  /** A run that has ended; without the record that it began with. */
  public static RunFolder write(Path reports, String id, List<FusionReport> models)
      throws IOException {
    return write(reports, id, sink -> addAll(models, sink));
  }

  private static void addAll(List<FusionReport> models, Sink sink) throws IOException {
    for (FusionReport model : models) {
      sink.add(model);
    }
  }

  static RunFolder write(Path reports, String id, Models models) throws IOException {
    RunFolder run = RunFolder.of(Location.of(reports), id);
    RunTotals totals = new RunTotals();
    try (PendingFile file = STORE.create(run.location().resolve("part-00000-of-00001.avro"))) {
      try (DataFileWriter<FusionReport> writer = ReportFiles.writer(file)) {
        models.write(
            report -> {
              writer.append(report);
              totals.add(report);
            });
      }
      file.commit();
    }
    STORE.publish(
        new RunSummary(id, totals, 0, 1.5).json().getBytes(StandardCharsets.UTF_8), run.summary());
    return run;
  }

  /** Makes a run the complete one over a catalogue that began so many hours after noon. */
  public static RunFolder complete(RunFolder run, String catalogue, int hours) throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectNode record = json.createObjectNode();
    record.put("record_version", 2);
    record.put("run_id", run.location().name().substring("run=".length()));
    record.put("started", NOON.plusSeconds(3600L * hours).toString());
    record.put("converter_version", "0.1.0+abc");
    record.putObject("versions").put("java", "17.0.1").put("flink", "1.19.3");
    record.put("catalogue", catalogue);
    record.put("entries", 1).put("sized_entries", 1).put("bytes", 1);
    record.put("output", "/fused");
    record.putObject("settings").put("verify", "site");
    STORE.publish(json.writeValueAsBytes(record), run.record());
    STORE.publish("{}\n".getBytes(StandardCharsets.UTF_8), run.catalogue());
    STORE.publish(new byte[0], run.success());
    return run;
  }

  /** A model that was fused. */
  public static FusionReport fused(String id) {
    return FusionReport.newBuilder(ExampleReports.full())
        .setId(id)
        .setOutcome(Outcome.FUSED)
        .setError(null)
        .build();
  }

  /** A model of which nothing was published. */
  public static FusionReport rejected(String id, String message) {
    return FusionReport.newBuilder(ExampleReports.full())
        .setId(id)
        .setOutcome(Outcome.REJECTED)
        .setOutput(null)
        .setError(
            ErrorRecord.newBuilder(ExampleReports.full().getError()).setMessage(message).build())
        .build();
  }
}
