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
import dev.fusewright.pipeline.audit.AuditReport.Packing;
import dev.fusewright.pipeline.files.DamagedFileException;
import dev.fusewright.pipeline.report.ExampleReports;
import dev.fusewright.pipeline.run.RunFolder;
import dev.fusewright.report.EquivalenceRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.LevelRecord;
import dev.fusewright.report.ModelSize;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.RefusalRecord;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditReportTest {
  @TempDir private Path folder;

  @Test
  void the_page_says_when_of_what_with_which_settings_and_digests() throws IOException {
    RunFolder run = ExampleRun.write(folder, "a-run", List.of(ExampleRun.fused("a")));
    ExampleRun.complete(run, "/zoo/catalogue.jsonl", 0);

    assertThat(page(run))
        .contains("2026-03-01 12:00:00 UTC", "/zoo/catalogue.jsonl", "fusewright 0.1.0+abc")
        .contains("Java 17.0.1, Apache Flink 1.19.3")
        .contains("a runner", ">verify<", ">the run<", ">default<")
        .contains(">rules<", ">inference; torch for state dicts", ">samples<", ">seed<")
        .contains("catalogue.jsonl", "part-00000-of-00001.avro", "summary.json")
        .containsPattern(">[0-9a-f]{64}<")
        .contains("Signature")
        .endsWith("</html>\n");
  }

  @Test
  void a_level_that_was_not_judged_is_a_finding_and_one_that_was_is_none() throws IOException {
    FusionReport whole = withWholeModel(ExampleRun.fused("b"), "EQUIVALENT", null);

    assertThat(page(ExampleRun.write(folder, "noisy", List.of(ExampleRun.fused("a")))))
        .contains("WHOLE_MODEL_NOISE", "whole=NOISE")
        .contains("on this level: the original itself moves by more than the widest tolerance.");
    assertThat(page(ExampleRun.write(folder, "whole", List.of(whole))))
        .doesNotContain("WHOLE_MODEL_");
  }

  @Test
  void what_was_published_without_any_proof_is_not_said_to_be_confirmed() throws IOException {
    FusionReport unproven =
        FusionReport.newBuilder(ExampleRun.fused("a"))
            .setEquivalence(
                EquivalenceRecord.newBuilder(
                        withWholeModel(ExampleRun.fused("a"), "NOT_CHECKED", null).getEquivalence())
                    .setVerdict("NOT_CHECKED")
                    .setOutputs(List.of())
                    .build())
            .setDropped(List.of())
            .build();

    assertThat(page(ExampleRun.write(folder, "a-run", List.of(unproven))))
        .contains("WITHOUT_PROOF", "published without a proof")
        .doesNotContain("was confirmed at every level");
  }

  @Test
  void of_a_candidate_that_others_made_nothing_is_said_to_be_published() throws IOException {
    FusionReport candidate =
        FusionReport.newBuilder(ExampleRun.fused("a"))
            .setMode("verify")
            .setOutcome(Outcome.NOTHING_TO_FUSE)
            .setFusions(List.of())
            .build();

    assertThat(page(ExampleRun.write(folder, "a-run", List.of(candidate))))
        .contains("1 of them only looked at", "nothing against it", "whole model NOISE")
        .doesNotContain("WHOLE_MODEL_NOISE", "published or left as they were");
  }

  @Test
  void a_model_of_batch_norms_in_training_form_is_a_wrong_export() throws IOException {
    FusionReport wrong = unfused("a", "TRAINING_MODE", /* batchNorms= */ 1);

    assertThat(page(ExampleRun.write(folder, "a-run", List.of(wrong)))).contains("WRONG_EXPORT");
  }

  @Test
  void a_model_with_one_of_two_batch_norms_in_training_form_is_no_wrong_export()
      throws IOException {
    FusionReport part = unfused("a", "TRAINING_MODE", /* batchNorms= */ 2);

    assertThat(page(ExampleRun.write(folder, "a-run", List.of(part))))
        .doesNotContain("WRONG_EXPORT");
  }

  @Test
  void one_cause_is_said_once_with_how_many_there_are() throws IOException {
    String page =
        page(
            ExampleRun.write(
                folder,
                "a-run",
                List.of(
                    ExampleRun.rejected("a", "/zoo/a.onnx, byte 12: expected 'x'"),
                    ExampleRun.rejected("b", "/zoo/b.onnx, byte 7: expected 'y'"),
                    ExampleRun.rejected("c", "the disk is full"))));

    assertThat(page)
        .containsOnlyOnce("byte 12: expected")
        .doesNotContain("byte 7: expected")
        .containsOnlyOnce("the disk is full");
  }

  @Test
  void the_run_before_is_found_and_what_got_worse_is_named() throws IOException {
    ExampleRun.complete(
        ExampleRun.write(folder, "monday", List.of(ExampleRun.fused("a"), ExampleRun.fused("b"))),
        "/zoo",
        0);
    ExampleRun.complete(
        ExampleRun.write(folder, "elsewhere", List.of(ExampleRun.rejected("a", "no"))),
        "/other",
        1);
    RunFolder tuesday =
        ExampleRun.complete(
            ExampleRun.write(
                folder, "tuesday", List.of(ExampleRun.rejected("a", "no"), ExampleRun.fused("c"))),
            "/zoo",
            2);

    assertThat(page(tuesday))
        .contains("Compared with the run before over the same catalogue, monday.")
        .contains("now failing", "1 model of that run is not in this one: b.");
  }

  @Test
  void a_retry_is_told_with_the_run_that_it_belongs_to() throws IOException {
    RunFolder first =
        ExampleRun.complete(
            ExampleRun.write(folder, "first", List.of(ExampleRun.rejected("a", "no"))), "/zoo", 0);
    RunFolder retry =
        ExampleRun.complete(
            ExampleRun.write(folder, "again", List.of(ExampleRun.fused("a"))),
            first.retry().toString(),
            1);

    assertThat(page(first)).contains("retried by the run again", "1 of 1 published");
    assertThat(page(retry))
        .contains("This run retries what the run first did not publish.")
        .contains("Compared with the run that it retries, first.", "no longer failing");
  }

  @Test
  void a_run_before_that_is_damaged_is_named_and_the_page_is_written() throws IOException {
    RunFolder before =
        ExampleRun.complete(
            ExampleRun.write(folder, "before", List.of(ExampleRun.fused("a"))), "/zoo", 0);
    RunFolder run =
        ExampleRun.complete(
            ExampleRun.write(folder, "a-run", List.of(ExampleRun.fused("a"))), "/zoo", 1);
    Files.write(before.location().resolve("part-00000-of-00001.avro").localPath(), new byte[9]);

    assertThat(page(run)).contains("Not compared: the run before, before, cannot be read");
  }

  @Test
  void a_hostile_name_is_text_in_the_page_and_in_its_data() throws IOException {
    RunFolder run =
        ExampleRun.write(
            folder,
            "a-run",
            List.of(
                ExampleRun.rejected("</script><script>alert(1)</script>", "\"><img src=x>\u202e")));

    for (Packing packing : Packing.values()) {
      Path page =
          new AuditReport(ExampleRun.STORE, run, packing, null).write(folder.resolve("audit"));
      String text = Files.readString(page);
      assertThat(text)
          .doesNotContain("<script>alert", "<img", "\u202e")
          .contains("&lt;/script&gt;&lt;script&gt;alert(1)", "&lt;img src=x&gt;\\u202e");
      assertThat(text.split("</script>", -1)).hasSize(packing == Packing.FOLDER ? 2 : 4);
    }
    try (Stream<Path> data = Files.list(folder.resolve("audit/a-run.files"))) {
      for (Path file : data.toList()) {
        assertThat(Files.readString(file)).doesNotContain("<", "\u202e").contains("\\u003C");
      }
    }
  }

  @Test
  void the_page_allows_its_own_script_and_data_and_nothing_from_elsewhere() throws IOException {
    String page = page(ExampleRun.write(folder, "a-run", List.of(ExampleRun.fused("a"))));

    assertThat(page)
        .contains("default-src &#39;none&#39;", "script-src &#39;self&#39; &#39;sha256-")
        .doesNotContain("unsafe-inline", "unsafe-eval", "src=\"http", "href=\"http");
  }

  @Test
  void numbers_that_a_script_cannot_hold_are_texts_in_its_data() throws IOException {
    FusionReport seeded =
        FusionReport.newBuilder(ExampleRun.fused("a"))
            .setEquivalence(
                EquivalenceRecord.newBuilder(ExampleReports.full().getEquivalence())
                    .setSeed(1813390572590599201L)
                    .build())
            .build();
    page(ExampleRun.write(folder, "a-run", List.of(seeded)));

    assertThat(Files.readString(folder.resolve("audit/a-run.files/models-0.js")))
        .contains("\"seed\":\"1813390572590599201\"", "\"samples\":3");
  }

  @Test
  void others_may_read_what_is_written_as_the_umask_says() throws IOException {
    page(ExampleRun.write(folder, "a-run", List.of(ExampleRun.fused("a"))));
    Path usual = Files.writeString(folder.resolve("audit/usual"), "");

    for (String file : List.of("a-run.html", "a-run.files/rows.js", "a-run.files/models-0.js")) {
      assertThat(permissions(folder.resolve("audit").resolve(file))).isEqualTo(permissions(usual));
    }
  }

  private static Iterable<PosixFilePermission> permissions(Path file) throws IOException {
    return Files.getPosixFilePermissions(file);
  }

  @Test
  void a_run_that_has_not_ended_is_refused_and_nothing_is_written() {
    RunFolder run = RunFolder.of(Location.of(folder), "a-run");

    assertThatThrownBy(() -> new AuditReport(ExampleRun.STORE, run).write(folder.resolve("audit")))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("summary.json");
    assertThat(folder.resolve("audit")).doesNotExist();
  }

  @Test
  void a_report_that_is_missing_is_missed() throws IOException {
    RunFolder run =
        ExampleRun.write(folder, "a-run", List.of(ExampleRun.fused("a"), ExampleRun.fused("b")));
    Path part = folder.resolve("run=a-run/part-00000-of-00001.avro");
    byte[] whole = Files.readAllBytes(part);

    for (int length : new int[] {0, 3, whole.length / 2, whole.length - 1}) {
      Files.write(part, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> page(run))
          .isInstanceOf(DamagedFileException.class)
          .hasMessageContaining("part-00000-of-00001.avro, byte ");
    }
    Files.delete(part);
    assertThatThrownBy(() -> page(run))
        .isInstanceOf(DamagedFileException.class)
        .hasMessageContaining("expected 2 reports, as the run's summary says, found 0 in 0 files");
    assertThat(folder.resolve("audit")).doesNotExist();
  }

  @Test
  void nothing_partial_is_left_and_what_was_there_is_replaced() throws IOException {
    page(ExampleRun.write(folder, "a-run", List.of(ExampleRun.fused("old"))));
    page(ExampleRun.write(folder, "a-run", List.of(ExampleRun.fused("new"))));

    assertThat(folder.resolve("audit"))
        .isDirectoryContaining("glob:**/a-run.html")
        .isDirectoryContaining("glob:**/a-run.files")
        .isDirectoryNotContaining("glob:**/.report*");
    assertThat(Files.readString(folder.resolve("audit/a-run.files/rows.js")))
        .contains("\"new\"")
        .doesNotContain("\"old\"");
  }

  @Test
  void a_repro_of_a_dropped_fusion_is_named_with_its_model() throws IOException {
    RunFolder run = ExampleRun.write(folder, "a-run", List.of(ExampleRun.fused("vision/a")));
    ExampleRun.STORE.publish(new byte[1], run.quarantine().resolve("vision/a/0.onnx"));
    page(run);

    assertThat(Files.readString(folder.resolve("audit/a-run.files/models-0.js")))
        .contains("run=a-run/quarantine/vision/a/0.onnx");
  }

  private String page(RunFolder run) throws IOException {
    return Files.readString(new AuditReport(ExampleRun.STORE, run).write(folder.resolve("audit")));
  }

  private static FusionReport withWholeModel(
      FusionReport report, String verdict, @Nullable String doubt) {
    FusionReport copy = FusionReport.newBuilder(report).build();
    copy.getEquivalence()
        .getLevels()
        .put(
            "model",
            LevelRecord.newBuilder()
                .setVerdict(verdict)
                .setDoubt(doubt)
                .setReason("a reason")
                .build());
    return copy;
  }

  private static FusionReport unfused(String id, String reason, long batchNorms) {
    return FusionReport.newBuilder(ExampleRun.fused(id))
        .setOutcome(Outcome.NOTHING_TO_FUSE)
        .setFusions(List.of())
        .setDropped(List.of())
        .setBefore(
            ModelSize.newBuilder(ExampleReports.full().getBefore())
                .setOperators(Map.of("BatchNormalization", batchNorms))
                .build())
        .setRefusals(
            List.of(
                RefusalRecord.newBuilder(ExampleReports.full().getRefusals().get(0))
                    .setReason(reason)
                    .build()))
        .build();
  }
}
