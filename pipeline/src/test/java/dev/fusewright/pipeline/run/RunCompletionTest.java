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

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.PendingFile;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunCompletionTest {
  @TempDir Path folder;

  @Test
  void a_run_that_does_not_account_for_every_entry_does_not_succeed() {
    RunSpec run = run(Instant.EPOCH, 1);

    assertThatThrownBy(() -> RunCompletion.complete(run, new RunTotals()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("expected a report of each of 1 entry, found 0");
    assertThat(folder.resolve("reports")).doesNotExist();
  }

  @Test
  void what_its_killed_workers_left_goes_and_what_another_start_of_it_is_writing_does_not()
      throws IOException {
    RunSpec run = run(Instant.EPOCH, 0);
    RunSpec another = run(Instant.EPOCH.plusMillis(1), 0);
    record(run);
    Location models = run.output().resolve("deep");
    run.store().create(models.resolve("lost.onnx")).stream().write(1);
    run.store().create(run.reports().resolve("receipts/new/lost.avro")).stream().write(1);
    try (PendingFile written = another.store().create(models.resolve("kept.onnx"))) {
      RunCompletion.complete(run, new RunTotals());
      written.commit();
    }

    assertThat(run.store().filesBelow(run.output(), 99).orElseThrow())
        .extracting(file -> file.location().name())
        .containsExactly("kept.onnx");
    assertThat(run.store().filesBelow(run.reports(), 99).orElseThrow())
        .extracting(file -> file.location().name())
        .contains("_SUCCESS", "latest.json")
        .noneMatch(name -> name.startsWith("."));
  }

  @Test
  void the_figures_of_the_last_complete_run_are_left_for_prometheus() throws IOException {
    RunSpec run = run(Instant.EPOCH, 0);
    record(run);
    RunCompletion.complete(run, new RunTotals());

    assertThat(Files.readAllLines(folder.resolve("reports/latest.prom")))
        .allMatch(
            line ->
                line.matches(
                    "# (HELP|TYPE) fusewright_last_run_[a-z_]+ .+"
                        + "|fusewright_last_run_[a-z_]+(\\{outcome=\"[a-z_]+\"})? [\\d.E]+"))
        .contains(
            "fusewright_last_run_models{outcome=\"fused\"} 0",
            "fusewright_last_run_models{outcome=\"failed\"} 0",
            "# TYPE fusewright_last_run_end_timestamp_seconds gauge");
  }

  @Test
  void a_run_that_is_not_complete_leaves_no_figures() throws IOException {
    RunSpec run = run(Instant.EPOCH, 1);
    assertThatThrownBy(() -> RunCompletion.complete(run, new RunTotals()))
        .isInstanceOf(IllegalStateException.class);
    assertThat(folder.resolve("reports/latest.prom")).doesNotExist();
  }

  @Test
  void a_run_whose_clock_was_set_back_meanwhile_took_no_negative_time() throws IOException {
    RunSpec run = run(Instant.now().plus(Duration.ofHours(1)), 0);
    record(run);
    RunCompletion.complete(run, new RunTotals());
    assertThat(run.folder().readSummary(run.store()).orElseThrow().path("seconds").asDouble())
        .isZero();
  }

  private static void record(RunSpec run) throws IOException {
    new RunRecord(
            run.id(),
            run.started(),
            run.catalogue().location(),
            run.catalogue(),
            run.catalogue(),
            run.output(),
            run.settings(),
            /* receipts= */ null)
        .write(run.store(), run.folder(), Map.of());
  }

  private RunSpec run(Instant started, long entries) {
    PreparedCatalogue catalogue =
        new PreparedCatalogue(Location.of(folder.resolve("catalogue.jsonl")), entries, 0, 0);
    return new RunSpec(
        "a-run",
        started,
        catalogue,
        UpToDateEntries.none(catalogue),
        Location.of(folder.resolve("fused")),
        Location.of(folder.resolve("reports")),
        Settings.NONE,
        StorageConfiguration.defaults(),
        RunChoices.USUAL,
        1,
        1);
  }
}
