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
import dev.fusewright.io.Formats;
import dev.fusewright.io.servers.S3Server;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.io.testing.ForwardingStore;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.ShardedExample;
import dev.fusewright.pipeline.SplitModel;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of several files, on S3. */
@UsesServers
final class RemoteModelTest {
  @TempDir Path buckets;
  @TempDir Path folder;
  private S3Server server;
  private RecordingStore store;

  @BeforeEach
  void start() throws IOException {
    S3Server.provideCredentials();
    server = S3Server.start(buckets).withBucket("zoo").withBucket("fused");
    store = new RecordingStore(Stores.of(StorageConfiguration.of(server.properties())));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @Test
  void its_data_comes_first_and_the_model_last_and_both_are_those_of_a_local_run()
      throws IOException {
    Path local = SplitModel.of(ExampleModels.model("conv1d_net"), folder.resolve("model.onnx"));
    store.publish(folder.resolve("weights.bin"), Location.of("s3a://zoo/weights.bin"));
    store.publish(local, Location.of("s3a://zoo/model.onnx"));
    store.published.clear();

    FusionReport remote = fuse("s3a://zoo/model.onnx", "s3a://fused/model.onnx");
    FusionReport beside = fuse(local.toString(), folder.resolve("out/model.onnx").toString());

    assertThat(remote.getError()).isNull();
    assertThat(remote.getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(beside.getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(store.published.subList(0, 2))
        .containsExactly("s3a://fused/model.onnx.data", "s3a://fused/model.onnx");
    for (String name : List.of("model.onnx", "model.onnx.data")) {
      assertThat(buckets.resolve("fused").resolve(name))
          .hasSameBinaryContentAs(folder.resolve("out").resolve(name));
    }
    assertThat(Formats.dataFiles(buckets.resolve("fused/model.onnx")))
        .containsExactly("model.onnx.data");
  }

  @Test
  void one_whose_data_is_missing_fails_for_good_and_nothing_is_published() throws IOException {
    Path local = SplitModel.of(ExampleModels.model("conv1d_net"), folder.resolve("model.onnx"));
    store.publish(local, Location.of("s3a://zoo/model.onnx"));
    store.published.clear();

    FusionReport report = fuse("s3a://zoo/model.onnx", "s3a://fused/model.onnx");

    assertThat(report.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().getMessage()).contains("s3a://zoo/weights.bin");
    assertThat(report.getError().getRetryable()).isFalse();
    assertThat(store.published).isEmpty();
  }

  @Test
  void shards_are_fetched_before_their_index_is_read_and_published_before_it() throws IOException {
    Path index = ShardedExample.in(folder.resolve("sharded"));
    for (String name : shards()) {
      store.publish(index.resolveSibling(name), Location.of("s3a://zoo/m/" + name));
    }
    store.publish(index, Location.of("s3a://zoo/m/model.safetensors.index.json"));
    store.published.clear();

    FusionReport remote =
        fuse(
            "s3a://zoo/m/model.safetensors.index.json",
            "s3a://fused/m/model.safetensors.index.json",
            settings().with(SettingFields.MODULES, ShardedExample.LIST));

    assertThat(remote.getError()).isNull();
    assertThat(remote.getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(store.published)
        .containsExactly(
            "s3a://fused/m/" + ShardedExample.FIRST,
            "s3a://fused/m/" + ShardedExample.THIRD,
            "s3a://fused/m/model.safetensors.index.json");
    assertThat(buckets.resolve("fused/m").resolve(ShardedExample.THIRD))
        .hasSameBinaryContentAs(index.resolveSibling(ShardedExample.THIRD));
  }

  private static List<String> shards() {
    return List.of(ShardedExample.FIRST, ShardedExample.SECOND, ShardedExample.THIRD);
  }

  private FusionReport fuse(String source, String target) throws IOException {
    return fuse(source, target, settings());
  }

  private static FuseSettings settings() {
    return FuseSettings.defaults().with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE);
  }

  private FusionReport fuse(String source, String target, FuseSettings settings)
      throws IOException {
    Path scratch = Files.createDirectories(folder.resolve("scratch"));
    return new FuseModel(store, NoVerifier.INSTANCE, scratch)
        .fuse(
            FuseRequest.of(
                Location.of(source), Location.of(target), FuseRequest.Placement.BESIDE, settings));
  }

  /** Remembers what was published, in its order. */
  private static final class RecordingStore extends ForwardingStore {
    private final Store store;
    private final List<String> published = new ArrayList<>();

    RecordingStore(Store store) {
      super(store);
      this.store = store;
    }

    @Override
    public StoredFile publish(Path file, Location target) throws IOException {
      StoredFile result = store.publish(file, target);
      published.add(target.toString());
      return result;
    }
  }
}
