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
package dev.fusewright.pipeline.beam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.run.FuseRun;
import dev.fusewright.pipeline.run.RunChoices;
import dev.fusewright.pipeline.run.Submitter;
import dev.fusewright.pipeline.run.TestRuns;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.pipeline.settings.VerifyLevel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole run on another of Beam's runners: the same transforms, and the same bytes as Flink's. */
@UsesFlink
final class DirectRunnerTest {
  @TempDir Path folder;

  private FuseRun.Ended run(Path catalogue, String output, Submitter submitter) throws Exception {
    Location place = Location.of(folder.resolve(output));
    return new FuseRun(
            Location.of(catalogue),
            place,
            place.resolve("reports"),
            Settings.NONE.with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE),
            StorageConfiguration.defaults(),
            RunChoices.USUAL,
            /* name= */ null,
            submitter)
        .execute(begun -> {});
  }

  private Map<String, String> published(String output) throws IOException {
    Map<String, String> published = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder.resolve(output))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        published.put(file.getFileName().toString(), Staging.sha256(file));
      }
    }
    return published;
  }

  @Test
  void its_bytes_and_totals_are_those_of_flink() throws Exception {
    List<String> lines = new ArrayList<>();
    List<String> models = List.of("mlp_bn", "conv1d_net", "dcgan_generator", "nothing_to_fuse");
    for (int i = 0; i < 60; i++) {
      lines.add(
          "{\"id\": \"m%d\", \"uri\": \"%s\"}"
              .formatted(i, ExampleModels.model(models.get(i % models.size()))));
    }
    lines.add("{\"id\": \"missing\", \"uri\": \"missing.onnx\"}");
    Path catalogue = Files.write(folder.resolve("zoo.jsonl"), lines);
    Submitter direct = new BeamSubmitter(PipelineArguments.of(List.of("--runner=DirectRunner")));

    FuseRun.Ended first = run(catalogue, "direct", direct);
    FuseRun.Ended flink = run(catalogue, "flink", TestRuns.submitter("--parallelism=2"));

    assertThat(published("direct")).hasSize(60).isEqualTo(published("flink"));
    for (String figure : List.of("total", "fused", "nothing_to_fuse", "failed", "bytes_out")) {
      assertThat(first.summary().get(figure)).as(figure).isEqualTo(flink.summary().get(figure));
    }
    assertThat(first.summary().get("failed").asInt()).isEqualTo(1);
    assertThat(run(catalogue, "direct", direct).summary().get("unchanged").asInt()).isEqualTo(60);
  }
}
