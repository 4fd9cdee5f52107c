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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.PendingFile;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.files.DamagedFileException;
import dev.fusewright.pipeline.report.ExampleReports;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.report.RunSummary;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.run.RunFolder;
import dev.fusewright.report.ErrorRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.file.DataFileWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditReportTest {
  private final Store store = Stores.of(StorageConfiguration.defaults());

  @TempDir private Path folder;

  @Test
  void every_entry_is_in_page_and_table_and_what_was_not_published_comes_first()
      throws IOException {
    AuditReport.Written written = write(List.of(fused("a"), rejected("b", "it moved")));

    String page = Files.readString(written.page());
    assertThat(page.indexOf("<td class=\"id\">b</td>"))
        .isPositive()
        .isLessThan(page.indexOf("<td class=\"id\">a</td>"));
    assertThat(page)
        .contains("AS_LISTED", "verify: it moved", "conv-batch-norm at conv, bn, relu: folded")
        .contains("OTHER_USES")
        .endsWith("</html>\n");
    List<String> table = Files.readAllLines(written.table());
    assertThat(table).hasSize(3);
    assertThat(table.get(0)).startsWith("id,outcome,verdict,levels");
    assertThat(table.get(1)).startsWith("b,REJECTED,");
    assertThat(table.get(2))
        .startsWith(
            "a,FUSED,AS_LISTED,\"AS_LISTED: certificate, sites and structure; whole model NOISE\",");
  }

  @Test
  void a_hostile_name_is_text_in_the_page() throws IOException {
    AuditReport.Written written =
        write(List.of(rejected("<script>alert(1)</script>", "\"><img src=x onerror=alert(2)>")));

    assertThat(Files.readString(written.page()))
        .doesNotContain("<script", "<img")
        .contains("&lt;script&gt;alert(1)", "&lt;img src=x");
  }

  @Test
  void the_page_allows_no_script_and_nothing_from_elsewhere() throws IOException {
    assertThat(Files.readString(write(List.of(fused("a"))).page()))
        .contains("Content-Security-Policy\" content=\"default-src 'none'")
        .doesNotContain("http://", "https://");
  }

  @Test
  void a_formula_a_comma_and_a_line_break_are_text_in_the_table() throws IOException {
    AuditReport.Written written =
        write(List.of(rejected("=HYPERLINK(\"x\",\"y\")", "one\ntwo"), rejected("+1", "-")));

    assertThat(Files.readString(written.table()))
        .contains("\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\",REJECTED")
        .contains("\"verify: one\n  two\"\r\n")
        .contains("'+1,REJECTED");
  }

  @Test
  void a_run_that_has_not_ended_is_refused_and_nothing_is_written() {
    RunFolder run = RunFolder.of(Location.of(folder), "a-run");

    assertThatThrownBy(() -> new AuditReport(store, run).write(folder.resolve("audit")))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("summary.json");
    assertThat(folder.resolve("audit")).doesNotExist();
  }

  @Test
  void a_report_that_is_missing_is_missed() throws IOException {
    write(List.of(fused("a"), fused("b")));
    Path part = folder.resolve("run=a-run/part-00000-of-00001.avro");
    byte[] whole = Files.readAllBytes(part);
    Files.delete(folder.resolve("audit/a-run.csv"));

    for (int length : new int[] {0, 3, whole.length / 2, whole.length - 1}) {
      Files.write(part, Arrays.copyOf(whole, length));
      assertThatThrownBy(this::report)
          .isInstanceOf(DamagedFileException.class)
          .hasMessageContaining("part-00000-of-00001.avro, byte ");
    }
    Files.delete(part);
    assertThatThrownBy(this::report)
        .isInstanceOf(DamagedFileException.class)
        .hasMessageContaining("expected 2 reports, as the run's summary says, found 0 in 0 files");
    assertThat(folder.resolve("audit/a-run.csv")).doesNotExist();
  }

  private void report() throws IOException {
    new AuditReport(store, RunFolder.of(Location.of(folder), "a-run"))
        .write(folder.resolve("audit"));
  }

  @Test
  void nothing_partial_is_left_beside_them() throws IOException {
    write(List.of(fused("a")));
    write(List.of(fused("b")));

    assertThat(folder.resolve("audit"))
        .isDirectoryContaining("glob:**/a-run.html")
        .isDirectoryContaining("glob:**/a-run.csv")
        .isDirectoryNotContaining("glob:**/.report*");
  }

  private AuditReport.Written write(List<FusionReport> reports) throws IOException {
    RunFolder run = RunFolder.of(Location.of(folder), "a-run");
    RunTotals totals = new RunTotals();
    try (PendingFile file = store.create(run.location().resolve("part-00000-of-00001.avro"))) {
      try (DataFileWriter<FusionReport> writer = ReportFiles.writer(file)) {
        for (FusionReport report : reports) {
          writer.append(report);
          totals.add(report);
        }
      }
      file.commit();
    }
    store.publish(
        new RunSummary("a-run", totals, 0, 1.5).json().getBytes(StandardCharsets.UTF_8),
        run.summary());
    return new AuditReport(store, run).write(folder.resolve("audit"));
  }

  private static FusionReport fused(String id) {
    return FusionReport.newBuilder(ExampleReports.full())
        .setId(id)
        .setOutcome(Outcome.FUSED)
        .setError(null)
        .build();
  }

  private static FusionReport rejected(String id, String message) {
    return FusionReport.newBuilder(ExampleReports.full())
        .setId(id)
        .setOutcome(Outcome.REJECTED)
        .setError(
            ErrorRecord.newBuilder(ExampleReports.full().getError()).setMessage(message).build())
        .build();
  }
}
