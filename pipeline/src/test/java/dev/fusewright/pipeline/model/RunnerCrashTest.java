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
import dev.fusewright.core.text.GraphText;
import dev.fusewright.io.Formats;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to the runner happens to one entry. */
@UsesProcesses
final class RunnerCrashTest {
  /** More than a JVM takes to start: whoever has used it runs a model. */
  private static final Duration BUSY = Duration.ofSeconds(4);

  @TempDir Path folder;

  private FusionReport fuse(FuseModel flow, Path model) {
    return flow.fuse(
        FuseRequest.of(
            Location.of(model),
            Location.of(folder.resolve("fused.onnx")),
            FuseRequest.Placement.BESIDE,
            FuseSettings.defaults()));
  }

  private Path endless() throws IOException {
    Path file = folder.resolve("endless.onnx");
    Formats.onnx()
        .write(
            GraphText.parse(
                """
            <ir_version: 8, opset_import: ["" : 15]>
            g (float[1,1,2,2] x) => (float[1,1,2,2] y)
            <float[1,1,1,1] w = {0.5}, float[1] scale = {2.0}, float[1] shift = {0.25}, float[1] mean = {0.5},
             float[1] var = {1.0}, int64 trips = {9223372036854775807}, bool yes = {1}>
            {
              c = Conv(x, w)
              z = BatchNormalization(c, scale, shift, mean, var)
              y = Loop <body = body (int64 i, bool go, float[1,1,2,2] v) => (bool on, float[1,1,2,2] u) {
                on = Identity(go)
                u = Relu(v)
              }> (trips, yes, z)
            }
            """),
            file);
    return file;
  }

  @Test
  void segmentation_faults_in_the_runner_cost_one_entry_its_whole_model_check_and_nothing_else()
      throws Exception {
    try (RuntimeVerifier proof = RuntimeVerifier.withThreads(1)) {
      FuseModel flow = new FuseModel(Stores.of(StorageConfiguration.defaults()), proof, folder);
      Path model = endless();
      Thread killer = new Thread(RunnerCrashTest::segfaultBusyRunners, "killer");
      killer.setDaemon(true);
      killer.start();

      FusionReport crashed = fuse(flow, model);
      killer.join();
      assertThat(crashed.getOutcome()).as("%s", crashed.getError()).isEqualTo(Outcome.FUSED);
      assertThat(crashed.getEquivalence().getLevels().getModel().getDoubt())
          .isEqualTo("RUNNER_CRASHED");
      assertThat(crashed.getEquivalence().getLevels().getModel().getReason()).contains("SIGSEGV");

      FusionReport next = fuse(flow, ExampleModels.model("mlp_bn"));
      assertThat(next.getOutcome()).as("%s", next.getError()).isEqualTo(Outcome.FUSED);
    }
  }

  /** Twice: what befalls a runner once is taken for an accident. */
  private static void segfaultBusyRunners() {
    try {
      long first = segfaultBusyRunner(/* but= */ 0);
      segfaultBusyRunner(first);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long segfaultBusyRunner(long but) throws IOException, InterruptedException {
    Optional<ProcessHandle> runner = Optional.empty();
    while (runner.isEmpty()) {
      Thread.sleep(50);
      runner =
          ProcessHandle.current()
              .descendants()
              .filter(child -> child.pid() != but)
              .filter(
                  child ->
                      child.info().totalCpuDuration().orElse(Duration.ZERO).compareTo(BUSY) > 0)
              .findFirst();
    }
    new ProcessBuilder("kill", "-SEGV", Long.toString(runner.get().pid())).start().waitFor();
    return runner.get().pid();
  }
}
