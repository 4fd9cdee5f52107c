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
import dev.fusewright.io.servers.Fault;
import dev.fusewright.io.servers.FaultyNetwork;
import dev.fusewright.io.servers.S3Server;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.PendingFile;
import dev.fusewright.io.storage.ScratchSettings;
import dev.fusewright.io.storage.ScratchSpace;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.io.storage.StoredRange;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.io.testing.ForwardingStore;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.LargeExamples;
import dev.fusewright.pipeline.ShardedExample;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.OutputFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Large models on S3, which are read where they are. */
@UsesServers
final class MountedModelTest {
  private static final long NOTHING = Long.MAX_VALUE;

  @TempDir Path buckets;
  @TempDir Path folder;
  private S3Server server;
  private WatchedStore store;
  private Path scratch;
  private FusionReport last;

  @BeforeEach
  void start() throws IOException {
    S3Server.provideCredentials();
    server = S3Server.start(buckets).withBucket("zoo").withBucket("fused").withBucket("staged");
    scratch = Files.createDirectory(folder.resolve("scratch"));
    store = new WatchedStore(Stores.of(StorageConfiguration.of(server.properties())));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  /** Counts what is read, and what lies in scratch when something is published. */
  private final class WatchedStore extends ForwardingStore {
    private final Store store;
    private long streamed;
    private long ranges;
    private long inRanges;
    private long inScratch;
    private long assembled;
    private Runnable beforeRange = () -> {};
    private Runnable beforeAssembly = () -> {};

    WatchedStore(Store store) {
      super(store);
      this.store = store;
    }

    @Override
    public InputStream open(StoredFile file, long offset) throws IOException {
      streamed += file.bytes() - offset;
      return store.open(file, offset);
    }

    @Override
    public synchronized byte[] read(StoredFile file, long position, int length) throws IOException {
      beforeRange.run();
      ranges++;
      inRanges += length;
      return store.read(file, position, length);
    }

    @Override
    public StoredFile assemble(Path file, List<StoredRange> stored, Location target)
        throws IOException {
      inScratch = Math.max(inScratch, size(scratch));
      assembled++;
      beforeAssembly.run();
      return store.assemble(file, stored, target);
    }

    @Override
    public PendingFile create(Location location, Existing existing) throws IOException {
      inScratch = Math.max(inScratch, size(scratch));
      return store.create(location, existing);
    }
  }

  private static long size(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      long bytes = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FuseSettings settings(VerifyLevel level) {
    return FuseSettings.defaults().with(SettingFields.VERIFY_LEVEL, level);
  }

  private static FuseSettings listed() {
    return settings(VerifyLevel.SITE).with(SettingFields.MODULES, LargeExamples.LIST);
  }

  private FusionReport fuse(String source, String target, long mountedFrom, FuseSettings settings) {
    try (RuntimeVerifier proof = RuntimeVerifier.withThreads(1)) {
      return new FuseModel(store, proof, scratch)
          .withMountedFrom(mountedFrom)
          .fuse(
              FuseRequest.of(
                  Location.of(source),
                  Location.of(target),
                  FuseRequest.Placement.BESIDE,
                  settings));
    }
  }

  private void publish(Path file, String target) throws IOException {
    store.publish(file, Location.of(target));
    store.streamed = 0;
    store.ranges = 0;
    store.inRanges = 0;
    store.inScratch = 0;
  }

  /** A report without what differs from one run to the next, and the place of the output. */
  private static FusionReport comparable(FusionReport report) {
    return FusionReport.newBuilder(report)
        .setStarted(Instant.EPOCH)
        .setTimingsMs(Map.of())
        .setOutput(OutputFile.newBuilder(report.getOutput()).setUri("").setEtag(null).build())
        .build();
  }

  /** Fuses the model once each way, and holds files and reports against each other. */
  private void assertSameAsStaged(String model, FuseSettings settings, Outcome outcome)
      throws IOException {
    FusionReport mounted = fuse("s3a://zoo/" + model, "s3a://fused/" + model, 1, settings);
    assertThat(mounted.getError()).isNull();
    assertThat(mounted.getOutcome()).isEqualTo(outcome);
    assertThat(store.ranges).isPositive();
    final long ranges = store.ranges;

    FusionReport staged = fuse("s3a://zoo/" + model, "s3a://staged/" + model, NOTHING, settings);
    assertThat(store.ranges).as("a staged model is read once, as a stream").isEqualTo(ranges);
    assertThat(comparable(mounted)).isEqualTo(comparable(staged));
    assertSameFiles(buckets.resolve("fused"), buckets.resolve("staged"));
  }

  private static void assertSameFiles(Path one, Path other) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(other)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    assertThat(files).isNotEmpty();
    for (Path file : files) {
      assertThat(one.resolve(other.relativize(file))).hasSameBinaryContentAs(file);
    }
    try (Stream<Path> all = Files.walk(one)) {
      assertThat(all.filter(Files::isRegularFile)).hasSameSizeAs(files);
    }
  }

  @Test
  void an_onnx_model_comes_out_as_if_it_had_been_staged() throws IOException {
    publish(
        LargeExamples.onnx(folder.resolve("m.onnx"), LargeExamples.Weights.INLINE),
        "s3a://zoo/m.onnx");
    assertSameAsStaged("m.onnx", settings(VerifyLevel.SITE), Outcome.FUSED);
  }

  @Test
  void so_does_one_with_external_data() throws IOException {
    publish(
        LargeExamples.onnx(folder.resolve("m.onnx"), LargeExamples.Weights.BESIDE),
        "s3a://zoo/m.onnx");
    publish(folder.resolve(LargeExamples.DATA), "s3a://zoo/" + LargeExamples.DATA);
    assertSameAsStaged("m.onnx", settings(VerifyLevel.NONE), Outcome.FUSED);
  }

  @Test
  void so_does_a_safetensors_file() throws IOException {
    publish(LargeExamples.safetensors(folder.resolve("m.safetensors")), "s3a://zoo/m.safetensors");
    assertSameAsStaged("m.safetensors", listed(), Outcome.FUSED);
  }

  @Test
  void so_do_shards() throws IOException {
    Path index = ShardedExample.in(folder.resolve("sharded"));
    for (String shard :
        List.of(ShardedExample.FIRST, ShardedExample.SECOND, ShardedExample.THIRD)) {
      publish(index.resolveSibling(shard), "s3a://zoo/" + shard);
    }
    publish(index, "s3a://zoo/" + ShardedExample.INDEX);
    assertSameAsStaged(
        ShardedExample.INDEX,
        settings(VerifyLevel.SITE).with(SettingFields.MODULES, ShardedExample.LIST),
        Outcome.FUSED);
  }

  @Test
  void so_does_one_in_which_nothing_is_fused() throws IOException {
    publish(ExampleModels.model("nothing_to_fuse"), "s3a://zoo/m.onnx");
    assertSameAsStaged("m.onnx", settings(VerifyLevel.SITE), Outcome.NOTHING_TO_FUSE);
  }

  @Test
  void all_models_of_the_example_catalogue_do() throws IOException {
    for (String name : List.of("resnet18", "conv1d_net", "mlp_bn")) {
      publish(ExampleModels.model(name), "s3a://zoo/%s.onnx".formatted(name));
      assertSameAsStaged(name + ".onnx", settings(VerifyLevel.SITE), Outcome.FUSED);
    }
  }

  @Test
  void what_stays_is_never_in_scratch() throws IOException {
    Path model = LargeExamples.safetensors(folder.resolve("m.safetensors"));
    publish(model, "s3a://zoo/m.safetensors");
    long bytes = Files.size(model);

    fuse("s3a://zoo/m.safetensors", "s3a://staged/m.safetensors", NOTHING, listed());
    assertThat(store.inScratch).as("a copy, and what is made of it").isGreaterThan(bytes * 19 / 10);
    store.inScratch = 0;

    fuse("s3a://zoo/m.safetensors", folder.resolve("out/m.safetensors").toString(), 1, listed());
    assertThat(store.inScratch).isBetween(1L, 2000L);
    assertThat(folder.resolve("out/m.safetensors"))
        .hasSameBinaryContentAs(buckets.resolve("staged/m.safetensors"));
  }

  @Test
  void a_scratch_budget_that_is_smaller_than_it_is_enough() throws IOException {
    publish(LargeExamples.safetensors(folder.resolve("m.safetensors")), "s3a://zoo/m.safetensors");
    ScratchSpace space =
        ScratchSpace.shared(new ScratchSettings(scratch.toString(), /* budget= */ 8L << 20));
    FuseRequest request =
        FuseRequest.of(
            Location.of("s3a://zoo/m.safetensors"),
            Location.of(folder.resolve("out.safetensors")),
            FuseRequest.Placement.BESIDE,
            listed());
    try (RuntimeVerifier proof = RuntimeVerifier.withThreads(1)) {
      FuseModel flow = new FuseModel(store, proof, space);
      assertThat(flow.withMountedFrom(1).fuse(request).getOutcome()).isEqualTo(Outcome.FUSED);
      assertThat(flow.fuse(request).getError().getMessage())
          .as("below the size from which on models are mounted")
          .contains("--scratch-budget");
    }
  }

  @Test
  void from_bucket_to_bucket_what_stays_is_not_sent() throws IOException {
    Path model = LargeExamples.safetensors(folder.resolve("m.safetensors"));
    publish(model, "s3a://zoo/m.safetensors");
    FaultyNetwork.Plan noFaults = new FaultyNetwork.Plan(0, /* seed= */ 1, List.of(), 0);
    try (FaultyNetwork network = FaultyNetwork.before(server.endpoint(), noFaults)) {
      store =
          new WatchedStore(
              Stores.of(StorageConfiguration.of(S3Server.properties(network.endpoint()))));
      FusionReport report =
          fuse("s3a://zoo/m.safetensors", "s3a://fused/m.safetensors", 1, listed());

      assertThat(report.getError()).isNull();
      assertThat(report.getOutput().getSha256())
          .isEqualTo(Staging.sha256(buckets.resolve("fused/m.safetensors")));
      assertThat(store.assembled).isEqualTo(1);
      assertThat(store.inScratch).isBetween(1L, 2000L);
      assertThat(network.sent()).isBetween(1L, Files.size(model) * 6 / 10);
      assertThat(store.streamed).as("for its digest").isEqualTo(Files.size(model));
      assertThat(store.inRanges)
          .as("for the output's digest, and half of it for a part that begins with what changed")
          .isLessThan(Files.size(model) * 18 / 10);
      assertThat(network.requests()).isLessThan(40);
    }
  }

  @Test
  void elsewhere_it_is_sent_once_and_its_digest_taken_on_the_way() throws IOException {
    Path model = LargeExamples.safetensors(folder.resolve("m.safetensors"));
    publish(model, "s3a://zoo/m.safetensors");
    Path out = folder.resolve("out/m.safetensors");
    FusionReport report = fuse("s3a://zoo/m.safetensors", out.toString(), 1, listed());

    assertThat(report.getError()).isNull();
    assertThat(report.getOutput().getSha256()).isEqualTo(Staging.sha256(out));
    assertThat(store.inRanges)
        .as("on its way to the output, and what is looked at")
        .isLessThan(Files.size(model) * 11 / 10);
  }

  @Test
  void its_headers_and_what_is_folded_are_a_small_part_of_it_in_few_ranges() throws IOException {
    Path model = LargeExamples.safetensors(folder.resolve("m.safetensors"));
    publish(model, "s3a://zoo/m.safetensors");
    try (RuntimeVerifier proof = RuntimeVerifier.withThreads(1)) {
      assertThat(
              new FuseModel(store, proof, scratch)
                  .withMountedFrom(1)
                  .inspect(
                      FuseRequest.of(
                          Location.of("s3a://zoo/m.safetensors"),
                          null,
                          FuseRequest.Placement.BESIDE,
                          listed()))
                  .getOutcome())
          .isEqualTo(Outcome.FUSED);
    }
    assertThat(store.streamed).as("for its digest").isEqualTo(Files.size(model));
    assertThat(store.inRanges).isLessThan(300_000);
    assertThat(store.ranges).isLessThan(8);
  }

  @Test
  void one_that_a_runtime_has_to_open_is_staged() throws IOException {
    publish(ExampleModels.model("mlp_bn"), "s3a://zoo/m.onnx");
    FusionReport report =
        fuse("s3a://zoo/m.onnx", "s3a://fused/m.onnx", 1, settings(VerifyLevel.ALL));
    assertThat(report.getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(store.ranges).isZero();
  }

  @Test
  void a_small_one_is_staged_and_so_is_one_of_another_format() throws IOException {
    Path small = ExampleModels.model("mlp_bn");
    publish(small, "s3a://zoo/m.onnx");
    FusionReport report =
        fuse(
            "s3a://zoo/m.onnx",
            "s3a://fused/m.onnx",
            Files.size(small) + 1,
            settings(VerifyLevel.NONE));
    assertThat(report.getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(store.ranges).isZero();

    publish(Files.writeString(folder.resolve("page"), "<!DOCTYPE html>"), "s3a://zoo/page.onnx");
    report = fuse("s3a://zoo/page.onnx", "s3a://fused/page", 1, settings(VerifyLevel.NONE));
    assertThat(report.getError().getMessage()).contains("expected a model, found");
    assertThat(store.ranges).as("to tell its format").isEqualTo(1);
    assertThat(buckets.resolve("fused/page")).doesNotExist();
  }

  @Test
  void a_local_one_is_read_where_it_lies() throws IOException {
    Path model = LargeExamples.safetensors(folder.resolve("m.safetensors"));
    FusionReport report = fuse(model.toString(), "s3a://fused/m.safetensors", 1, listed());
    assertThat(report.getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(store.ranges).isZero();
  }

  @Test
  void one_that_is_replaced_while_it_is_worked_on_fails_to_be_tried_again_and_nothing_is_published()
      throws IOException {
    Path model = LargeExamples.safetensors(folder.resolve("m.safetensors"));
    Path other = ShardedExample.whole(folder.resolve("other.safetensors"), Map.of());
    publish(model, "s3a://zoo/m.safetensors");
    int all = rangesBehindTheDigest(() -> {}, Integer.MAX_VALUE).get();
    assertThat(all).isGreaterThan(5);
    Files.delete(buckets.resolve("fused/m.safetensors"));
    for (int at : new int[] {1, all / 2}) {
      publish(model, "s3a://zoo/m.safetensors");
      rangesBehindTheDigest(() -> replace(other), at);
      assertFailedAndNothingPublished();
    }
    publish(model, "s3a://zoo/m.safetensors");
    store.beforeAssembly = () -> replace(other);
    rangesBehindTheDigest(() -> {}, Integer.MAX_VALUE);
    assertFailedAndNothingPublished();
  }

  private void assertFailedAndNothingPublished() {
    assertThat(last.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(last.getError().getMessage()).contains("m.safetensors");
    assertThat(last.getError().getRetryable()).as(last.getError().toString()).isTrue();
    assertThat(buckets.resolve("fused")).isEmptyDirectory();
  }

  @Test
  void one_that_is_replaced_by_a_small_one_before_its_digest_is_known_is_fetched_as_it_is_then()
      throws IOException {
    publish(LargeExamples.safetensors(folder.resolve("m.safetensors")), "s3a://zoo/m.safetensors");
    Path other = ShardedExample.whole(folder.resolve("other.safetensors"), Map.of());
    AtomicInteger range = new AtomicInteger();
    store.beforeRange =
        () -> {
          if (range.incrementAndGet() == 2) {
            replace(other);
          }
        };
    FusionReport report =
        fuse("s3a://zoo/m.safetensors", "s3a://fused/m.safetensors", 1_000_000, listed());
    assertThat(range).hasValue(2);
    assertThat(report.getError().getMessage()).contains("the model has no modules");
    assertThat(report.getSource().getBytes()).isEqualTo(Files.size(other));
  }

  /** Does something before one of them. */
  private AtomicInteger rangesBehindTheDigest(Runnable disturbance, int at) {
    AtomicInteger range = new AtomicInteger();
    store.beforeRange =
        () -> {
          if (store.streamed > 0 && range.incrementAndGet() == at) {
            disturbance.run();
          }
        };
    last = fuse("s3a://zoo/m.safetensors", "s3a://fused/m.safetensors", 1, listed());
    return range;
  }

  private void replace(Path other) {
    try {
      store.store.publish(other, Location.of("s3a://zoo/m.safetensors"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void ranges_that_are_cut_are_read_anew() throws IOException {
    Path model = LargeExamples.safetensors(folder.resolve("m.safetensors"));
    publish(model, "s3a://zoo/m.safetensors");
    FaultyNetwork.Plan cuts =
        new FaultyNetwork.Plan(20, /* seed= */ 5, List.of(Fault.CUT, Fault.CUT_ANSWER), 0);
    try (FaultyNetwork network = FaultyNetwork.before(server.endpoint(), cuts)) {
      store =
          new WatchedStore(
              Stores.of(StorageConfiguration.of(S3Server.properties(network.endpoint()))));
      FusionReport report =
          fuse("s3a://zoo/m.safetensors", "s3a://fused/m.safetensors", 1, listed());
      assertThat(report.getError()).isNull();
      assertThat(network.faults()).isPositive();
    }
    store = new WatchedStore(Stores.of(StorageConfiguration.of(server.properties())));
    fuse("s3a://zoo/m.safetensors", "s3a://staged/m.safetensors", NOTHING, listed());
    assertSameFiles(buckets.resolve("fused"), buckets.resolve("staged"));
  }
}
