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
package dev.fusewright.io.torchscript;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fusewright.core.graph.Node;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.testing.ExportedPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of an archive, what is kept of it, and what is refused. */
final class ReadingTest {
  private static final String CODE = "code/__torch__/nets.py";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "conv1d.trace", "conv1d.script", "conv1d.t113.trace", "conv3d.trace", "dcgan.trace",
        "dcgan.script", "dcgan.frozen", "mlp.trace", "mlp.script", "mlp.t113.script",
        "functional.trace", "functional.script", "shared.trace", "shared.script", "tied.trace",
        "dropnet.trace", "dropnet.script", "control.script"
      })
  void each_pickle_is_written_again_byte_for_byte(String name) throws IOException {
    Map<String, byte[]> records =
        ExportedPrograms.records(ExportedPrograms.copy(name + ".pt", folder));
    for (String record : List.of("data.pkl", "constants.pkl")) {
      byte[] bytes = records.get(record);
      Path file = Files.write(folder.resolve("pickle"), bytes);
      try (OpenFile open = OpenFile.open(file)) {
        Pickled root = PickleParser.parse(open.whole(), record, 1 << 20);

        assertThat(PickleEmitter.emit(root, new IdentityHashMap<>())).isEqualTo(bytes);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "conv1d.training.script.pt, training mode",
    "control.training.script.pt, training mode",
    "conv1d.refuse.ptl, lite interpreter",
    "dropnet.refuse.ofi.pt, optimize_for_inference"
  })
  void what_has_no_foldable_graph_is_refused_with_the_reason(String name, String reason)
      throws IOException {
    Path file = ExportedPrograms.copy(name, folder);

    assertThatExceptionOfType(UnsupportedFormatException.class)
        .isThrownBy(() -> new TorchScriptFormat().open(file).close())
        .withMessageContaining(reason);
  }

  private List<String> operators(Path file) {
    try (GraphCheckpoint model = new TorchScriptFormat().open(file)) {
      return model.graph().graph().nodes().stream().map(Node::op).map(String::valueOf).toList();
    }
  }

  @Test
  void a_guard_on_the_rank_is_no_second_reader_and_a_dropout_passes() throws IOException {
    assertThat(operators(ExportedPrograms.copy("dcgan.frozen.pt", folder)))
        .containsExactly(
            "ConvTranspose",
            "BatchNormalization",
            "Relu",
            "ConvTranspose",
            "BatchNormalization",
            "Relu",
            "ConvTranspose",
            "BatchNormalization",
            "Relu",
            "ConvTranspose",
            "Tanh");
    assertThat(operators(ExportedPrograms.copy("dropnet.trace.pt", folder)))
        .startsWith("Conv", "BatchNormalization", "Conv");
  }

  @Test
  void an_attribute_that_decides_a_condition_is_an_assumption() throws IOException {
    try (GraphCheckpoint model =
        new TorchScriptFormat().open(ExportedPrograms.copy("control.script.pt", folder))) {
      assertThat(model.facts().metadata().get("assumes")).contains("flag");
    }
  }

  private Path edited(String name, String record, String old, String now) throws IOException {
    Map<String, byte[]> records =
        new LinkedHashMap<>(ExportedPrograms.records(ExportedPrograms.copy(name, folder)));
    String text = new String(records.get(record), UTF_8);
    assertThat(text).contains(old);
    records.put(record, text.replace(old, now).getBytes(UTF_8));
    return written(records);
  }

  private Path written(Map<String, byte[]> records) throws IOException {
    return ExportedPrograms.write(folder.resolve("edited.pt"), "net/", records);
  }

  @Test
  void a_line_that_is_not_understood_makes_its_method_unknown_and_nothing_fails()
      throws IOException {
    Path file = edited("functional.trace.pt", CODE, "    v = self.v\n", "    v = self.v + 1\n");

    assertThat(operators(file))
        .contains("unknown.forward")
        .doesNotContain("Conv", "BatchNormalization", "aten.batch_norm.default");
  }

  @Test
  void what_is_written_in_place_and_read_again_is_not_translated() throws IOException {
    String conv = "    input0 = torch.batch_norm(input,";
    Path read = edited("functional.trace.pt", CODE, conv, "    other = torch.add_(v, 1)\n" + conv);

    // The statistics change before the norm reads them.
    assertThat(operators(read)).doesNotContain("BatchNormalization");
  }

  @Test
  void a_function_that_calls_itself_is_cut() throws IOException {
    Path file =
        edited(
            "functional.trace.pt",
            CODE,
            "    v = self.v\n",
            "    v = self.v\n    x1 = (self).forward(x, )\n");

    assertThatExceptionOfType(TooLargeException.class).isThrownBy(() -> operators(file));
  }

  @Test
  void a_flipped_bit_of_a_weight_is_noticed() throws IOException {
    Path file = ExportedPrograms.copy("conv1d.trace.pt", folder);
    byte[] bytes = Files.readAllBytes(file);
    byte[] weight = ExportedPrograms.records(file).get("data/0");
    int at = indexOf(bytes, weight);
    bytes[at] ^= 1;
    Path flipped = Files.write(folder.resolve("flipped.pt"), bytes);

    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(
            () -> {
              try (GraphCheckpoint model = new TorchScriptFormat().open(flipped)) {
                model.write(model.graph(), Map.of("any", "thing"), folder.resolve("copy.pt"));
              }
            })
        .withMessageContaining("CRC-32");
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int at = 0; at + part.length <= bytes.length; at++) {
      int same = 0;
      while (same < part.length && bytes[at + same] == part[same]) {
        same++;
      }
      if (same == part.length) {
        return at;
      }
    }
    throw new IllegalStateException("not there");
  }

  @Test
  void two_classes_of_one_name_are_refused() throws IOException {
    Map<String, byte[]> records =
        new LinkedHashMap<>(
            ExportedPrograms.records(ExportedPrograms.copy("functional.trace.pt", folder)));
    byte[] code = records.get(CODE);
    String text = new String(code, UTF_8);
    records.put(CODE, (text + text).getBytes(UTF_8));
    Path file = written(records);

    assertThatExceptionOfType(MalformedFileException.class).isThrownBy(() -> operators(file));
  }
}
