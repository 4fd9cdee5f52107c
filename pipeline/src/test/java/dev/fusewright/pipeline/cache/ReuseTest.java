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
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.io.onnx.proto.ModelProto;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.io.testing.ForwardingStore;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.ShardedExample;
import dev.fusewright.pipeline.SplitModel;
import dev.fusewright.pipeline.model.FuseModel;
import dev.fusewright.pipeline.model.FuseRequest;
import dev.fusewright.pipeline.model.OutputConflicts;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.Receipt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same bytes under several ids. */
final class ReuseTest {
  private static final FuseSettings SITES =
      FuseSettings.defaults().with(SettingFields.VERIFY_LEVEL, VerifyLevel.SITE);

  @TempDir Path folder;
  private final CopyingStore store = new CopyingStore();
  private final RuntimeVerifier proof = RuntimeVerifier.withThreads(1);
  private Incremental worker;

  @BeforeEach
  void begin() throws IOException {
    Files.createDirectory(folder.resolve("scratch"));
    worker = worker();
  }

  @AfterEach
  void end() {
    proof.close();
  }

  /** Counts copies, and fails at them where a test wants that. */
  private static final class CopyingStore extends ForwardingStore {
    private final Store store;
    private final List<String> copied = new ArrayList<>();
    private boolean fails;

    CopyingStore() {
      this(Stores.of(StorageConfiguration.defaults()));
    }

    private CopyingStore(Store store) {
      super(store);
      this.store = store;
    }

    @Override
    public StoredFile copy(StoredFile source, Location target) throws IOException {
      if (fails) {
        throw new IOException("the store refuses to copy");
      }
      copied.add(target.name());
      return store.copy(source, target);
    }
  }

  private Incremental worker() {
    return worker(CacheLookup.Trust.EVERY_RUN);
  }

  private Incremental worker(CacheLookup.Trust trust) {
    return new Incremental(
        new FuseModel(store, proof, folder.resolve("scratch")),
        ActionCache.below(store, Location.of(folder.resolve("reports"))),
        trust);
  }

  private Path zoo(String name) throws IOException {
    Path file = folder.resolve("zoo").resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    return file;
  }

  private Path out(String name) {
    return folder.resolve("out").resolve(name);
  }

  private FuseRequest request(
      @Nullable String runId, String id, Path source, String target, FuseSettings settings) {
    return new FuseRequest(
        runId,
        id,
        Location.of(source),
        Location.of(out(target)),
        FuseRequest.Placement.BESIDE,
        null,
        null,
        OutputConflicts.NONE,
        null,
        null,
        settings,
        FuseRequest.Naming.OWN);
  }

  private FusionReport fuse(String id, Path source, String target, FuseSettings settings) {
    FusionReport report = worker.fuse(request("a-run", id, source, target, settings));
    assertThat(report.getError()).isNull();
    return report;
  }

  private FusionReport fuse(String id, Path source) {
    return fuse(id, source, id + ".onnx", SITES);
  }

  private static void assertMadeItself(FusionReport report) {
    assertThat(report.getReusedFrom()).isNull();
    assertThat(report.getTimingsMs()).containsKey("plan");
  }

  private static void assertReused(FusionReport report, String from) {
    assertThat(report.getReusedFrom()).isEqualTo(from);
    assertThat(report.getTimingsMs()).doesNotContainKeys("plan", "write", "verify");
  }

  @Test
  void the_same_bytes_under_three_ids_are_planned_and_proven_once() throws IOException {
    List<FusionReport> reports = new ArrayList<>();
    for (String id : List.of("a", "b", "c")) {
      reports.add(fuse(id, Files.copy(ExampleModels.model("mlp_bn"), zoo(id + ".onnx"))));
    }

    assertMadeItself(reports.get(0));
    assertReused(reports.get(1), "a");
    assertReused(reports.get(2), "a");
    assertThat(store.copied).containsExactly("b.onnx", "c.onnx");
    Path alone = folder.resolve("alone.onnx");
    FusionReport undisturbed =
        new FuseModel(store, proof, folder.resolve("scratch"))
            .fuse(
                FuseRequest.of(
                    Location.of(zoo("b.onnx")),
                    Location.of(alone),
                    FuseRequest.Placement.BESIDE,
                    SITES));
    for (int i = 0; i < 3; i++) {
      FusionReport report = reports.get(i);
      String name = List.of("a.onnx", "b.onnx", "c.onnx").get(i);
      assertThat(out(name)).hasSameBinaryContentAs(alone);
      assertThat(report.getOutcome()).isEqualTo(Outcome.FUSED);
      assertThat(report.getSource().getUri()).isEqualTo(zoo(name).toString());
      assertThat(report.getSource().getOpsets()).isEqualTo(undisturbed.getSource().getOpsets());
      assertThat(report.getOutput().getUri()).isEqualTo(out(name).toString());
      assertThat(report.getOutput().getSha256()).isEqualTo(Staging.sha256(alone));
      assertThat(report.getEquivalence()).isEqualTo(undisturbed.getEquivalence());
      assertThat(report.getFusions()).isEqualTo(undisturbed.getFusions());
      assertThat(report.getRefusals()).isEqualTo(undisturbed.getRefusals());
      assertThat(report.getBefore()).isEqualTo(undisturbed.getBefore());
      assertThat(report.getAfter()).isEqualTo(undisturbed.getAfter());
    }
  }

  @Test
  void what_was_reused_is_unchanged_the_next_time_and_later_runs_and_workers_reuse_too()
      throws IOException {
    Path a = Files.copy(ExampleModels.model("mlp_bn"), zoo("a.onnx"));
    Path b = Files.copy(a, zoo("b.onnx"));
    fuse("a", a);
    fuse("b", b);
    worker.writeReceipts();

    worker = worker();
    for (String id : List.of("a", "b")) {
      FusionReport again =
          worker.fuse(request("b-run", id, zoo(id + ".onnx"), id + ".onnx", SITES));
      assertThat(again.getOutcome()).isEqualTo(Outcome.UNCHANGED);
      assertThat(again.getReusedFrom()).isEqualTo(id.equals("b") ? "a" : null);
    }
    assertReused(fuse("late", Files.copy(a, zoo("late.onnx"))), "a");
  }

  @Test
  void what_a_killed_worker_published_without_a_receipt_is_done_again() throws IOException {
    Path a = Files.copy(ExampleModels.model("mlp_bn"), zoo("a.onnx"));
    fuse("a", a);
    // Killed: nothing of its receipts was written.
    worker = worker();
    assertMadeItself(fuse("b", Files.copy(a, zoo("b.onnx"))));
    assertReused(fuse("a", a), "b");
    assertThat(out("a.onnx")).hasSameBinaryContentAs(out("b.onnx"));
  }

  @Test
  void a_model_with_nothing_to_fuse_is_copied_and_one_that_is_left_out_stays_out()
      throws IOException {
    Path a = Files.copy(ExampleModels.model("nothing_to_fuse"), zoo("a.onnx"));
    Path b = Files.copy(a, zoo("b.onnx"));
    FuseSettings omitting = SITES.with(SettingFields.NO_COPY, FuseSettings.Unfused.OMIT);
    fuse("a", a);
    FusionReport copied = fuse("b", b);
    assertReused(copied, "a");
    assertThat(copied.getOutcome()).isEqualTo(Outcome.NOTHING_TO_FUSE);
    assertThat(out("b.onnx")).hasSameBinaryContentAs(a);

    assertMadeItself(fuse("c", Files.copy(a, zoo("c.onnx")), "c.onnx", omitting));
    FusionReport omitted = fuse("d", Files.copy(a, zoo("d.onnx")), "d.onnx", omitting);
    assertReused(omitted, "c");
    assertThat(omitted.getOutput()).isNull();
    assertThat(omitted.getOutcomeDetail()).isEqualTo("NOT_COPIED");
    assertThat(out("d.onnx")).doesNotExist();
  }

  @Test
  void other_bytes_another_setting_or_another_kind_of_name_are_another_content()
      throws IOException {
    Path a = Files.copy(ExampleModels.model("mlp_bn"), zoo("a.onnx"));
    fuse("a", a);
    assertMadeItself(
        fuse("b", Files.write(zoo("b.onnx"), ExampleModels.variant("mlp_bn", /* number= */ 1))));
    assertMadeItself(
        fuse("c", Files.copy(a, zoo("c.onnx")), "c.onnx", SITES.with(SettingFields.SEED, 7L)));
    assertMadeItself(fuse("d", Files.copy(a, zoo("d"))));
    assertReused(fuse("e", Files.copy(a, zoo("E.ONNX"))), "a");
  }

  @Test
  void a_state_dict_under_another_list_or_another_eps_is_fused_by_it() throws IOException {
    Path a = ShardedExample.in(zoo("a"));
    FuseSettings listed =
        SITES
            .with(SettingFields.MODULES, ShardedExample.LIST)
            .with(SettingFields.EPS, Map.of("bn", 1e-5));
    fuse("a", a, "a/model.safetensors.index.json", listed);
    Path b = ShardedExample.in(zoo("b"));
    assertMadeItself(fuse("b", b, "b/model.safetensors.index.json", listed));
    for (String name : List.of(ShardedExample.FIRST, ShardedExample.THIRD, ShardedExample.INDEX)) {
      assertThat(out("b").resolve(name)).hasSameBinaryContentAs(out("a").resolve(name));
    }

    FuseSettings otherEps = listed.with(SettingFields.EPS, Map.of("bn", 1e-3));
    FusionReport eps = fuse("c", b, "c/model.safetensors.index.json", otherEps);
    assertMadeItself(eps);
    assertThat(eps.getOutput().getSha256()).isNotNull();
    assertThat(out("c").resolve(ShardedExample.FIRST))
        .satisfies(
            file ->
                assertThat(Files.mismatch(file, out("a").resolve(ShardedExample.FIRST)))
                    .isNotNegative());
    FuseSettings otherList = listed.with(SettingFields.MODULES, "[[\"conv\", \"bn\", \"fc\"]]");
    FusionReport refused =
        worker.fuse(request("a-run", "d", b, "d/model.safetensors.index.json", otherList));
    assertThat(refused.getReusedFrom()).isNull();
  }

  @Test
  @UsesRealModels
  void a_companion_graph_is_the_same_by_what_is_in_it_wherever_it_is() throws IOException {
    String models = System.getenv("FUSEWRIGHT_MODELS");
    assumeTrue(models != null && !models.isEmpty(), "FUSEWRIGHT_MODELS is not set: no real models");
    Path given = Path.of(models, "s20_torchvision_small/conv1d_net");
    Path a = Files.copy(given.resolve("conv1d_net.pth"), zoo("a.pth"));
    Path b = Files.copy(a, zoo("b.pth"));
    Path graph = Files.copy(given.resolve("conv1d_net.onnx"), zoo("a.onnx"));
    Path copy = Files.copy(graph, zoo("elsewhere/graph.onnx"));
    byte[] remarked =
        ModelProto.parseFrom(Files.readAllBytes(graph)).toBuilder()
            .setDocString("another")
            .build()
            .toByteArray();
    Path other = Files.write(zoo("other.onnx"), remarked);

    assertMadeItself(fuse("a", a, "a.pth", with(graph)));
    assertReused(fuse("b", b, "b.pth", with(copy)), "a");
    assertMadeItself(fuse("c", b, "c.pth", with(other)));
    FusionReport without = fuse("d", b, "d.pth", SITES);
    assertMadeItself(without);
    assertThat(without.getOutcome()).isEqualTo(Outcome.NOTHING_TO_FUSE);
    worker.writeReceipts();
    worker = worker();
    assertThat(worker.fuse(request("b-run", "b", b, "b.pth", with(copy))).getOutcome())
        .isEqualTo(Outcome.UNCHANGED);
  }

  private static FuseSettings with(Path graph) {
    return SITES.with(SettingFields.GRAPH, Location.of(graph));
  }

  @Test
  void weights_beside_a_model_are_not_copied_where_no_etag_tells_what_they_are()
      throws IOException {
    Path a = SplitModel.of(ExampleModels.model("conv1d_net"), zoo("a/model.onnx"));
    fuse("a", a, "a/model.onnx", SITES);
    byte[] fused = Files.readAllBytes(out("a/model.onnx.data"));
    FileTime then = Files.getLastModifiedTime(out("a/model.onnx.data"));
    byte[] changed = fused.clone();
    changed[101] ^= 1;
    Files.write(out("a/model.onnx.data"), changed);
    Files.setLastModifiedTime(out("a/model.onnx.data"), then);

    Path b = SplitModel.of(ExampleModels.model("conv1d_net"), zoo("b/model.onnx"));
    assertMadeItself(fuse("b", b, "b/model.onnx", SITES));
    assertThat(out("b/model.onnx.data")).hasBinaryContent(fused);
    assertThat(store.copied).isEmpty();
  }

  @Test
  void an_output_that_is_gone_or_changed_is_not_reused() throws IOException {
    Path a = Files.copy(ExampleModels.model("mlp_bn"), zoo("a.onnx"));
    fuse("a", a);
    byte[] fused = Files.readAllBytes(out("a.onnx"));
    byte[] changed = fused.clone();
    changed[changed.length / 2] ^= 1;
    Files.write(out("a.onnx"), changed);
    assertMadeItself(fuse("b", Files.copy(a, zoo("b.onnx"))));
    assertThat(out("b.onnx")).hasBinaryContent(fused);

    // Of the same size and time: its bytes tell.
    FileTime then = Files.getLastModifiedTime(out("b.onnx"));
    Files.write(out("b.onnx"), changed);
    Files.setLastModifiedTime(out("b.onnx"), then);
    assertMadeItself(fuse("c", Files.copy(a, zoo("c.onnx"))));
    assertThat(out("c.onnx")).hasBinaryContent(fused);
    Files.delete(out("c.onnx"));
    assertMadeItself(fuse("d", Files.copy(a, zoo("d.onnx"))));
    assertThat(out("d.onnx")).hasBinaryContent(fused);
    assertThat(store.copied).isEmpty();
  }

  @Test
  void what_cannot_be_copied_is_fused_anew() throws IOException {
    Path a = Files.copy(ExampleModels.model("mlp_bn"), zoo("a.onnx"));
    fuse("a", a);
    store.fails = true;
    assertMadeItself(fuse("b", Files.copy(a, zoo("b.onnx"))));
    assertThat(out("b.onnx")).hasSameBinaryContentAs(out("a.onnx"));
  }

  @Test
  void what_another_build_made_is_not_reused() throws IOException {
    Path a = Files.copy(ExampleModels.model("mlp_bn"), zoo("a.onnx"));
    fuse("a", a);
    worker.writeReceipts();
    ActionCache cache = ActionCache.below(store, Location.of(folder.resolve("reports")));
    Receipt receipt = Receipt.newBuilder(cache.find("a").orElseThrow()).build();
    receipt.getReport().getProvenance().put("converter_version", "0.1.0+0123456789abcdef");
    cache.put(receipt);
    cache.write();

    worker = worker();
    assertThat(cache.findContent(receipt.getContent())).isPresent();
    assertMadeItself(fuse("b", Files.copy(a, zoo("b.onnx"))));
  }

  @Test
  void a_run_that_does_everything_anew_reuses_what_it_did_itself_and_nothing_else()
      throws IOException {
    Path a = Files.copy(ExampleModels.model("mlp_bn"), zoo("a.onnx"));
    fuse("a", a);
    worker.writeReceipts();
    worker = worker(CacheLookup.Trust.THIS_RUN_ONLY);
    Path b = Files.copy(a, zoo("b.onnx"));
    FusionReport first = worker.fuse(request("forced", "b", b, "b.onnx", SITES));
    assertMadeItself(first);
    Path c = Files.copy(a, zoo("c.onnx"));
    assertReused(worker.fuse(request("forced", "c", c, "c.onnx", SITES)), "b");
  }

  @Test
  void workers_of_a_process_find_at_once_what_each_of_them_has_published() throws IOException {
    Location reports = Location.of(folder.resolve("reports"));
    Set<Incremental> workers = new HashSet<>();
    for (int i = 0; i < 2; i++) {
      workers.add(
          new Incremental(
              new FuseModel(store, proof, folder.resolve("scratch")),
              ActionCache.below(
                  store, reports, SITES.mode(), RecentResults.shared(List.of("a store", reports))),
              CacheLookup.Trust.EVERY_RUN));
    }
    assertThat(RecentResults.shared("another store"))
        .isNotSameAs(RecentResults.shared(List.of("a store", reports)));
    int reused = 0;
    int number = 0;
    for (Incremental one : workers) {
      String id = "m" + number++;
      Path source = Files.copy(ExampleModels.model("mlp_bn"), zoo(id + ".onnx"));
      reused +=
          one.fuse(request("a-run", id, source, id + ".onnx", SITES)).getReusedFrom() == null
              ? 0
              : 1;
    }
    assertThat(reused).isEqualTo(1);
  }

  @Test
  void what_is_remembered_is_bounded_and_the_least_wanted_goes_first() {
    RecentResults recent = new RecentResults(/* mostBytes= */ 10);
    recent.put("a", new byte[4]);
    recent.put("b", new byte[4]);
    recent.find("a");
    recent.put("c", new byte[4]);
    assertThat(recent.find("a")).isPresent();
    assertThat(recent.find("b")).isEmpty();
    assertThat(recent.find("c")).isPresent();
    recent.put("large", new byte[11]);
    assertThat(recent.find("large")).isEmpty();
    assertThat(recent.find("c")).isPresent();
  }
}
