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
package dev.fusewright.pipeline.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesServers;
import dev.fusewright.io.servers.FaultyNetwork;
import dev.fusewright.io.servers.S3Server;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.SplitModel;
import dev.fusewright.pipeline.model.FuseModel;
import dev.fusewright.pipeline.model.FuseRequest;
import dev.fusewright.pipeline.model.OutputConflicts;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same bytes under several ids on S3, with the requests counted. */
@UsesServers
final class ReuseOnS3Test {
  private static final FuseSettings UNPROVEN =
      FuseSettings.defaults().with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE);

  @TempDir Path folder;
  private Path blobs;
  private S3Server server;
  private FaultyNetwork network;
  private Store store;
  private Incremental worker;

  @BeforeEach
  void start() throws IOException {
    S3Server.provideCredentials();
    blobs = Files.createDirectory(folder.resolve("blobs"));
    server = S3Server.start(blobs).withBucket("zoo").withBucket("fused");
    network = FaultyNetwork.before(server.endpoint(), new FaultyNetwork.Plan(0, 1, List.of(), 0));
    store = Stores.of(StorageConfiguration.of(S3Server.properties(network.endpoint())));
    Path scratch = Files.createDirectories(folder.resolve("scratch"));
    worker =
        new Incremental(
            new FuseModel(store, NoVerifier.INSTANCE, scratch),
            ActionCache.below(store, Location.of("s3a://fused/reports")),
            CacheLookup.Trust.EVERY_RUN);
  }

  @AfterEach
  void stop() throws IOException {
    network.close();
    server.close();
  }

  private FusionReport fuse(String id, String name, @Nullable String sha256) {
    return fuse(id, Location.of("s3a://zoo/" + id).resolve(name), name, sha256);
  }

  private FusionReport fuse(String id, Location source, String name, @Nullable String sha256) {
    return worker.fuse(
        new FuseRequest(
            "a-run",
            id,
            source,
            Location.of("s3a://fused/" + id).resolve(name),
            FuseRequest.Placement.BESIDE,
            null,
            sha256,
            OutputConflicts.NONE,
            null,
            null,
            UNPROVEN,
            FuseRequest.Naming.OWN));
  }

  private FusionReport fuse(String id) {
    return fuse(id, "model.onnx", null);
  }

  private void put(String id, byte[] content) throws IOException {
    store.publish(content, Location.of("s3a://zoo/%s/model.onnx".formatted(id)));
  }

  private Path fused(String id) {
    return blobs.resolve("fused").resolve(id).resolve("model.onnx");
  }

  @Test
  void a_copy_takes_no_more_requests_than_fusing_and_none_for_the_bytes_of_the_output()
      throws IOException {
    byte[] model = Files.readAllBytes(ExampleModels.model("mlp_bn"));
    put("a", model);
    put("b", model);
    fuse("a");

    long before = network.requests();
    FusionReport copied = fuse("b");
    assertThat(network.requests() - before)
        .as("HEAD and GET of the source, COPY and HEAD of the output")
        .isEqualTo(4);
    assertThat(copied.getReusedFrom()).isEqualTo("a");
    assertThat(copied.getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(fused("b")).hasSameBinaryContentAs(fused("a"));
    worker.writeReceipts();
    assertThat(fuse("b").getReusedFrom()).as("done by this run").isEqualTo("a");
  }

  @Test
  void a_digest_of_the_catalogue_spares_the_fetch_where_it_was_found_in_such_an_object()
      throws IOException {
    byte[] model = Files.readAllBytes(ExampleModels.model("mlp_bn"));
    String sha256 = Staging.sha256(ExampleModels.model("mlp_bn"));
    for (String id : List.of("unread", "a", "b")) {
      put(id, model);
    }
    long fresh = network.requests();
    assertThat(fuse("unread", "model.onnx", sha256).getReusedFrom())
        .as("a digest that nobody has found yet")
        .isNull();
    assertThat(network.requests() - fresh).isGreaterThanOrEqualTo(4);

    long before = network.requests();
    FusionReport spared = fuse("b", "model.onnx", sha256);
    assertThat(network.requests() - before)
        .as("HEAD of the source, COPY and HEAD of the output")
        .isEqualTo(3);
    assertThat(spared.getReusedFrom()).isEqualTo("unread");
    assertThat(spared.getSource().getSha256()).isEqualTo(sha256);
    assertThat(spared.getTimingsMs()).doesNotContainKey("fetch");
    assertThat(fused("b")).hasSameBinaryContentAs(fused("unread"));
  }

  @Test
  void another_object_than_the_digest_was_found_in_is_fetched_and_refused_if_it_is_wrong()
      throws IOException {
    byte[] model = Files.readAllBytes(ExampleModels.model("mlp_bn"));
    String sha256 = Staging.sha256(ExampleModels.model("mlp_bn"));
    put("a", model);
    fuse("a", "model.onnx", sha256);
    byte[] other = model.clone();
    other[other.length / 2] ^= 1;
    put("same-size", other);

    FusionReport refused = fuse("same-size", "model.onnx", sha256);
    assertThat(refused.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(refused.getError().getType()).isEqualTo("SourceChangedException");
    assertThat(fused("same-size")).doesNotExist();
  }

  @Test
  void data_files_are_fetched_whatever_the_catalogue_says_of_the_model() throws IOException {
    Path local = SplitModel.of(ExampleModels.model("conv1d_net"), folder.resolve("model.onnx"));
    byte[] weights = Files.readAllBytes(folder.resolve(SplitModel.WEIGHTS));
    for (String id : List.of("a", "b", "c")) {
      put(id, Files.readAllBytes(local));
      byte[] own = weights.clone();
      own[101] ^= (byte) (id.equals("c") ? 1 : 0);
      store.publish(own, Location.of("s3a://zoo/%s/%s".formatted(id, SplitModel.WEIGHTS)));
    }
    String sha256 = Staging.sha256(local);
    // What is asked for once is not counted.
    put("first", Files.readAllBytes(ExampleModels.model("mlp_bn")));
    fuse("first");
    long before = network.requests();
    fuse("a", "model.onnx", sha256);
    long alone = network.requests() - before;
    FusionReport same = fuse("b", "model.onnx", sha256);
    assertThat(same.getReusedFrom()).isEqualTo("a");
    assertThat(fused("b").resolveSibling("model.onnx.data"))
        .hasSameBinaryContentAs(fused("a").resolveSibling("model.onnx.data"));
    before = network.requests();
    FusionReport other = fuse("c", "model.onnx", sha256);
    assertThat(network.requests() - before)
        .as("a status more: weights of another etag are not read to be compared")
        .isLessThanOrEqualTo(alone + 1);
    assertThat(other.getError()).isNull();
    assertThat(other.getReusedFrom()).isNull();
    assertThat(
            Files.mismatch(
                fused("c").resolveSibling("model.onnx.data"),
                fused("a").resolveSibling("model.onnx.data")))
        .isNotNegative();
  }

  @Test
  void a_model_with_data_files_is_made_itself_under_another_name() throws IOException {
    Path local = SplitModel.of(ExampleModels.model("conv1d_net"), folder.resolve("model.onnx"));
    for (String id : List.of("a", "b")) {
      put(id, Files.readAllBytes(local));
      store.publish(
          Files.readAllBytes(folder.resolve(SplitModel.WEIGHTS)),
          Location.of("s3a://zoo/%s/%s".formatted(id, SplitModel.WEIGHTS)));
    }
    fuse("a");
    FusionReport other =
        fuse("b", Location.of("s3a://zoo/b/model.onnx"), "other.onnx", /* sha256= */ null);

    assertThat(other.getError()).isNull();
    assertThat(other.getReusedFrom()).isNull();
    assertThat(fused("b").resolveSibling("other.onnx.data"))
        .hasSameBinaryContentAs(fused("a").resolveSibling("model.onnx.data"));
  }

  @Test
  void local_external_data_that_was_changed_since_it_was_read_is_no_witness() throws IOException {
    for (String id : List.of("a", "b", "c")) {
      Path model = Files.createDirectory(folder.resolve(id)).resolve("model.onnx");
      SplitModel.of(ExampleModels.model("conv1d_net"), model);
      // As a zoo is: written a while before it is read.
      for (Path file : List.of(model, model.resolveSibling(SplitModel.WEIGHTS))) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));
      }
    }
    assertThat(local("a").getReusedFrom()).isNull();
    assertThat(local("b").getReusedFrom()).isEqualTo("a");

    for (String id : List.of("a", "b", "c")) {
      Path weights = folder.resolve(id).resolve(SplitModel.WEIGHTS);
      byte[] bytes = Files.readAllBytes(weights);
      bytes[101] ^= 1;
      Files.write(weights, bytes);
    }
    assertThat(local("c").getReusedFrom()).isNull();
    assertThat(
            Files.mismatch(
                fused("c").resolveSibling("model.onnx.data"),
                fused("a").resolveSibling("model.onnx.data")))
        .isNotNegative();
  }

  private FusionReport local(String id) {
    FusionReport report =
        fuse(id, Location.of(folder.resolve(id).resolve("model.onnx")), "model.onnx", null);
    assertThat(report.getError()).isNull();
    return report;
  }

  @Test
  void an_output_that_somebody_replaced_or_removed_is_not_copied() throws IOException {
    byte[] model = Files.readAllBytes(ExampleModels.model("mlp_bn"));
    for (String id : List.of("a", "b", "c")) {
      put(id, model);
    }
    fuse("a");
    byte[] fused = Files.readAllBytes(fused("a"));
    store.publish(new byte[fused.length], Location.of("s3a://fused/a/model.onnx"));
    assertThat(fuse("b").getReusedFrom()).isNull();
    assertThat(fused("b")).hasBinaryContent(fused);
    store.remove(Location.of("s3a://fused/b/model.onnx"));
    assertThat(fuse("c").getReusedFrom()).isNull();
    assertThat(fused("c")).hasBinaryContent(fused);
  }
}
