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
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.Format;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.io.testing.ExportedPrograms;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exported programs and TorchScript archives in a catalogue, on a real Flink in this JVM. */
@UsesFlink
final class TorchGraphsRunTest {
  @TempDir Path folder;

  private Map<String, FusionReport> run(Location catalogue) throws Exception {
    FuseRun.Ended ended =
        TestRuns.into(folder.resolve("out"), catalogue, Settings.NONE).execute(begun -> {});
    Map<String, FusionReport> reports = new TreeMap<>();
    var store = Stores.of(StorageConfiguration.defaults());
    for (var part : store.list(ended.folder().resolve("part-*.avro"))) {
      ReportFiles.read(store, part.location(), report -> reports.put(report.getId(), report));
    }
    return reports;
  }

  @Test
  void a_glob_takes_both_and_their_results_are_of_their_formats() throws Exception {
    Path zoo = Files.createDirectory(folder.resolve("zoo"));
    for (String name : List.of("conv1d.pt2", "conv1d.trace.pt", "mlp.script.pt", "tied.pt2")) {
      ExportedPrograms.copy(name, zoo);
    }

    Map<String, FusionReport> reports = run(Location.of(zoo + "/*.{pt,pt2}"));

    assertThat(reports)
        .hasSize(4)
        .allSatisfy((id, report) -> assertThat(report.getError()).as(id).isNull());
    assertThat(reports.get("tied.pt2").getOutcome()).isEqualTo(Outcome.NOTHING_TO_FUSE);
    for (String name : List.of("conv1d.pt2", "conv1d.trace.pt", "mlp.script.pt")) {
      assertThat(reports.get(name).getOutcome()).as(name).isEqualTo(Outcome.FUSED);
      assertThat(reports.get(name).getRules()).hasToString("inference");
      assertThat(Formats.detect(folder.resolve("out").resolve(name)).map(Format::id))
          .isEqualTo(Formats.detect(zoo.resolve(name)).map(Format::id));
    }
    assertThat(run(Location.of(zoo + "/*.{pt,pt2}")).values())
        .allMatch(report -> report.getOutcome() == Outcome.UNCHANGED);
  }

  @Test
  void a_module_list_folds_what_it_names_and_nothing_else() throws Exception {
    Path zoo = Files.createDirectory(folder.resolve("zoo"));
    ExportedPrograms.copy("conv1d.pt2", zoo);
    ExportedPrograms.copy("conv1d.script.pt", zoo);
    String entry = "{\"id\": \"%1$s\", \"uri\": \"zoo/%1$s\", \"fuse\": [[\"c1\", \"b1\"]]}";
    Path catalogue =
        Files.write(
            folder.resolve("catalogue.jsonl"),
            List.of(entry.formatted("conv1d.pt2"), entry.formatted("conv1d.script.pt")));

    Map<String, FusionReport> reports = run(Location.of(catalogue));

    assertThat(reports.keySet()).containsExactly("conv1d.pt2", "conv1d.script.pt");
    assertThat(reports)
        .allSatisfy(
            (id, report) -> {
              assertThat(report.getError()).as(id).isNull();
              assertThat(report.getRules()).hasToString("torch");
              assertThat(report.getFusions()).as(id).hasSize(1);
              assertThat(report.getEquivalence().getVerdict()).hasToString("EQUIVALENT");
            });
  }
}
