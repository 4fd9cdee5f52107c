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

import dev.fusewright.io.storage.ByteBudget;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.ScratchSettings;
import dev.fusewright.io.storage.ScratchSpace;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.BoundedVerifier;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.pipeline.verification.Verifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models share the worker's disk and memory. */
final class ScratchTest {
  private static final FuseSettings UNPROVEN =
      FuseSettings.defaults().with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE);

  @TempDir Path folder;

  private FusionReport fuse(ScratchSpace scratch, String model, String output) {
    return new FuseModel(Stores.of(StorageConfiguration.defaults()), NoVerifier.INSTANCE, scratch)
        .fuse(
            FuseRequest.of(
                Location.of(ExampleModels.model(model)),
                Location.of(folder.resolve(output)),
                FuseRequest.Placement.BESIDE,
                UNPROVEN));
  }

  private ScratchSpace space(long bytes) throws IOException {
    return ScratchSpace.shared(new ScratchSettings(folder.resolve("scratch").toString(), bytes));
  }

  @Test
  void a_model_that_needs_more_than_all_of_it_fails_with_the_numbers_and_for_good()
      throws IOException {
    FusionReport report = fuse(space(1_000_000), "resnet18", "out.onnx");

    assertThat(report.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().getStage()).isEqualTo("fetch");
    assertThat(report.getError().getMessage())
        .contains("resnet18.onnx", "1,000,000", "--scratch-budget");
    assertThat(report.getError().getRetryable()).isFalse();
    assertThat(folder.resolve("out.onnx")).doesNotExist();
  }

  @Test
  void models_that_do_not_fit_at_the_same_time_wait_for_each_other_and_all_are_fused()
      throws Exception {
    // One resnet18 (2 copies and the margin) at a time, or a small model beside none.
    ScratchSpace scratch = space(6_000_000);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<FusionReport>> reports = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String output = i + ".onnx";
        String model = i % 2 == 0 ? "resnet18" : "mlp_bn";
        reports.add(threads.submit(() -> fuse(scratch, model, output)));
      }
      for (Future<FusionReport> report : reports) {
        assertThat(report.get().getOutcome()).isEqualTo(Outcome.FUSED);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(scratch.root()).isEmptyDirectory();
  }

  @Test
  void large_models_are_proven_one_after_the_other() throws Exception {
    Path model = ExampleModels.model("resnet18");
    Counting counting = new Counting();
    // Half a machine that has room for one of them.
    Verifier proof = new BoundedVerifier(counting, new ByteBudget(200L << 20));
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Verifier.Pair pair = new Verifier.Pair(model, "0", model, List.of());
        done.add(threads.submit(() -> proof.compare(pair, UNPROVEN)));
      }
      for (Future<?> one : done) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(counting.most).hasValue(1);
    assertThat(counting.checks).hasValue(4);
  }

  /** How many are inside at the same time. */
  private static final class Counting implements Verifier {
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger checks = new AtomicInteger();

    @Override
    public Finding check(Case models, FuseSettings settings) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Finding compare(Pair models, FuseSettings settings) {
      most.accumulateAndGet(inside.incrementAndGet(), Math::max);
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
      checks.incrementAndGet();
      inside.decrementAndGet();
      return NoVerifier.INSTANCE.compare(models, settings);
    }

    @Override
    public void close() {}
  }
}
