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
import dev.fusewright.io.onnx.proto.TensorProto;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.InputSpec;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.OutputFiguresRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an entry says of a model's inputs decides what the whole model is run on. */
@UsesProcesses
final class ModelInputsTest {
  @TempDir Path folder;

  /** Says nothing to inputs around zero: a sigmoid of what is far below it. */
  private static final String DEAF =
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[N,1,2,2] x) => (float[N,1,2,2] z)
      <float[1,1,1,1] w = {0.1}, float[1] scale = {1.0}, float[1] shift = {-500.0}, float[1] mean = {0.5},
       float[1] var = {1.0}>
      {
        [conv] y = Conv(x, w)
        [bn] b = BatchNormalization(y, scale, shift, mean, var)
        z = Sigmoid(b)
      }
      """;

  private FusionReport fuse(FuseSettings settings) throws IOException {
    Path model = folder.resolve("model.onnx");
    Formats.onnx().write(GraphText.parse(DEAF), model);
    try (RuntimeVerifier proof = RuntimeVerifier.onAllProcessors()) {
      return new FuseModel(Stores.of(StorageConfiguration.defaults()), proof, folder)
          .fuse(
              FuseRequest.of(
                  Location.of(model),
                  Location.of(folder.resolve("fused.onnx")),
                  FuseRequest.Placement.BESIDE,
                  settings));
    }
  }

  private static FuseSettings with(InputSpec spec) {
    return FuseSettings.defaults()
        .with(SettingFields.VERIFY_LEVEL, VerifyLevel.MODEL)
        .with(SettingFields.INPUTS, Map.of("x", spec));
  }

  private Location sample(String name, float... values) throws IOException {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setDataType(1).addAllDims(List.of(1L, 1L, 2L, 2L));
    for (float value : values) {
      tensor.addFloatData(value);
    }
    return Location.of(Files.write(folder.resolve(name), tensor.build().toByteArray()));
  }

  @Test
  void noise_does_not_wake_a_deaf_model_and_nothing_is_published() throws IOException {
    FusionReport report =
        fuse(FuseSettings.defaults().with(SettingFields.VERIFY_LEVEL, VerifyLevel.MODEL));
    assertThat(report.getOutcome()).isEqualTo(Outcome.REJECTED);
    assertThat(report.getEquivalence().getLevels().getModel().getDoubt()).isEqualTo("VACUOUS");
    assertThat(report.getEquivalence().getLevels().getModel().getReason())
        .contains("give samples of real inputs");
  }

  @Test
  void samples_of_real_inputs_wake_it() throws IOException {
    FusionReport report =
        fuse(
            with(
                new InputSpec(
                    null,
                    null,
                    List.of(
                        sample("0.pb", 5000, 4990, 5010, 5020),
                        sample("1.pb", 4995, 5005, 5015, 4985)))));
    assertThat(report.getOutcome()).as("%s", report.getError()).isEqualTo(Outcome.FUSED);
    assertThat(report.getEquivalence().getOutputs())
        .extracting(OutputFiguresRecord::getSample)
        .allMatch(sample -> sample.startsWith("given "));
  }

  @Test
  void a_range_and_a_shape_wake_it_too() throws IOException {
    FusionReport report =
        fuse(
            with(
                new InputSpec(
                    List.of(3L, 1L, 2L, 2L), new InputSpec.Range(4980, 5020), List.of())));
    assertThat(report.getOutcome()).as("%s", report.getEquivalence()).isEqualTo(Outcome.FUSED);
    assertThat(report.getEquivalence().getOutputs())
        .extracting(OutputFiguresRecord::getSample)
        .allMatch(sample -> sample.endsWith("[3,1,2,2]"));
  }

  @Test
  void samples_that_are_not_for_the_model_say_so() throws IOException {
    FusionReport wrong =
        fuse(
            FuseSettings.defaults()
                .with(SettingFields.INPUTS, Map.of("y", new InputSpec(null, null, List.of()))));
    assertThat(wrong.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(wrong.getError().getMessage())
        .endsWith("something is said of the input 'y'; the model has no such input, but 'x'");

    Path tokens =
        Files.write(
            folder.resolve("tokens.pb"),
            TensorProto.newBuilder()
                .setDataType(7)
                .addDims(1)
                .addInt64Data(3)
                .build()
                .toByteArray());
    FusionReport unfit = fuse(with(new InputSpec(null, null, List.of(Location.of(tokens)))));
    assertThat(unfit.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(unfit.getError().getMessage())
        .contains("tokens.pb: expected a sample of the input 'x', float[")
        .endsWith("found int64[1]");

    FusionReport missing =
        fuse(with(new InputSpec(null, null, List.of(Location.of(folder.resolve("no.npy"))))));
    assertThat(missing.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(missing.getError().getMessage()).contains("no.npy");
  }
}
