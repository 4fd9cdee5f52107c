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

import static dev.fusewright.pipeline.ShardedExample.FIRST;
import static dev.fusewright.pipeline.ShardedExample.INDEX;
import static dev.fusewright.pipeline.ShardedExample.THIRD;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.io.Formats;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ShardedExample;
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

/** Sharded checkpoints in a catalogue, on a real Flink, embedded in this JVM. */
@UsesFlink
final class ShardedRunTest {
  @TempDir Path folder;

  private Map<String, FusionReport> run(String... lines) throws Exception {
    Path catalogue = Files.write(folder.resolve("catalogue.jsonl"), List.of(lines));
    FuseRun.Ended ended =
        TestRuns.into(folder.resolve("out"), Location.of(catalogue), Settings.NONE)
            .execute(begun -> {});
    Map<String, FusionReport> reports = new TreeMap<>();
    var store = Stores.of(StorageConfiguration.defaults());
    for (var part : store.list(ended.folder().resolve("part-*.avro"))) {
      ReportFiles.read(store, part.location(), report -> reports.put(report.getId(), report));
    }
    return reports;
  }

  private static String entry(String id, String more) {
    return "{\"id\": \"%s\", \"uri\": \"zoo/%s\", \"fuse\": [[\"conv\", \"bn\"]]%s}"
        .formatted(id, INDEX, more);
  }

  @Test
  void it_is_unchanged_while_no_shard_changes_and_done_again_when_one_does() throws Exception {
    ShardedExample.in(folder.resolve("zoo"));
    String line = entry("a/model", "");

    assertThat(run(line).get("a/model").getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(Formats.dataFiles(folder.resolve("out/a").resolve(INDEX)))
        .containsExactly(FIRST, THIRD);
    assertThat(run(line).get("a/model").getOutcome()).isEqualTo(Outcome.UNCHANGED);

    // The same index, and other values in the shards.
    ShardedExample.in(folder.resolve("zoo"), /* seed= */ 2);
    assertThat(run(line).get("a/model").getOutcome()).isEqualTo(Outcome.FUSED);

    // A published shard that is not what it was is published again.
    Files.write(folder.resolve("out/a").resolve(THIRD), new byte[5]);
    assertThat(run(line).get("a/model").getOutcome()).isEqualTo(Outcome.FUSED);
    Formats.openStates(folder.resolve("out/a").resolve(INDEX)).close();
  }

  @Test
  void a_shard_that_is_an_entry_of_its_own_is_in_the_way() throws Exception {
    ShardedExample.in(folder.resolve("zoo"));

    Map<String, FusionReport> reports =
        run(
            entry("a/model", ""),
            "{\"id\": \"a/model-00003-of-00003\", \"uri\": \"zoo/%s\"}".formatted(THIRD));

    assertThat(reports.get("a/model").getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(reports.get("a/model").getError().getMessage())
        .contains("another entry is published at", THIRD);
    assertThat(reports.get("a/model-00003-of-00003").getOutcome())
        .isEqualTo(Outcome.NOTHING_TO_FUSE);
  }
}
