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

import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.run.RunFolder;
import dev.fusewright.report.FusionReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writer of a run's flat tables: models, sites and refusals, a file each. */
public final class TableReport {
  private final Store store;
  private final RunFolder run;
  private final Format format;

  /** Formats of a table. */
  public enum Format {
    /** By RFC 4180, with text that is printable and no formulas. */
    CSV {
      @Override
      TableWriter open(Path file, Table<?> table) throws IOException {
        return new Csv(
            Files.newBufferedWriter(file, StandardCharsets.UTF_8), List.copyOf(table.columns()));
      }
    },
    /** JSON Lines: an object per row. */
    JSON {
      @Override
      TableWriter open(Path file, Table<?> table) throws IOException {
        return new JsonLines(
            Files.newBufferedWriter(file, StandardCharsets.UTF_8), List.copyOf(table.columns()));
      }
    },
    /** Parquet, uncompressed. */
    PARQUET {
      @Override
      TableWriter open(Path file, Table<?> table) throws IOException {
        return new ParquetTable(file, table.name(), List.copyOf(table.columns()));
      }
    };

    abstract TableWriter open(Path file, Table<?> table) throws IOException;

    String extension() {
      return this == JSON ? "jsonl" : name().toLowerCase(Locale.ROOT);
    }
  }

  /** Of a run that has ended. */
  public TableReport(Store store, RunFolder run, Format format) {
    this.store = store;
    this.run = run;
    this.format = format;
  }

  /**
   * Writes the tables into a folder, which is made if it is not there. They appear when all are
   * complete.
   *
   * @return their files
   * @throws java.io.FileNotFoundException if the run has no summary: it has not ended, or it never
   *     was
   * @throws dev.fusewright.pipeline.files.DamagedFileException if files of the run are damaged or
   *     missing
   */
  public List<Path> write(Path folder) throws IOException {
    AuditRun reports = AuditRun.open(store, run);
    try (OutputFolder output = OutputFolder.in(folder)) {
      List<Path> files = new ArrayList<>();
      for (Table<?> table : Table.ALL) {
        files.add(write(reports, table, output));
      }
      List<Path> published = new ArrayList<>();
      for (Path file : files) {
        published.add(output.publish(file, file.getFileName().toString()));
      }
      return published;
    }
  }

  /** Each table reads the reports by itself: no row is kept. */
  private Path write(AuditRun reports, Table<?> table, OutputFolder output) throws IOException {
    Path file = output.file("%s.%s.%s".formatted(reports.id(), table.name(), format.extension()));
    try (TableWriter writer = format.open(file, table)) {
      reports.forEach((FusionReport report) -> table.write(report, writer));
    }
    return file;
  }
}
