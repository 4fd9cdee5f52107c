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

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.Format;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.testing.ExportedPrograms;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exported programs of PyTorch, from their archives to what real PyTorch makes of the results. */
final class ExportedProgramTest {
  private static final FusedPrograms FUSED = new FusedPrograms();
  private static final String PROGRAM = "models/model.json";
  private static final String CONFIG = "data/weights/model_weights_config.json";

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
    "conv1d, 2, ''",
    "conv1d.core, 2, ''",
    "conv3d, 2, ''",
    "conv3d.core, 2, ''",
    "dcgan, 3, ''",
    "dcgan.core, 3, ''",
    "mlp, 2, ''",
    "mlp.core, 2, ''",
    "two, 4, ''",
    "functional, 1, ''",
    "functional.core, 1, ''",
    "shared, 4, FORMAT FORMAT",
    "shared.core, 4, FORMAT FORMAT",
    "tied, 0, FORMAT",
    "tied.core, 0, FORMAT",
    "dropnet, 2, TRAINING_MODE",
    "dropnet.core, 2, TRAINING_MODE"
  })
  void each_site_is_folded_or_refused_and_the_whole_is_proven(
      String name, int sites, String refused) throws IOException {
    Path source = ExportedPrograms.copy(name + ".pt2", folder);
    Path target = folder.resolve("fused.pt2");

    FusionReport report = fuse(source, target, FuseSettings.defaults());

    FusedPrograms.assertSites(report, sites, refused);
    if (report.getOutcome() == Outcome.FUSED) {
      assertThat(report.getEquivalence().getVerdict()).hasToString("EQUIVALENT");
    } else {
      assertThat(report.getOutcome()).isEqualTo(Outcome.NOTHING_TO_FUSE);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "conv1d",
        "conv1d.core",
        "conv3d",
        "dcgan",
        "functional",
        "functional.core",
        "mlp",
        "shared",
        "shared.core"
      })
  void what_is_written_says_what_an_independent_prototype_says(String name) throws IOException {
    Path target = folder.resolve("fused.pt2");
    fuse(ExportedPrograms.copy(name + ".pt2", folder), target, FusedPrograms.torch());

    Map<String, byte[]> written = ExportedPrograms.records(target);
    Path expected =
        ExportedPrograms.copy(
            "fold/" + name + ".pt2", Files.createDirectory(folder.resolve("fold")));
    Map<String, byte[]> prototype = ExportedPrograms.records(expected);
    assertThat(written.keySet()).containsAll(prototype.keySet());
    assertThat(written.keySet()).hasSize(prototype.size() + 1).contains("extra/fusewright.json");
    for (Map.Entry<String, byte[]> record : prototype.entrySet()) {
      byte[] ours = written.get(record.getKey());
      if (record.getKey().equals(PROGRAM)) {
        assertThat(json(ours)).isEqualTo(json(record.getValue()));
      } else {
        assertThat(ours).as("%s", record.getKey()).isEqualTo(record.getValue());
      }
    }
  }

  private static JsonElement json(byte[] text) {
    return JsonParser.parseString(new String(text, UTF_8));
  }

  @Test
  void the_same_program_has_the_same_bytes_and_every_other_literal_stays() throws IOException {
    Path source = ExportedPrograms.copy("shared.pt2", folder);
    fuse(source, folder.resolve("a.pt2"), FuseSettings.defaults());
    fuse(source, folder.resolve("b.pt2"), FuseSettings.defaults());

    assertThat(folder.resolve("b.pt2")).hasSameBinaryContentAs(folder.resolve("a.pt2"));
    Map<String, byte[]> before = ExportedPrograms.records(source);
    Map<String, byte[]> after = ExportedPrograms.records(folder.resolve("a.pt2"));
    String program = new String(after.get(PROGRAM), UTF_8);
    String original = new String(before.get(PROGRAM), UTF_8);
    assertThat(program).endsWith(original.substring(original.indexOf("\"module_call_graph\"")));
    for (String same :
        List.of("data/sample_inputs/model.pt", ".data/serialization_id", "byteorder")) {
      assertThat(after.get(same)).isEqualTo(before.get(same));
    }
    assertThat(new String(after.get(CONFIG), UTF_8)).contains("\"p.bias\"").contains("\"q.bias\"");
  }

  @Test
  void storages_that_two_programs_share_are_left() throws IOException {
    Map<String, byte[]> records =
        new LinkedHashMap<>(ExportedPrograms.records(ExportedPrograms.copy("two.pt2", folder)));
    for (String record : List.of("models/%s.json", "data/weights/%s_weights_config.json")) {
      records.put(record.formatted("twin"), records.get(record.formatted("encoder")));
    }
    Path source = ExportedPrograms.write(folder.resolve("shared.pt2"), "three/", records);

    FusionReport report = fuse(source, folder.resolve("fused.pt2"), FuseSettings.defaults());

    // The decoder's alone.
    FusedPrograms.assertSites(report, 2, "FORMAT FORMAT FORMAT FORMAT");
    assertThat(report.getEquivalence().getVerdict()).hasToString("EQUIVALENT");
  }

  @Test
  void training_has_no_place_in_an_archive() throws IOException {
    FusionReport report =
        fuse(
            ExportedPrograms.copy("conv1d.pt2", folder),
            folder.resolve("qat.pt2"),
            FuseSettings.defaults().with(SettingFields.MODE, Mode.QAT));

    assertThat(report.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().toString()).contains("no place");
    assertThat(folder.resolve("qat.pt2")).doesNotExist();
  }

  @Test
  void a_fused_program_is_the_same_as_its_original_for_whoever_asks() throws IOException {
    Path source = ExportedPrograms.copy("conv1d.pt2", folder);
    Path target = folder.resolve("fused.pt2");
    fuse(source, target, FuseSettings.defaults());

    FusionReport report =
        fuse(source, target, FuseSettings.defaults().with(SettingFields.MODE, Mode.VERIFY));

    assertThat(report.getError()).isNull();
    assertThat(report.getEquivalence().getVerdict()).hasToString("EQUIVALENT");
  }

  @Test
  void a_state_dict_is_fused_and_proven_as_a_whole_by_the_program_that_it_belongs_to()
      throws IOException {
    Path program = ExportedPrograms.copy("shared.pt2", folder);
    Path states = safetensors(program, folder.resolve("states.safetensors"));

    FusionReport report =
        fuse(
            states,
            folder.resolve("fused.safetensors"),
            FuseSettings.defaults().with(SettingFields.GRAPH, Location.of(program)));

    assertThat(report.getError()).isNull();
    assertThat(report.getEquivalence().getVerdict()).hasToString("EQUIVALENT");
    // A conv with two norms is no pair, as in the program itself.
    assertThat(report.getFusions())
        .filteredOn(fusion -> fusion.getResult().equals("folded"))
        .hasSize(3)
        .noneMatch(fusion -> fusion.getNodes().contains("conv"));
  }

  /** The parameters of a program as a file of their own. */
  private static Path safetensors(Path program, Path target) throws IOException {
    JsonObject header = new JsonObject();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    try (GraphCheckpoint model = Formats.openGraph(program)) {
      for (Initializer one : model.graph().graph().initializers()) {
        if (one.tensor().type() != ElementType.FLOAT || one.name().contains("/")) {
          continue;
        }
        JsonObject entry = new JsonObject();
        entry.addProperty("dtype", "F32");
        JsonArray shape = new JsonArray();
        one.tensor().shape().dims().forEach(shape::add);
        entry.add("shape", shape);
        JsonArray offsets = new JsonArray();
        offsets.add(data.size());
        ByteBuffer bytes = ByteBuffer.allocate((int) one.tensor().byteCount());
        one.tensor().read(0, bytes);
        data.writeBytes(bytes.array());
        offsets.add(data.size());
        entry.add("data_offsets", offsets);
        header.add(one.name(), entry);
      }
    }
    byte[] text = header.toString().getBytes(UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(Long.BYTES + text.length + data.size()).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(text.length).put(text).put(data.toByteArray());
    return Files.write(target, file.array());
  }

  @Test
  void a_file_is_of_this_format_whatever_it_is_called() throws IOException {
    Path file = ExportedPrograms.copy("conv1d.pt2", folder);
    assertThat(Formats.detect(Files.move(file, folder.resolve("model.pth"))))
        .get()
        .returns("pt2", Format::id);
  }

  @Test
  @UsesPython
  void real_torch_loads_runs_and_saves_the_results_and_finds_the_bits_of_fuse_modules()
      throws IOException {
    Path programs = Files.createDirectory(folder.resolve("programs"));
    List<String> names =
        List.of(
            "conv1d",
            "conv1d.core",
            "conv3d",
            "dcgan",
            "dcgan.core",
            "dropnet",
            "functional",
            "mlp",
            "mlp.core",
            "shared",
            "tied");
    fuse(
        ExportedPrograms.copy("two.pt2", folder),
        programs.resolve("two.pt2"),
        FusedPrograms.torch());
    for (String name : names) {
      Path source = ExportedPrograms.copy(name + ".pt2", folder);
      fuse(source, programs.resolve(name + ".pt2"), FusedPrograms.torch());
      String stem = name.replace(".core", "");
      FusedPrograms.copyExpectations(stem, programs);
    }

    JsonObject found =
        FusedPrograms.assertGoodForTorch("exported_programs.py", programs, names.size() + 1);

    assertThat(FusedPrograms.norms(found, "dcgan.pt2")).isZero();
    assertThat(FusedPrograms.norms(found, "shared.pt2")).isEqualTo(2);
    assertThat(FusedPrograms.norms(found, "tied.pt2")).isEqualTo(1);
  }
}
