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

import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.io.testing.ForwardingStore;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.cache.ActionCache;
import dev.fusewright.pipeline.cache.CacheLookup;
import dev.fusewright.pipeline.cache.Incremental;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.pipeline.verification.Verifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A source that somebody replaces by another model while it is worked on. */
@UsesProcesses
final class ReplacedSourceTest {
  @TempDir Path folder;
  private final Store store = Stores.of(StorageConfiguration.defaults());
  private Path source = Path.of("");
  private Path target = Path.of("");

  @BeforeEach
  void begin() throws IOException {
    source = Files.copy(ExampleModels.model("mlp_bn"), folder.resolve("model.onnx"));
    target = folder.resolve("fused.onnx");
  }

  private void replace() {
    try {
      Path other = Files.copy(ExampleModels.model("conv1d_net"), folder.resolve("new"));
      Files.move(other, source, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** By a worker that has nothing else to do: it ends, and leaves its receipt. */
  private FusionReport fuse(Store given, Verifier proof) {
    VerifyLevel level = proof == NoVerifier.INSTANCE ? VerifyLevel.NONE : VerifyLevel.SITE;
    Incremental worker =
        new Incremental(
            new FuseModel(given, proof, folder),
            ActionCache.below(store, Location.of(folder)),
            CacheLookup.Trust.EVERY_RUN);
    FusionReport report =
        worker.fuse(
            FuseRequest.of(
                Location.of(source),
                Location.of(target),
                FuseRequest.Placement.BESIDE,
                FuseSettings.defaults().with(SettingFields.VERIFY_LEVEL, level)));
    worker.writeReceipts();
    return report;
  }

  /** What the model that stands there in the end is fused to, by a run that nobody disturbs. */
  private String undisturbed() throws IOException {
    Path alone = folder.resolve("alone.onnx");
    FusionReport report =
        new FuseModel(store, NoVerifier.INSTANCE, folder)
            .fuse(
                FuseRequest.of(
                    Location.of(ExampleModels.model("conv1d_net")),
                    Location.of(alone),
                    FuseRequest.Placement.BESIDE,
                    FuseSettings.defaults().with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE)));
    assertThat(report.getOutcome()).isEqualTo(Outcome.FUSED);
    return Staging.sha256(alone);
  }

  private void assertFailedAndDoneAgain(FusionReport disturbed) throws IOException {
    assertThat(disturbed.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(disturbed.getError().getMessage())
        .contains("model.onnx was changed or removed while it was being fused; try again");
    assertThat(disturbed.getError().getRetryable()).isTrue();
    assertThat(target).doesNotExist();

    assertThat(fuse(store, NoVerifier.INSTANCE).getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(Staging.sha256(target)).isEqualTo(undisturbed());
  }

  @Test
  void between_its_status_and_its_bytes() throws IOException {
    assertFailedAndDoneAgain(fuse(new ReplacingStore(1), NoVerifier.INSTANCE));
  }

  @Test
  void when_it_was_seen_to_be_untouched_it_is_published_as_it_was_and_done_again()
      throws IOException {
    assertThat(fuse(new ReplacingStore(2), NoVerifier.INSTANCE).getOutcome())
        .isEqualTo(Outcome.FUSED);
    assertThat(Staging.sha256(target)).isNotEqualTo(undisturbed());
    assertThat(fuse(store, NoVerifier.INSTANCE).getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(Staging.sha256(target)).isEqualTo(undisturbed());
  }

  @Test
  void while_it_is_proven() throws IOException {
    try (RuntimeVerifier proof = RuntimeVerifier.withThreads(1)) {
      assertFailedAndDoneAgain(fuse(store, new ReplacingVerifier(proof)));
    }
  }

  @Test
  void after_it_was_published_the_next_run_does_it_again() throws IOException {
    assertThat(fuse(store, NoVerifier.INSTANCE).getOutcome()).isEqualTo(Outcome.FUSED);
    replace();
    assertThat(fuse(store, NoVerifier.INSTANCE).getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(Staging.sha256(target)).isEqualTo(undisturbed());
    assertThat(fuse(store, NoVerifier.INSTANCE).getOutcome()).isEqualTo(Outcome.UNCHANGED);
  }

  /** A store whose answer to one of the questions for the source's status is not true for long. */
  private final class ReplacingStore extends ForwardingStore {
    private int left;

    ReplacingStore(int question) {
      super(ReplacedSourceTest.this.store);
      this.left = question;
    }

    @Override
    public Optional<StoredFile> status(Location location) throws IOException {
      Optional<StoredFile> status = super.status(location);
      if (location.equals(Location.of(source))) {
        left--;
        if (left == 0) {
          replace();
        }
      }
      return status;
    }
  }

  /** Replaces the source, and then finds what there is to be found of what was read of it. */
  private final class ReplacingVerifier implements Verifier {
    private final Verifier proof;

    ReplacingVerifier(Verifier proof) {
      this.proof = proof;
    }

    @Override
    public Finding check(Case models, FuseSettings settings) {
      Finding found = proof.check(models, settings);
      replace();
      return found;
    }

    @Override
    public Finding compare(Pair models, FuseSettings settings) {
      return proof.compare(models, settings);
    }

    @Override
    public void close() {
      // Whoever gave the proof closes it.
    }
  }
}
