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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.cache.CacheLookup.Trust;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs over what earlier runs have done, on a real Flink, embedded in this JVM. */
@UsesFlink
final class IncrementalRunTest {
  private static final Settings UNPROVEN =
      Settings.NONE.with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE);
  private static final List<String> MODELS =
      List.of("mlp_bn", "conv1d_net", "nothing_to_fuse", "dcgan_generator");

  @TempDir Path folder;
  private final List<String> lines = new ArrayList<>();

  @BeforeEach
  void a_zoo() throws IOException {
    for (String model : MODELS) {
      Files.copy(ExampleModels.model(model), source(model));
      lines.add("{\"id\": \"%s\", \"uri\": \"%s.onnx\"}".formatted(model, model));
    }
  }

  private Path source(String model) {
    return folder.resolve(model + ".onnx");
  }

  private Path output(String model) {
    return folder.resolve("out/" + model + ".onnx");
  }

  private FuseRun run(Settings settings, RunChoices choices, @Nullable String name)
      throws IOException {
    Path catalogue = Files.write(folder.resolve("catalogue.jsonl"), lines);
    return TestRuns.into(
        folder.resolve("out"), Location.of(catalogue), settings, choices, name, "--parallelism=2");
  }

  private FuseRun.Ended execute(Settings settings) throws Exception {
    return run(settings, RunChoices.USUAL, null).execute(begun -> {});
  }

  private static Map<String, Outcome> outcomes(FuseRun.Ended ended) throws IOException {
    Map<String, Outcome> outcomes = new TreeMap<>();
    reports(ended).forEach((id, report) -> outcomes.put(id, report.getOutcome()));
    return outcomes;
  }

  private static Map<String, FusionReport> reports(FuseRun.Ended ended) throws IOException {
    Map<String, FusionReport> reports = new TreeMap<>();
    var store = Stores.of(StorageConfiguration.defaults());
    for (var part : store.list(ended.folder().resolve("part-*.avro"))) {
      ReportFiles.read(store, part.location(), report -> reports.put(report.getId(), report));
    }
    return reports;
  }

  private static Map<String, Outcome> all(Outcome outcome) {
    Map<String, Outcome> all = new TreeMap<>();
    MODELS.forEach(model -> all.put(model, outcome));
    return all;
  }

  @Test
  void a_second_run_finds_everything_unchanged_and_touches_nothing() throws Exception {
    FuseRun.Ended first = execute(Settings.NONE);
    var published = Files.getLastModifiedTime(output("mlp_bn"));

    FuseRun.Ended second = execute(Settings.NONE);

    assertThat(outcomes(second)).isEqualTo(all(Outcome.UNCHANGED));
    assertThat(Files.getLastModifiedTime(output("mlp_bn"))).isEqualTo(published);
    assertThat(second.summary().get("unchanged").asInt()).isEqualTo(MODELS.size());
    assertThat(second.summary().get("bytes_in").asLong()).isZero();
    FusionReport before = reports(first).get("mlp_bn");
    FusionReport after = reports(second).get("mlp_bn");
    assertThat(after.getRunId()).isEqualTo(second.id());
    assertThat(after.getEquivalence()).isEqualTo(before.getEquivalence());
    assertThat(after.getOutput()).isEqualTo(before.getOutput());
  }

  @Test
  void twins_are_fused_once_by_each_slot_at_most_and_unchanged_the_next_time() throws Exception {
    int twins = 8;
    for (int i = 0; i < twins; i++) {
      Files.copy(ExampleModels.model("mlp_bn"), source("twin" + i));
      lines.add("{\"id\": \"twin%d\", \"uri\": \"twin%d.onnx\"}".formatted(i, i));
    }
    FuseRun.Ended first = execute(Settings.NONE);

    int slots = 2;
    assertThat(first.summary().get("fused").asInt()).isEqualTo(MODELS.size() - 1 + twins);
    assertThat(first.summary().get("reused").asInt()).isBetween(1 + twins - slots, twins);
    for (int i = 0; i < twins; i++) {
      assertThat(output("twin" + i)).hasSameBinaryContentAs(output("mlp_bn"));
    }
    FuseRun.Ended second = execute(Settings.NONE);
    assertThat(second.summary().get("unchanged").asInt()).isEqualTo(MODELS.size() + twins);
    assertThat(second.summary().get("reused").asInt()).as("by this run").isZero();
  }

  @Test
  void only_what_changed_is_done_again() throws Exception {
    execute(UNPROVEN);
    byte[] fused = Files.readAllBytes(output("dcgan_generator"));
    Files.copy(
        ExampleModels.model("resnet18"),
        source("mlp_bn"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Files.delete(output("conv1d_net"));
    Files.write(output("dcgan_generator"), new byte[fused.length]);

    Map<String, Outcome> expected = all(Outcome.FUSED);
    expected.put("nothing_to_fuse", Outcome.UNCHANGED);
    assertThat(outcomes(execute(UNPROVEN))).isEqualTo(expected);
    assertThat(output("dcgan_generator")).hasBinaryContent(fused);
    assertThat(outcomes(execute(UNPROVEN))).isEqualTo(all(Outcome.UNCHANGED));

    expected.replaceAll((id, outcome) -> Outcome.FUSED);
    expected.put("nothing_to_fuse", Outcome.NOTHING_TO_FUSE);
    assertThat(outcomes(execute(UNPROVEN.with(SettingFields.RULES, "torch")))).isEqualTo(expected);
    assertThat(
            outcomes(
                run(
                        UNPROVEN.with(SettingFields.RULES, "torch"),
                        new RunChoices(Trust.THIS_RUN_ONLY, null),
                        null)
                    .execute(begun -> {})))
        .isEqualTo(expected);
  }

  @Test
  void a_source_that_is_copied_anew_is_read_and_not_fused() throws Exception {
    execute(UNPROVEN);
    for (String model : MODELS) {
      Files.setLastModifiedTime(
          source(model), java.nio.file.attribute.FileTime.fromMillis(1_700_000_000_000L));
    }
    assertThat(outcomes(execute(UNPROVEN))).isEqualTo(all(Outcome.UNCHANGED));
  }

  @Test
  void a_run_that_goes_on_under_its_name_has_the_totals_of_one_that_was_not_disturbed()
      throws Exception {
    FuseRun undisturbed = run(UNPROVEN, RunChoices.USUAL, "nightly");
    JsonNode expected = undisturbed.execute(begun -> {}).summary();
    RunFolder nightly = RunFolder.of(undisturbed.reports(), "nightly");
    // As a kill leaves it: some models with their receipts, one without, no reports.
    Files.delete(nightly.success().localPath());
    Files.delete(nightly.summary().localPath());
    TestReceipts.remove(folder.resolve("out/reports"), "conv1d_net");
    Files.delete(output("nothing_to_fuse"));

    FuseRun.Ended resumed = undisturbed.execute(begun -> {});

    for (String field : List.of("total", "fused", "nothing_to_fuse", "unchanged", "bytes_in")) {
      assertThat(resumed.summary().get(field)).as(field).isEqualTo(expected.get(field));
    }
    assertThat(resumed.summary().get("fused").asInt()).isEqualTo(3);
    assertThat(nightly.success().localPath()).exists();
  }

  @Test
  void a_complete_run_is_not_begun_again_and_another_one_does_not_take_its_name() throws Exception {
    FuseRun nightly = run(UNPROVEN, RunChoices.USUAL, "nightly");
    JsonNode summary = nightly.execute(begun -> {}).summary();
    FuseRun.Ended again =
        nightly.execute(
            begun -> {
              throw new AssertionError("begun again");
            });
    assertThat(again.summary()).isEqualTo(summary);

    Files.delete(RunFolder.of(nightly.reports(), "nightly").success().localPath());
    assertThatThrownBy(
            () ->
                run(UNPROVEN.with(SettingFields.SEED, 5L), RunChoices.USUAL, "nightly")
                    .execute(begun -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("another catalogue, output, receipts or settings");
    assertThatThrownBy(() -> run(UNPROVEN, RunChoices.USUAL, "a/b"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A JobManager that is replaced after the end: its Flink calls the program again. */
  @Test
  void where_a_job_is_expected_a_complete_run_is_one_that_finds_every_entry_done()
      throws Exception {
    FuseRun nightly = run(UNPROVEN, RunChoices.USUAL, "nightly");
    FuseRun.Ended first = nightly.execute(begun -> {});
    FuseRun replaced =
        new FuseRun(
            nightly.catalogue(),
            nightly.output(),
            nightly.reports(),
            nightly.settings(),
            nightly.storage(),
            nightly.choices(),
            nightly.name(),
            expectingAJob(nightly.submitter()));
    AtomicInteger jobs = new AtomicInteger();

    FuseRun.Ended again = replaced.execute(begun -> jobs.incrementAndGet());

    assertThat(jobs).hasValue(1);
    for (String field : List.of("total", "fused", "nothing_to_fuse", "unchanged", "bytes_in")) {
      assertThat(again.summary().get(field)).as(field).isEqualTo(first.summary().get(field));
    }
    assertThat(outcomes(again)).isEqualTo(outcomes(first));
    assertThat(RunFolder.of(nightly.reports(), "nightly").success().localPath()).exists();
  }

  private static Submitter expectingAJob(Submitter submitter) {
    return new Submitter() {
      @Override
      public boolean isDetached() {
        return submitter.isDetached();
      }

      @Override
      public boolean isJobExpected() {
        return true;
      }

      @Override
      public Prepared prepare(String jobName, Path scratch) throws IOException {
        return submitter.prepare(jobName, scratch);
      }
    };
  }

  @Test
  void rejected_and_failed_entries_are_tried_again() throws Exception {
    Files.writeString(source("mlp_bn"), "no model");
    FuseRun.Ended first = execute(UNPROVEN);
    assertThat(outcomes(first)).containsEntry("mlp_bn", Outcome.FAILED);
    assertThat(outcomes(execute(UNPROVEN))).containsEntry("mlp_bn", Outcome.FAILED);
    Path retry =
        RunFolder.of(Location.of(folder.resolve("out/reports")), first.id()).retry().localPath();
    assertThat(retry).content().contains("\"id\":\"mlp_bn\"").hasLineCount(1);
  }

  @Test
  void after_more_failures_than_allowed_no_more_entries_are_begun() throws Exception {
    lines.clear();
    for (int i = 0; i < 40; i++) {
      lines.add("{\"id\": \"missing%d\", \"uri\": \"missing%d.onnx\"}".formatted(i, i));
    }
    FuseRun.Ended stopped =
        run(UNPROVEN, new RunChoices(Trust.EVERY_RUN, 3L), null).execute(begun -> {});

    int failed = stopped.summary().get("failed").asInt();
    // Each of two workers may have one in hand when the other reaches the limit.
    assertThat(failed).isBetween(4, 5);
    assertThat(stopped.summary().get("total").asInt()).isEqualTo(failed);
    assertThat(stopped.summary().get("not_tried").asInt()).isEqualTo(40 - failed);
    assertThat(stopped.folder().resolve("_SUCCESS").localPath()).doesNotExist();
    assertThat(folder.resolve("out/reports/latest.json")).doesNotExist();
    assertThat(reports(stopped)).hasSize(failed);
  }
}
