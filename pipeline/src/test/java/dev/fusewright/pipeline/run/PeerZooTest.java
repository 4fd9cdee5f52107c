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
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.io.testing.Python;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A zoo that ONNX Runtime, onnxoptimizer, OnnxSlim and onnxsim made, and a vandal. */
@UsesFlink
@UsesPython
final class PeerZooTest {
  @TempDir Path folder;

  @Test
  void of_what_other_tools_made_exactly_what_was_altered_is_rejected() throws Exception {
    Path originals = Files.createDirectories(folder.resolve("originals"));
    for (String model : List.of("mlp_bn", "conv1d_net")) {
      Files.copy(ExampleModels.model(model), originals.resolve(model + ".onnx"));
    }
    Python.TORCH2.run("peer_pairs.py", folder.resolve("made"), originals);
    List<String> lines = new ArrayList<>();
    Map<String, Outcome> expected = new TreeMap<>();
    for (String line : Files.readAllLines(folder.resolve("made/pairs.tsv"))) {
      String[] pair = line.split("\t", -1);
      String id = pair[0] + "-" + Path.of(pair[1]).getFileName();
      lines.add(
          "{\"id\": \"%s\", \"uri\": \"%s\", \"candidate\": \"%s\"}"
              .formatted(id, pair[1], pair[2]));
      boolean isAltered = pair[0].equals("channel") || pair[0].equals("removed");
      expected.put(id, isAltered ? Outcome.REJECTED : Outcome.NOTHING_TO_FUSE);
    }
    assertThat(expected).hasSizeGreaterThanOrEqualTo(10);
    Path catalogue = Files.write(folder.resolve("pairs.jsonl"), lines);

    FuseRun.Ended ended =
        TestRuns.into(
                folder.resolve("verified"),
                Location.of(catalogue),
                Settings.NONE.with(SettingFields.MODE, Mode.VERIFY))
            .execute(begun -> {});

    Map<String, FusionReport> reports = new TreeMap<>();
    var store = Stores.of(StorageConfiguration.defaults());
    for (var part : store.list(ended.folder().resolve("part-*.avro"))) {
      ReportFiles.read(store, part.location(), report -> reports.put(report.getId(), report));
    }
    Map<String, Outcome> outcomes = new TreeMap<>();
    reports.forEach((id, report) -> outcomes.put(id, report.getOutcome()));
    assertThat(outcomes).isEqualTo(expected);
  }
}
