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

import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
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
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nights over a zoo that hardly changes: what is unchanged is settled from the reports of the night
 * before, and nothing else is.
 */
@UsesFlink
final class SettledRunTest {
  private static final Settings UNPROVEN =
      Settings.NONE.with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE);
  private static final int MODELS = 12;
  private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

  @TempDir Path folder;
  private final Store store = Stores.of(StorageConfiguration.defaults());
  private final Map<String, String> lines = new TreeMap<>();

  @BeforeEach
  void a_zoo() throws IOException {
    Files.createDirectories(folder.resolve("zoo"));
    for (int i = 0; i < MODELS; i++) {
      put("m" + i, i % 3 == 0 ? "nothing_to_fuse" : "mlp_bn", LONG_AGO);
    }
  }

  private void put(String id, String model, FileTime modified) throws IOException {
    Path source = folder.resolve("zoo/" + id + ".onnx");
    Files.copy(ExampleModels.model(model), source, StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(source, modified);
    lines.put(id, "{\"id\": \"%s\", \"uri\": \"zoo/%s.onnx\"}".formatted(id, id));
  }

  /** Its name looks like a glob, which it is not. */
  private Path out() {
    return folder.resolve("out[1]");
  }

  private Path output(String id) {
    return out().resolve(id + ".onnx");
  }

  private FuseRun night(Settings settings, RunChoices choices, @Nullable String name)
      throws IOException {
    Path catalogue = Files.write(folder.resolve("catalogue.jsonl"), lines.values());
    return TestRuns.into(out(), Location.of(catalogue), settings, choices, name, "--parallelism=2");
  }

  private FuseRun.Ended night() throws Exception {
    return night(UNPROVEN, RunChoices.USUAL, null).execute(begun -> {});
  }

  private FuseRun.Ended nightWithoutWork() throws Exception {
    return night(UNPROVEN, RunChoices.USUAL, null)
        .execute(
            begun -> {
              throw new AssertionError("a job was begun for " + begun.catalogue());
            });
  }

  private Map<String, FusionReport> reports(FuseRun.Ended ended) throws IOException {
    Map<String, FusionReport> reports = new TreeMap<>();
    for (var part : new RunFolder(ended.folder()).parts(store)) {
      ReportFiles.read(
          store,
          part.location(),
          report -> assertThat(reports.put(report.getId(), report)).as(report.getId()).isNull());
    }
    assertThat(ended.summary().get("total").asInt()).isEqualTo(reports.size());
    return reports;
  }

  private Map<String, Outcome> outcomes(FuseRun.Ended ended) throws IOException {
    Map<String, Outcome> outcomes = new TreeMap<>();
    reports(ended).forEach((id, report) -> outcomes.put(id, report.getOutcome()));
    return outcomes;
  }

  private Map<String, Outcome> all(Outcome outcome) {
    Map<String, Outcome> all = new TreeMap<>();
    lines.keySet().forEach(id -> all.put(id, outcome));
    return all;
  }

  /** The entries that a job was begun for. */
  private static List<String> worked(FuseRun.Ended ended) throws IOException {
    RunFolder run = new RunFolder(ended.folder());
    Path work = run.work().localPath();
    List<String> ids = new ArrayList<>();
    for (String line :
        Files.readAllLines(Files.exists(work) ? work : run.catalogue().localPath())) {
      ids.add(line.replaceFirst("^\\{\"id\":\"([^\"]*)\".*", "$1"));
    }
    ids.sort(null);
    return ids;
  }

  @Test
  void a_night_without_changes_needs_no_job_and_reports_what_the_first_one_did() throws Exception {
    Map<String, FusionReport> first = reports(night());

    FuseRun.Ended second = nightWithoutWork();
    FuseRun.Ended third = nightWithoutWork();

    assertThat(outcomes(second)).isEqualTo(all(Outcome.UNCHANGED));
    assertThat(second.summary().get("unchanged").asInt()).isEqualTo(MODELS);
    assertThat(second.summary().get("bytes_in").asLong()).isZero();
    assertThat(second.folder().resolve("_SUCCESS").localPath()).exists();
    assertThat(worked(second)).isEmpty();
    reports(third)
        .forEach(
            (id, report) -> {
              assertThat(report.getRunId()).isEqualTo(third.id());
              assertThat(report.getFusions()).isEqualTo(first.get(id).getFusions());
              assertThat(report.getOutput()).isEqualTo(first.get(id).getOutput());
            });
  }

  @Test
  void whatever_is_not_as_it_was_is_looked_at_and_nothing_else() throws Exception {
    night();
    Map<String, Outcome> expected = all(Outcome.UNCHANGED);
    Files.delete(output("m1"));
    expected.put("m1", Outcome.FUSED);
    byte[] published = Files.readAllBytes(output("m2"));
    Files.write(output("m2"), new byte[published.length]);
    expected.put("m2", Outcome.FUSED);
    put("m3", "conv1d_net", LONG_AGO);
    expected.put("m3", Outcome.FUSED);
    Files.setLastModifiedTime(folder.resolve("zoo/m4.onnx"), FileTime.from(Instant.EPOCH));
    Files.delete(folder.resolve("zoo/m5.onnx"));
    expected.put("m5", Outcome.FAILED);
    TestReceipts.remove(out().resolve("reports"), "m6");
    expected.put("m6", Outcome.NOTHING_TO_FUSE);
    lines.put("m7", "{\"id\": \"m7\", \"uri\": \"zoo/m7.onnx\", \"rules\": \"torch\"}");
    expected.put("m7", Outcome.FUSED);
    lines.put("m8", "{\"id\": \"m8\", \"uri\": \"zoo/m8.onnx\", \"output\": \"else/m8.onnx\"}");
    expected.put("m8", Outcome.FUSED);
    put("new", "mlp_bn", LONG_AGO);
    expected.put("new", Outcome.FUSED);

    FuseRun.Ended second = night();

    assertThat(outcomes(second)).isEqualTo(expected);
    assertThat(worked(second))
        .containsExactly("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "new");
    assertThat(output("m2")).hasBinaryContent(published);
    assertThat(second.summary().get("unchanged").asInt()).isEqualTo(MODELS + 1 - 8);
    assertThat(new RunFolder(second.folder()).retry().localPath())
        .content()
        .contains("\"id\":\"m5\"")
        .hasLineCount(1);

    // m5 has failed and no receipt counts; all others have one.
    FuseRun.Ended third = night();
    assertThat(worked(third)).containsExactly("m5");
    put("m5", "mlp_bn", LONG_AGO);
    assertThat(outcomes(night())).isEqualTo(all(Outcome.UNCHANGED));
  }

  @Test
  void other_settings_and_force_settle_nothing() throws Exception {
    night();
    FuseRun forced = night(UNPROVEN, new RunChoices(Trust.THIS_RUN_ONLY, null), null);
    assertThat(forced.execute(begun -> {}).summary().get("unchanged").asInt()).isZero();
    FuseRun torch = night(UNPROVEN.with(SettingFields.RULES, "torch"), RunChoices.USUAL, null);
    assertThat(torch.execute(begun -> {}).summary().get("unchanged").asInt()).isZero();
    assertThat(worked(night())).as("published by torch's rules since").hasSize(MODELS);
  }

  @Test
  void what_a_run_has_settled_stays_settled_when_it_goes_on() throws Exception {
    night();
    Files.delete(output("m1"));
    FuseRun nightly = night(UNPROVEN, RunChoices.USUAL, "nightly");
    Map<String, Outcome> expected = outcomes(nightly.execute(begun -> {}));
    assertThat(expected).containsEntry("m1", Outcome.FUSED).containsEntry("m2", Outcome.UNCHANGED);
    RunFolder nightlyFolder = RunFolder.of(nightly.reports(), "nightly");
    // As a kill leaves it, and somebody has removed an output since.
    Files.delete(nightlyFolder.success().localPath());
    Files.delete(nightlyFolder.summary().localPath());
    Files.delete(output("m2"));

    assertThat(outcomes(nightly.execute(begun -> {}))).isEqualTo(expected);

    // Unless it is not to count any more.
    Files.delete(nightlyFolder.success().localPath());
    FuseRun forced = night(UNPROVEN, new RunChoices(Trust.THIS_RUN_ONLY, null), "nightly");
    assertThat(outcomes(forced.execute(begun -> {})))
        .containsEntry("m2", Outcome.FUSED)
        .doesNotContainValue(Outcome.UNCHANGED)
        .hasSize(MODELS);

    Files.delete(nightlyFolder.success().localPath());
    assertThat(outcomes(nightly.execute(begun -> {})))
        .as("done by this run, and nothing is settled any more")
        .doesNotContainValue(Outcome.UNCHANGED)
        .hasSize(MODELS);
  }

  @Test
  void what_a_start_had_settled_that_was_killed_before_its_run_began_is_withdrawn()
      throws Exception {
    night();
    FuseRun nightly = night(UNPROVEN, RunChoices.USUAL, "nightly");
    nightly.execute(begun -> {});
    RunFolder begun = RunFolder.of(nightly.reports(), "nightly");
    Files.delete(begun.success().localPath());
    Files.delete(begun.record().localPath());
    FuseRun.Ended forced =
        night(UNPROVEN, new RunChoices(Trust.THIS_RUN_ONLY, null), "nightly").execute(b -> {});

    assertThat(reports(forced)).hasSize(MODELS);
    assertThat(forced.summary().get("unchanged").asInt()).isZero();
  }

  @Test
  void the_reports_of_the_night_before_are_not_needed() throws Exception {
    FuseRun.Ended first = night();
    Path part = new RunFolder(first.folder()).parts(store).get(0).location().localPath();
    byte[] reports = Files.readAllBytes(part);
    Files.write(part, Arrays.copyOf(reports, reports.length / 2));
    Files.writeString(out().resolve("reports/latest.json"), "garbage{");

    assertThat(outcomes(nightWithoutWork())).isEqualTo(all(Outcome.UNCHANGED));
  }

  @Test
  void of_a_damaged_batch_of_receipts_the_models_are_done_again_and_the_next_night_has_all()
      throws Exception {
    night();
    List<Path> batches = TestReceipts.batches(out().resolve("reports"));
    byte[] receipts = Files.readAllBytes(batches.get(0));
    Files.write(batches.get(0), Arrays.copyOf(receipts, receipts.length / 2));

    FuseRun.Ended second = night();

    assertThat(reports(second)).hasSize(MODELS);
    assertThat(second.summary().get("fused").asInt()).isPositive();
    assertThat(second.summary().get("failed").asInt()).isZero();
    assertThat(outcomes(nightWithoutWork())).isEqualTo(all(Outcome.UNCHANGED));
  }

  @Test
  void another_catalogue_over_the_same_models_begins_with_the_same_receipts() throws Exception {
    night();
    Map<String, String> whole = new TreeMap<>(lines);
    Path some = folder.resolve("some.jsonl");
    Files.write(some, IntStream.range(0, 9).mapToObj(i -> lines.get("m" + i)).toList());
    FuseRun partial = TestRuns.into(out(), Location.of(some), UNPROVEN, "--parallelism=2");
    assertThat(partial.execute(begun -> {}).summary().get("unchanged").asInt()).isEqualTo(9);
    assertThat(lines).isEqualTo(whole);
    assertThat(outcomes(nightWithoutWork())).isEqualTo(all(Outcome.UNCHANGED));
  }
}
