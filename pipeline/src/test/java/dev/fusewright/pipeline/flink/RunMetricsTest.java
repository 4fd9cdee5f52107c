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
package dev.fusewright.pipeline.flink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.beam.FuseModels;
import dev.fusewright.pipeline.beam.PipelineArguments;
import dev.fusewright.pipeline.beam.PipelineExecution;
import dev.fusewright.pipeline.catalogue.CataloguePreparation;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.report.ExampleReports;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.run.RunChoices;
import dev.fusewright.pipeline.run.RunRecord;
import dev.fusewright.pipeline.run.RunSpec;
import dev.fusewright.pipeline.run.UpToDateEntries;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@UsesFlink
final class RunMetricsTest {
  private static final Settings UNPROVEN =
      Settings.NONE.with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE);

  @TempDir Path folder;

  private static RunTotals oneUnchanged() {
    RunTotals totals = new RunTotals();
    totals.add(
        FusionReport.newBuilder(ExampleReports.full()).setOutcome(Outcome.UNCHANGED).build());
    return totals;
  }

  @Test
  void beams_counters_add_up_with_the_summary() throws Exception {
    var store = Stores.of(StorageConfiguration.defaults());
    PreparedCatalogue catalogue =
        CataloguePreparation.prepare(
            store,
            Location.of(ExampleModels.folder().resolve("catalogue-broken.jsonl")),
            Location.of("/fused"),
            folder.resolve("catalogue.jsonl"));
    RunSpec run =
        new RunSpec(
            "counted",
            Instant.now(),
            new PreparedCatalogue(
                catalogue.location(),
                catalogue.entries() + 1,
                catalogue.sized(),
                catalogue.bytes()),
            new UpToDateEntries(catalogue, oneUnchanged()),
            Location.of(folder.resolve("out")),
            Location.of(folder.resolve("reports")),
            UNPROVEN,
            StorageConfiguration.defaults(),
            RunChoices.USUAL,
            1,
            1);
    store.publish(Files.readAllBytes(catalogue.location().localPath()), run.folder().catalogue());
    new RunRecord(
            run.id(),
            run.started(),
            catalogue.location(),
            catalogue,
            catalogue,
            run.output(),
            run.settings(),
            /* receipts= */ null)
        .write(store, run.folder(), Map.of());
    PipelineResult result =
        new PipelineExecution(
                FlinkOptions.of(
                    PipelineArguments.of(List.of("--parallelism=2")),
                    Files.createDirectory(folder.resolve("conf"))),
                run)
            .start();
    result.waitUntilFinish();

    Map<String, Long> counters = new TreeMap<>();
    result
        .metrics()
        .queryMetrics(MetricsFilter.builder().build())
        .getCounters()
        .forEach(
            counter -> {
              if (counter.getName().getNamespace().equals(FuseModels.class.getName())) {
                counters.merge(counter.getName().getName(), counter.getAttempted(), Long::sum);
              }
            });
    JsonNode summary = run.folder().readSummary(store).orElseThrow();
    assertThat(summary.get("total").asInt()).isEqualTo(11);
    for (String name :
        List.of(
            "fused",
            "nothing_to_fuse",
            "unchanged",
            "rejected",
            "failed",
            "bytes_in",
            "bytes_out")) {
      assertThat(counters.getOrDefault(name, 0L)).as(name).isEqualTo(summary.get(name).asLong());
    }
    assertThat(counters.get("failed")).isEqualTo(2);
    assertThat(counters.get("unchanged")).as("settled when the run began").isEqualTo(1);
  }
}
