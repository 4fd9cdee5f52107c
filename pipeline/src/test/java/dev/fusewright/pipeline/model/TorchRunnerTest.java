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

import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.testing.ExportedPrograms;
import dev.fusewright.io.testing.Python;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.InputSpec;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.report.EquivalenceRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A scripted model with operators that have no translation, run as a whole by PyTorch. */
@UsesPython
final class TorchRunnerTest {
  private static final FusedPrograms FUSED = new FusedPrograms();

  /** How often a loop of the model goes round is one of its inputs. */
  private static final FuseSettings SETTINGS =
      FuseSettings.defaults()
          .with(
              SettingFields.INPUTS,
              Map.of("n", new InputSpec(null, new InputSpec.Range(0, 2), List.of())));

  @TempDir Path folder;

  @AfterAll
  static void close() {
    FUSED.close();
  }

  private static FuseSettings by(Path python) {
    return SETTINGS.with(SettingFields.TORCH_RUNNER, python);
  }

  private FusionReport fuse(FuseSettings settings) throws IOException {
    return FUSED.fuse(folder, source(), folder.resolve("fused.pt"), settings);
  }

  private Path source() throws IOException {
    return ExportedPrograms.copy("control.script.pt", folder);
  }

  private static String model(FusionReport report) {
    return String.valueOf(report.getEquivalence().getLevels().getModel());
  }

  @Test
  void the_whole_model_is_proven_where_a_python_is_named_and_not_run_where_none_is()
      throws IOException {
    FusionReport without = fuse(SETTINGS);
    FusionReport with = fuse(by(Python.TORCH2.executable()));

    assertThat(model(without)).contains("INCONCLUSIVE", "NO_KERNEL", "5 operators are unknown");
    assertThat(without.getEquivalence().getRunner()).hasToString("none");
    assertThat(model(with)).contains("EQUIVALENT", "1 output on 9 samples");
    assertThat(with.getEquivalence().getRunner().toString())
        .matches("PyTorch 2\\..*, TorchScript, 1 thread");
    assertThat(with.getOutcome()).isEqualTo(Outcome.FUSED);
  }

  @Test
  void one_channel_that_was_altered_is_seen_by_it() throws IOException {
    Path source = source();
    fuse(SETTINGS);
    Path altered = altered(folder.resolve("fused.pt"));

    EquivalenceRecord found =
        FUSED
            .fuse(
                folder,
                source,
                altered,
                by(Python.TORCH2.executable()).with(SettingFields.MODE, Mode.VERIFY))
            .getEquivalence();
    EquivalenceRecord unseen =
        FUSED
            .fuse(folder, source, altered, SETTINGS.with(SettingFields.MODE, Mode.VERIFY))
            .getEquivalence();

    assertThat(found.getVerdict()).hasToString("DIFFERENT");
    assertThat(found.getLevels().getModel().getReason().toString()).contains("output 'output'");
    assertThat(unseen.getVerdict()).hasToString("INCONCLUSIVE");
  }

  /** The archive with the first output channel of its first convolution a thousandth larger. */
  private Path altered(Path archive) throws IOException {
    Map<String, byte[]> records = new LinkedHashMap<>(ExportedPrograms.records(archive));
    byte[] largest = new byte[0];
    for (Map.Entry<String, byte[]> record : records.entrySet()) {
      if (record.getKey().startsWith("data/") && record.getValue().length == 4 * 3 * 9 * 4) {
        largest = record.getValue();
      }
    }
    ByteBuffer weights = ByteBuffer.wrap(largest).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < 3 * 9 * 4; at += 4) {
      weights.putFloat(at, weights.getFloat(at) * 1.001f);
    }
    return ExportedPrograms.write(folder.resolve("altered.pt"), "net/", records);
  }

  @Test
  void what_is_no_python_costs_the_level_and_its_reason_says_so() throws IOException {
    FusionReport report = fuse(by(Path.of("/nowhere/bin/python")));

    assertThat(model(report)).contains("INCONCLUSIVE", "RUNNER", "could not be started");
    assertThat(report.getEquivalence().getVerdict()).hasToString("INCONCLUSIVE");
    // Never FAILED: the model itself is sound.
    assertThat(report.getOutcome()).isEqualTo(Outcome.REJECTED);
  }

  @Test
  void what_has_a_translation_is_not_left_to_it() throws IOException {
    FusionReport report =
        FUSED.fuse(
            folder,
            ExportedPrograms.copy("conv1d.script.pt", folder),
            folder.resolve("fused.pt"),
            FuseSettings.defaults()
                .with(SettingFields.TORCH_RUNNER, Path.of("/nowhere/bin/python")));

    assertThat(report.getEquivalence().getVerdict()).hasToString("EQUIVALENT");
    assertThat(report.getEquivalence().getRunner().toString()).startsWith("ONNX Runtime");
  }
}
