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

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.testing.InjectedFault;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.CheckOptions;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.runtime.RunnerOptions;
import dev.fusewright.io.runtime.RunnerPool;
import dev.fusewright.io.runtime.VerifyModels;
import dev.fusewright.pipeline.ExampleModels;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Faults between six and twenty noise floors are seen in ONNX Runtime, and right folds are not. */
@UsesProcesses
final class FaultsSeenTest {
  private static RunnerPool pool;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    pool = new RunnerPool(RunnerOptions.forProcesses(1));
  }

  @AfterAll
  static void stop() {
    pool.close();
  }

  private LevelVerdict check(Path original, ModelGraph candidate) throws IOException {
    Path file = folder.resolve("candidate.onnx");
    Formats.onnx().write(candidate, file);
    return new VerifyModels(pool).compare(original, file, CheckOptions.of(7)).verdict();
  }

  @ParameterizedTest
  @CsvSource({
    "conv3d_net.onnx, WEIGHT_OF_ONE_CHANNEL_OFF, 0.5",
    "conv3d_net.onnx, WEIGHT_SCALED_ALONG_INPUT_AXIS, 0.9",
    "conv3d_net.onnx, GAMMA_OF_ONE_CHANNEL_OFF, 0.5",
    "conv3d_net.onnx, GAMMA_OF_ONE_CHANNEL_OFF, 0.9",
    "conv3d_net.onnx, BETA_OF_ONE_CHANNEL_OFF, 0.1",
    "conv3d_net.onnx, BETA_OF_ONE_CHANNEL_OFF, 0.9",
    "conv3d_net.onnx, VARIANCE_STALE, 0.5",
    "conv3d_net.onnx, VARIANCE_STALE, 0.9"
  })
  void one_channel_off_by_one_in_ten_thousand_is_different(
      String model, InjectedFault fault, double site) throws IOException {
    Path original = ExampleModels.folder().resolve(model);
    try (GraphCheckpoint read = Formats.openGraph(original)) {
      ModelGraph faulty = fault.inject(read.graph(), site, 1e-4).orElseThrow();
      LevelVerdict found =
          check(original, new FusionEngine(Rules.inference()).plan(faulty).apply());
      assertThat(found.verdict()).as(found.reason()).isEqualTo(Verdict.DIFFERENT);
      assertThat(found.reason()).contains("in float64 it is off by");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "conv1d_net.onnx, inference",
    "conv1d_net.onnx, torch",
    "conv3d_net.onnx, inference",
    "conv3d_net.onnx, torch",
    "mlp_bn.onnx, inference",
    "mlp_bn.onnx, torch"
  })
  void a_right_fold_is_equivalent_with_either_arithmetic(String model, String rules)
      throws IOException {
    Path original = ExampleModels.folder().resolve(model);
    try (GraphCheckpoint read = Formats.openGraph(original)) {
      LevelVerdict found =
          check(original, new FusionEngine(Rules.named(rules)).plan(read.graph()).apply());
      assertThat(found.verdict()).as(found.reason()).isEqualTo(Verdict.EQUIVALENT);
    }
  }
}
