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
package dev.fusewright.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesServers;
import dev.fusewright.io.servers.HdfsCluster;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.LargeExamples;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Large models on HDFS, which has ranges and no etags. */
@UsesServers
final class MountedOnHdfsTest {
  @TempDir Path blocks;
  @TempDir Path folder;
  private final Store store = Stores.of(StorageConfiguration.defaults());

  private FusionReport fuse(Location source, Location target, long mountedFrom) throws IOException {
    return new FuseModel(
            store, NoVerifier.INSTANCE, Files.createDirectories(folder.resolve("scratch")))
        .withMountedFrom(mountedFrom)
        .fuse(
            FuseRequest.of(
                source,
                target,
                FuseRequest.Placement.BESIDE,
                FuseSettings.defaults().with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE)));
  }

  private byte[] bytes(Location location) throws IOException {
    try (InputStream in = store.open(location)) {
      return in.readAllBytes();
    }
  }

  @Test
  void one_with_external_data_comes_out_as_if_it_had_been_staged() throws IOException {
    Path model = LargeExamples.onnx(folder.resolve("m.onnx"), LargeExamples.Weights.BESIDE);
    try (HdfsCluster cluster = HdfsCluster.start(blocks)) {
      Location root = Location.of("hdfs://" + cluster.authority() + "/models");
      for (String name : List.of("m.onnx", LargeExamples.DATA)) {
        store.publish(model.resolveSibling(name), root.resolve("zoo/" + name));
      }
      FusionReport mounted =
          fuse(root.resolve("zoo/m.onnx"), root.resolve("mounted/m.onnx"), /* mountedFrom= */ 1);
      FusionReport staged =
          fuse(root.resolve("zoo/m.onnx"), root.resolve("staged/m.onnx"), Long.MAX_VALUE);

      assertThat(mounted.getError()).isNull();
      assertThat(mounted.getOutcome()).isEqualTo(Outcome.FUSED);
      assertThat(mounted.getOutput().getSha256()).isEqualTo(staged.getOutput().getSha256());
      assertThat(mounted.getOutput().getDataFiles()).containsExactly("m.onnx.data");
      for (String name : List.of("m.onnx", "m.onnx.data")) {
        assertThat(bytes(root.resolve("mounted/" + name)))
            .isEqualTo(bytes(root.resolve("staged/" + name)));
      }
    }
  }
}
