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
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole flow with the real proof: certificates, site checks and ONNX Runtime. */
@UsesProcesses
@UsesRealModels
final class RealProofTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "resnet18, 20",
    "mobilenet_v2, 52",
    "conv1d_net, 3",
    "conv3d_net, 2",
    "dcgan_generator, 4", // Its tanh saturates on large inputs: only moved weights show that noise.
    "mlp_bn, 2"
  })
  void every_norm_of_an_example_is_folded_proven_and_none_dropped(String model, int folds) {
    try (RuntimeVerifier proof = RuntimeVerifier.onAllProcessors()) {
      FuseModel flow = new FuseModel(Stores.of(StorageConfiguration.defaults()), proof, folder);
      FusionReport report =
          flow.fuse(
              FuseRequest.of(
                  Location.of(ExampleModels.folder().resolve(model + ".onnx")),
                  Location.of(folder.resolve("fused.onnx")),
                  FuseRequest.Placement.BESIDE,
                  FuseSettings.defaults()));

      assertThat(report.getOutcome()).as("%s", report.getEquivalence()).isEqualTo(Outcome.FUSED);
      assertThat(report.getDropped()).isEmpty();
      assertThat(report.getFusions())
          .filteredOn(fusion -> "folded".equals(fusion.getResult()))
          .hasSize(folds);
      assertThat(report.getAfter().getOperators()).doesNotContainKey("BatchNormalization");
    }
  }
}
