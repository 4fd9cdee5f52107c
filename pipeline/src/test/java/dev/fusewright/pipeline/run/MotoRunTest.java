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
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.testing.UsesServers;
import dev.fusewright.io.servers.MotoServer;
import dev.fusewright.io.servers.S3Server;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.pipeline.settings.VerifyLevel;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two nights on an S3 of other people's, whose keys are what people call their files. */
@UsesFlink
@UsesProcesses
@UsesServers
final class MotoRunTest {
  private static final Map<String, String> MODELS =
      Map.of(
          "a zoo/Größe #1.onnx", "mlp_bn",
          "a zoo/50 %25.onnx", "conv1d_net",
          "a zoo/ümlaut/x+y&z=1.onnx", "conv3d_net",
          "a zoo/ümlaut/[v2] (final).onnx", "resnet18",
          "a zoo/plain.onnx", "nothing_to_fuse");

  @Test
  void what_is_there_stays_and_the_second_night_writes_nothing() throws Exception {
    assumeTrue(
        MotoServer.program().isPresent(),
        "FUSEWRIGHT_LINTERS is not set: src/linters/setup installs moto");
    S3Server.provideCredentials();
    try (MotoServer server =
        MotoServer.start(MotoServer.program().orElseThrow())
            .withBucket("zoo")
            .withBucket("fused")) {
      StorageConfiguration storage = StorageConfiguration.of(server.properties());
      Store store = Stores.of(storage);
      for (Map.Entry<String, String> model : MODELS.entrySet()) {
        store.publish(
            ExampleModels.model(model.getValue()),
            Location.of("s3a://zoo/").resolve(model.getKey()));
      }
      List<String> sources = server.objects("zoo");
      assertThat(keys(sources)).containsExactlyInAnyOrderElementsOf(MODELS.keySet());
      // What a writer that was killed left of a source, and at the very key of an output.
      server.beginUpload("zoo", "a%20zoo/unfinished.onnx");
      server.beginUpload("fused", "models/plain.onnx");

      FuseRun.Ended first = night(storage);

      assertThat(first.summary().get("total").asInt()).isEqualTo(5);
      assertThat(first.summary().get("fused").asInt()).isEqualTo(4);
      assertThat(first.summary().get("nothing_to_fuse").asInt()).isEqualTo(1);
      List<String> published = models(server);
      assertThat(keys(published))
          .containsExactlyInAnyOrderElementsOf(
              MODELS.keySet().stream().map(key -> key.replaceFirst("a zoo", "models")).toList());
      assertThat(server.unfinishedUploads("fused")).containsExactly("models/plain.onnx");

      FuseRun.Ended second = night(storage);

      assertThat(second.summary().get("unchanged").asInt()).isEqualTo(5);
      assertThat(models(server)).as("keys, etags and times").isEqualTo(published);
      assertThat(server.objects("zoo")).isEqualTo(sources);
      assertThat(server.unfinishedUploads("fused")).containsExactly("models/plain.onnx");
    }
  }

  private static FuseRun.Ended night(StorageConfiguration storage) throws Exception {
    return new FuseRun(
            Location.of("s3a://zoo/a zoo/**/*.onnx"),
            Location.of("s3a://fused/models"),
            Location.of("s3a://fused/reports"),
            Settings.NONE.with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE),
            storage,
            RunChoices.USUAL,
            /* name= */ null,
            TestRuns.submitter("--parallelism=2"))
        .execute(begun -> {});
  }

  private static List<String> models(MotoServer server) throws IOException {
    return server.objects("fused").stream().filter(object -> object.startsWith("models/")).toList();
  }

  private static List<String> keys(List<String> objects) {
    return objects.stream().map(object -> object.replaceFirst(" \\S+ \\S+$", "")).toList();
  }
}
