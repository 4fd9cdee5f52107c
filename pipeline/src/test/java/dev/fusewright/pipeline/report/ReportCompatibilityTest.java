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
package dev.fusewright.pipeline.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.report.FusionReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every version of the schema there was is kept in {@code src/test/resources/reports}, with a file
 * that was written with it. A change to the schema adds a version there; it never edits one.
 */
final class ReportCompatibilityTest {
  private static final Path KEPT = Path.of("src/test/resources/reports");
  private final Store store = Stores.of(StorageConfiguration.defaults());

  static Stream<Path> schemas() throws IOException {
    try (Stream<Path> files = Files.list(KEPT)) {
      return files.filter(file -> file.toString().endsWith(".avsc")).sorted().toList().stream();
    }
  }

  @Test
  void the_newest_kept_version_is_the_one_in_use() throws IOException {
    List<Path> all = schemas().toList();
    Schema newest = new Schema.Parser().parse(all.get(all.size() - 1).toFile());
    Schema current = new Schema.Parser().parse(Path.of("src/main/avro/FusionReport.avsc").toFile());
    assertThat(newest)
        .as(
            "FusionReport.avsc has changed: keep it as the next version in %s, with a file written with it",
            KEPT)
        .isEqualTo(current);
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void reports_of_every_version_are_read_now(Path schema) throws IOException {
    Schema old = new Schema.Parser().parse(schema.toFile());
    assertThat(
            SchemaCompatibility.checkReaderWriterCompatibility(FusionReport.getClassSchema(), old)
                .getType())
        .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    List<FusionReport> reports = new ArrayList<>();
    String data = schema.getFileName().toString().replace(".avsc", ".avro");
    ReportFiles.read(store, Location.of(schema.resolveSibling(data)), reports::add);
    assertThat(reports).hasSize(1);
    assertThat(reports.get(0).getId()).isEqualTo("vision/model");
    assertThat(reports.get(0).getEquivalence().getOutputs().get(0).getMaxAbs()).isEqualTo(1.5e-7);
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void readers_of_every_version_read_what_is_written_now(Path schema, @TempDir Path folder)
      throws IOException {
    Path written = write(folder.resolve("now.avro"));
    Schema old = new Schema.Parser().parse(schema.toFile());
    try (DataFileStream<GenericRecord> reports =
        new DataFileStream<>(Files.newInputStream(written), new GenericDatumReader<>(null, old))) {
      assertThat(reports.next().get("id")).hasToString("vision/model");
    }
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void readers_of_every_version_read_a_verdict_that_they_do_not_know(
      Path schema, @TempDir Path folder) throws IOException {
    FusionReport report = ExampleReports.full();
    report.getEquivalence().put("verdict", "A_VERDICT_OF_TOMORROW");
    Path written = write(folder.resolve("tomorrow.avro"), report);
    Schema old = new Schema.Parser().parse(schema.toFile());
    try (DataFileStream<GenericRecord> reports =
        new DataFileStream<>(Files.newInputStream(written), new GenericDatumReader<>(null, old))) {
      GenericRecord equivalence = (GenericRecord) reports.next().get("equivalence");
      assertThat(equivalence.get("verdict")).hasToString("A_VERDICT_OF_TOMORROW");
    }
  }

  @Test
  void an_outcome_has_five_symbols_and_from_version_4_on_a_default() throws IOException {
    List<Path> all = schemas().toList();
    for (int version = 1; version <= all.size(); version++) {
      Schema outcome =
          new Schema.Parser().parse(all.get(version - 1).toFile()).getField("outcome").schema();
      assertThat(outcome.getEnumSymbols())
          .containsExactly("FUSED", "NOTHING_TO_FUSE", "UNCHANGED", "REJECTED", "FAILED");
      assertThat(outcome.getEnumDefault()).isEqualTo(version < 4 ? null : "FAILED");
    }
  }

  @Test
  void what_is_written_is_read_back_whole(@TempDir Path folder) throws IOException {
    List<FusionReport> read = new ArrayList<>();
    ReportFiles.read(store, Location.of(write(folder.resolve("report.avro"))), read::add);
    assertThat(read).containsExactly(ExampleReports.full());
  }

  private Path write(Path file) throws IOException {
    return write(file, ExampleReports.full());
  }

  private Path write(Path file, FusionReport report) throws IOException {
    try (var pending = store.create(Location.of(file))) {
      try (var writer = ReportFiles.writer(pending)) {
        writer.append(report);
      }
      pending.commit();
    }
    return file;
  }
}
