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

import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.io.testing.ForwardingStore;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.model.FuseModel;
import dev.fusewright.pipeline.model.FuseRequest;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run asks of a local disk for each model, beside reading and writing it. */
@UsesProcesses
final class CostOfAModelTest {
  private static final FuseSettings UNPROVEN =
      FuseSettings.defaults().with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE);

  @TempDir Path folder;
  private final CountingStore store = new CountingStore();

  private Location source(int i) throws IOException {
    Path zoo = Files.createDirectories(folder.resolve("zoo"));
    return Location.of(
        Files.write(zoo.resolve("m%d.onnx".formatted(i)), ExampleModels.variant("mlp_bn", i)));
  }

  private Outcome fuse(Incremental flow, Location source) {
    return flow.fuse(
            FuseRequest.of(
                source,
                Location.of(folder.resolve("out")).resolve(source.name()),
                FuseRequest.Placement.BESIDE,
                UNPROVEN))
        .getOutcome();
  }

  private Incremental flow() throws IOException {
    Path scratch = Files.createDirectories(folder.resolve("scratch"));
    return new Incremental(
        new FuseModel(store, NoVerifier.INSTANCE, scratch),
        ActionCache.below(store, Location.of(folder.resolve("reports"))),
        CacheLookup.Trust.EVERY_RUN);
  }

  @Test
  void a_new_model_is_asked_for_twice_and_its_receipt_not_at_all() throws IOException {
    Incremental flow = flow();
    Location source = source(0);

    assertThat(fuse(flow, source)).isEqualTo(Outcome.FUSED);

    assertThat(store.asked)
        .as("for the lookup, and whether what was read is still there before it is published")
        .containsExactly("m0.onnx", "m0.onnx");
    assertThat(store.opened).as("it is read where it lies").isEmpty();
    assertThat(store.taken).as("moved, not copied").containsExactly("m0.onnx");
    assertThat(store.published).as("its receipt is written with others").isEmpty();
    assertThat(store.listed).containsExactly("new", "index", "ledger");

    store.forget();
    fuse(flow, source(1));
    flow.writeReceipts();
    assertThat(store.listed).as("a worker lists once").isEmpty();
    assertThat(store.published).as("a batch").hasSize(1);
  }

  @Test
  void an_unchanged_model_is_asked_for_once_and_nothing_of_it_is_read() throws IOException {
    Incremental flow = flow();
    Location source = source(0);
    Files.setLastModifiedTime(source.localPath(), FileTime.fromMillis(1_000_000));
    fuse(flow, source);
    store.forget();

    assertThat(fuse(flow, source)).isEqualTo(Outcome.UNCHANGED);

    assertThat(store.asked).as("the source and the output").containsExactly("m0.onnx", "m0.onnx");
    assertThat(store.opened).isEmpty();
    assertThat(store.taken).isEmpty();
    assertThat(store.published).isEmpty();
  }

  @Test
  void no_process_is_started_for_a_model() throws Exception {
    Path events = folder.resolve("events.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("jdk.ProcessStart");
      recording.start();
      Process seen = new ProcessBuilder("true").start();
      seen.waitFor();
      Incremental flow = flow();
      for (int i = 0; i < 5; i++) {
        assertThat(fuse(flow, source(i))).isEqualTo(Outcome.FUSED);
      }
      recording.stop();
      recording.dump(events);
      assertThat(RecordingFile.readAllEvents(events))
          .as("the one that this test started, and no other")
          .extracting((RecordedEvent event) -> event.getLong("pid"))
          .containsExactly(seen.pid());
    }
  }

  /** Remembers what is asked of it, by names. */
  private static final class CountingStore extends ForwardingStore {
    private final Store store;
    private final List<String> asked = new ArrayList<>();
    private final List<String> opened = new ArrayList<>();
    private final List<String> taken = new ArrayList<>();
    private final List<String> published = new ArrayList<>();
    private final List<String> listed = new ArrayList<>();

    CountingStore() {
      this(Stores.of(StorageConfiguration.defaults()));
    }

    private CountingStore(Store store) {
      super(store);
      this.store = store;
    }

    void forget() {
      List.of(asked, opened, taken, published, listed).forEach(List::clear);
    }

    @Override
    public Optional<StoredFile> status(Location location) throws IOException {
      asked.add(location.name());
      return store.status(location);
    }

    @Override
    public List<StoredFile> list(Location glob) {
      throw new AssertionError("nothing is listed for a model");
    }

    @Override
    public Optional<List<StoredFile>> filesBelow(Location place, int most) throws IOException {
      listed.add(place.name());
      return store.filesBelow(place, most);
    }

    @Override
    public InputStream open(Location location, long offset) throws IOException {
      opened.add(location.name());
      return store.open(location, offset);
    }

    @Override
    public StoredFile publish(byte[] content, Location target) throws IOException {
      published.add(target.name());
      return store.publish(content, target);
    }

    @Override
    public StoredFile publish(Path file, Location target) throws IOException {
      published.add(target.name());
      return store.publish(file, target);
    }

    @Override
    public StoredFile take(Path finished, Location target) throws IOException {
      taken.add(target.name());
      return store.take(finished, target);
    }
  }
}
