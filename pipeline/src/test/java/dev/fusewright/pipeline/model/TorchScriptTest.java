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

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.Format;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.testing.ExportedPrograms;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.pipeline.settings.OutputForm;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TorchScript archives, from their code to what real PyTorch makes of the results. */
final class TorchScriptTest {
  private static final FusedPrograms FUSED = new FusedPrograms();

  @TempDir Path folder;

  @AfterAll
  static void close() {
    FUSED.close();
  }

  private FusionReport fuse(Path source, Path target, FuseSettings settings) throws IOException {
    return FUSED.fuse(folder, source, target, settings);
  }

  @ParameterizedTest
  @CsvSource({
    "conv1d.trace, 2, '', MODEL",
    "conv1d.script, 2, '', MODEL",
    "conv1d.t113.trace, 2, '', MODEL",
    "dcgan.frozen, 3, '', MODEL",
    "mlp.script, 2, '', MODEL",
    "mlp.t113.script, 2, '', MODEL",
    "functional.trace, 1, '', MODEL",
    "functional.script, 1, '', MODEL",
    "shared.trace, 4, FORMAT FORMAT, MODEL",
    "shared.script, 4, FORMAT FORMAT, MODEL",
    "tied.trace, 0, FORMAT, NONE",
    "dropnet.trace, 2, TRAINING_MODE, MODEL",
    "dropnet.script, 2, TRAINING_MODE, MODEL",
    "control.script, 3, '', SITES"
  })
  void each_site_is_folded_or_refused_and_the_whole_is_proven_where_it_can_be_said(
      String name, int sites, String refused, String proven) throws IOException {
    Path source = ExportedPrograms.copy(name + ".pt", folder);

    FusionReport report = fuse(source, folder.resolve("fused.pt"), FuseSettings.defaults());

    FusedPrograms.assertSites(report, sites, refused);
    switch (proven) {
      case "MODEL" -> assertThat(report.getEquivalence().getVerdict()).hasToString("EQUIVALENT");
      case "SITES" ->
          assertThat(report.getEquivalence().toString())
              .contains("NO_KERNEL", "5 operators are unknown");
      default -> assertThat(report.getOutcome()).isEqualTo(Outcome.NOTHING_TO_FUSE);
    }
  }

  @Test
  void untouched_records_stay_and_the_same_archive_has_the_same_bytes() throws IOException {
    Path source = ExportedPrograms.copy("shared.script.pt", folder);
    fuse(source, folder.resolve("a.pt"), FuseSettings.defaults());
    fuse(source, folder.resolve("b.pt"), FuseSettings.defaults());

    assertThat(folder.resolve("b.pt")).hasSameBinaryContentAs(folder.resolve("a.pt"));
    Map<String, byte[]> before = ExportedPrograms.records(source);
    Map<String, byte[]> after = ExportedPrograms.records(folder.resolve("a.pt"));
    for (String same : List.of("version", "byteorder", "constants.pkl", ".data/serialization_id")) {
      assertThat(after.get(same)).as(same).isEqualTo(before.get(same));
    }
    after.forEach(
        (record, bytes) -> {
          boolean isEdited = record.endsWith(".py") && !Arrays.equals(bytes, before.get(record));
          assertThat(after.containsKey(record + ".debug_pkl") && isEdited).as(record).isFalse();
        });
  }

  /** A layer and a norm whose classes other objects have too: those that stay keep theirs. */
  @Test
  void objects_that_share_a_class_and_differ_afterwards_get_copies_of_it() throws IOException {
    Path source = withNan("control.script.pt", "e.running_var");
    Path target = folder.resolve("fused.pt");

    FusionReport report = fuse(source, target, FuseSettings.defaults());

    assertThat(report.getError()).isNull();
    assertThat(report.getFusions())
        .filteredOn(fusion -> fusion.getRule().equals("conv-batch-norm"))
        .hasSize(1);
    Map<String, byte[]> before = ExportedPrograms.records(source);
    Map<String, byte[]> after = ExportedPrograms.records(target);
    assertThat(after.keySet().stream().filter(record -> !before.containsKey(record)))
        .anyMatch(record -> record.matches("code/.*batchnorm/___torch_mangle_[0-9]+\\.py"));
    String nets = new String(after.get("code/__torch__/nets.py"), UTF_8);
    assertThat(nets.lines().filter(line -> line.matches("  [be] : .*")).distinct()).hasSize(2);
  }

  private Path withNan(String name, String parameter) throws IOException {
    Path source = ExportedPrograms.copy(name, folder);
    Map<String, byte[]> records = new LinkedHashMap<>(ExportedPrograms.records(source));
    byte[] values = new byte[0];
    try (GraphCheckpoint model = Formats.openGraph(source)) {
      for (Initializer one : model.graph().graph().initializers()) {
        if (one.name().equals(parameter)) {
          ByteBuffer bytes = ByteBuffer.allocate((int) one.tensor().byteCount());
          one.tensor().read(0, bytes);
          values = bytes.array();
        }
      }
    }
    for (Map.Entry<String, byte[]> one : records.entrySet()) {
      if (one.getKey().startsWith("data/") && Arrays.equals(one.getValue(), values)) {
        ByteBuffer.wrap(one.getValue()).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, Float.NaN);
      }
    }
    return ExportedPrograms.write(folder.resolve("nan.pt"), "net/", records);
  }

  @ParameterizedTest
  @CsvSource({
    "functional.script, the input of conv2d has a batch axis",
    "conv1d.script, the input of 'c1' has a batch axis",
    "mlp.script, the input of 'net.0' is a matrix",
    "conv1d.trace, inputs have as many axes as those that the model was traced with",
    "dcgan.frozen, the input of conv_transpose2d has a batch axis"
  })
  void a_verdict_names_what_the_code_leaves_open_and_an_inspection_does(String name, String premise)
      throws IOException {
    Path source = ExportedPrograms.copy(name + ".pt", folder);
    FusionReport report = fuse(source, folder.resolve("fused.pt"), FuseSettings.defaults());

    assertThat(report.getEquivalence().getVerdict()).hasToString("EQUIVALENT");
    for (FusionReport one : List.of(report, FUSED.inspect(folder, source))) {
      assertThat(one.getEquivalence().getAssumptions())
          .extracting(assumption -> String.valueOf(assumption.getWhat()))
          .filteredOn(what -> !what.contains("when the model was saved"))
          .containsExactly(premise);
    }
  }

  @Test
  void an_exported_program_says_all_ranks_and_its_verdict_rests_on_nothing() throws IOException {
    FusionReport report =
        fuse(
            ExportedPrograms.copy("conv1d.pt2", folder),
            folder.resolve("fused.pt2"),
            FuseSettings.defaults());

    assertThat(report.getEquivalence().getVerdict()).hasToString("EQUIVALENT");
    assertThat(report.getEquivalence().getAssumptions()).isEmpty();
  }

  @Test
  void training_has_no_place_in_an_archive() throws IOException {
    FusionReport report =
        fuse(
            ExportedPrograms.copy("conv1d.trace.pt", folder),
            folder.resolve("qat.pt"),
            FuseSettings.defaults().with(SettingFields.MODE, Mode.QAT));

    assertThat(report.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().toString()).contains("no place");
  }

  @Test
  void a_fused_archive_is_the_same_as_its_original_for_whoever_asks() throws IOException {
    Path source = ExportedPrograms.copy("conv1d.script.pt", folder);
    Path target = folder.resolve("fused.pt");
    fuse(source, target, FuseSettings.defaults());

    FusionReport report =
        fuse(source, target, FuseSettings.defaults().with(SettingFields.MODE, Mode.VERIFY));

    assertThat(report.getError()).isNull();
    assertThat(report.getEquivalence().getVerdict()).hasToString("EQUIVALENT");
  }

  @Test
  void its_state_dict_is_written_where_that_is_asked_for_and_the_archive_proves_it()
      throws IOException {
    Path source = ExportedPrograms.copy("conv1d.script.pt", folder);
    Path target = folder.resolve("states.pt");

    FusionReport report =
        fuse(
            source,
            target,
            FuseSettings.defaults()
                .with(SettingFields.AS, OutputForm.STATE_DICT)
                .with(SettingFields.GRAPH, Location.of(source)));

    assertThat(report.getError()).isNull();
    assertThat(Formats.detect(target)).get().returns("pytorch", Format::id);
    assertThat(report.getEquivalence().getVerdict()).hasToString("EQUIVALENT");
    assertThat(report.getEquivalence().getAssumptions())
        .extracting(assumption -> String.valueOf(assumption.getWhat()))
        .contains("the input of 'c1' has a batch axis");
  }

  @Test
  @UsesPython
  void real_torch_loads_runs_and_saves_the_results_and_finds_the_bits_of_fuse_modules()
      throws IOException {
    Path archives = Files.createDirectory(folder.resolve("archives"));
    List<String> names =
        List.of(
            "conv1d.trace",
            "conv1d.script",
            "conv3d.trace",
            "dcgan.trace",
            "dcgan.frozen",
            "dropnet.script",
            "functional.trace",
            "functional.script",
            "mlp.trace",
            "mlp.script",
            "shared.trace",
            "shared.script",
            "control.script");
    for (String name : names) {
      Path source = ExportedPrograms.copy(name + ".pt", folder);
      fuse(source, archives.resolve(name + ".pt"), FusedPrograms.torch());
      String stem = name.substring(0, name.indexOf('.'));
      FusedPrograms.copyExpectations(stem, archives);
    }

    JsonObject found =
        FusedPrograms.assertGoodForTorch("script_archives.py", archives, names.size());

    assertThat(FusedPrograms.norms(found, "dcgan.frozen.pt")).isZero();
    assertThat(FusedPrograms.norms(found, "control.script.pt")).isZero();
    assertThat(FusedPrograms.norms(found, "shared.script.pt")).isEqualTo(2);
  }
}
