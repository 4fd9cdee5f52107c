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
package dev.fusewright.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.io.onnx.proto.GraphProto;
import dev.fusewright.io.onnx.proto.ModelProto;
import dev.fusewright.io.onnx.proto.StringStringEntryProto;
import dev.fusewright.io.onnx.proto.TensorProto;
import dev.fusewright.pipeline.ExampleModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command writes over no file that it was given to read, whoever named it and by what name. */
final class OutputFilesTest {
  @TempDir Path folder;
  private final Map<Path, byte[]> before = new HashMap<>();
  private Path model = Path.of("");

  @BeforeEach
  void model() throws IOException {
    model = Files.copy(ExampleModels.model("mlp_bn"), folder.resolve("m.onnx"));
    keep();
  }

  private void keep() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        before.put(file, Files.readAllBytes(file));
      }
    }
  }

  @AfterEach
  void what_was_there_is_as_it_was() {
    before.forEach((file, bytes) -> assertThat(file).hasBinaryContent(bytes));
  }

  private Answer fuse(Object... further) {
    return Answer.of(
        Stream.concat(Stream.of("fuse", model, "--verify=site"), Stream.of(further)).toArray());
  }

  private static void assertRefused(Answer answer, String names) {
    assertThat(answer.code()).as(answer.out() + answer.err()).isEqualTo(ExitCode.USAGE);
    assertThat(answer.err()).contains("expected a file of its own", names);
  }

  @Test
  void a_report_has_a_place_of_its_own() throws IOException {
    Path out = folder.resolve("o.onnx");
    assertRefused(fuse("-o", out, "--report", model), "MODEL names it too");
    assertRefused(fuse("-o", out, "--report", out), "--report names it too");
    assertRefused(fuse("--in-place", "--report", model), "MODEL names it too");
    Path link = Files.createSymbolicLink(folder.resolve("link"), model);
    assertRefused(fuse("-o", out, "--report", link), "MODEL names it too");
    assertThat(out).doesNotExist();
    assertThat(fuse("-o", out, "--report", folder.resolve("r.json")).code()).isZero();
  }

  @Test
  void an_output_is_none_of_the_files_that_options_name() throws IOException {
    Path sample = Files.write(folder.resolve("x.npy"), new byte[5]);
    Path graph = Files.copy(model, folder.resolve("g.onnx"));
    Path list = Files.writeString(folder.resolve("list.json"), "[[\"a\",\"b\"]]");
    keep();
    assertRefused(
        fuse("-o", sample, "--inputs-file", "input=" + sample), "--inputs-file names it too");
    assertRefused(fuse("-o", graph, "--graph", graph), "--graph names it too");
    assertRefused(fuse("-o", list, "--modules", list), "--modules names it too");
  }

  @Test
  void a_catalogue_is_none_of_its_models() {
    assertRefused(Answer.of("catalogue", folder + "/*.onnx", "-o", model), "it belongs to a model");
    assertThat(Answer.of("catalogue", folder + "/*.onnx", "-o", folder.resolve("zoo.jsonl")).code())
        .isZero();
  }

  /** Weights of a large model, in a file that a second model names too. */
  @Test
  void in_place_no_data_is_replaced_that_another_model_names() throws IOException {
    Path data = folder.resolve("m.onnx.data");
    moveLargestTensorTo(data);
    keep();
    Path other = Files.copy(model, folder.resolve("other.onnx"));
    byte[] weights = Files.readAllBytes(data);

    Answer shared = Answer.of("fuse", model, "--in-place");
    assertThat(shared.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(shared.err()).contains(other + " names m.onnx.data too");
    assertThat(data).hasBinaryContent(weights);

    before.clear();
    Files.delete(other);
    Files.writeString(other, "no model, and nobody's reader");
    Answer alone = Answer.of("fuse", model, "--in-place");
    assertThat(alone.code()).as(alone.err()).isZero();
    assertThat(Files.readAllBytes(data)).isNotEqualTo(weights);
  }

  @Test
  void neither_an_output_nor_its_data_nor_a_report_replaces_the_data_of_the_source()
      throws IOException {
    Path data = folder.resolve("fused.onnx.data");
    moveLargestTensorTo(data);
    keep();

    Answer over = fuse("-o", data);
    assertThat(over.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(over.err()).contains("the output is a file that the source needs");
    Answer beside = fuse("-o", folder.resolve("fused.onnx"));
    assertThat(beside.code()).as(beside.out()).isEqualTo(ExitCode.NOTHING);
    assertThat(beside.err()).contains("the data file fused.onnx.data of the output");
    assertThat(folder.resolve("fused.onnx")).doesNotExist();
    assertRefused(fuse("-o", folder.resolve("o.onnx"), "--report", data), "it belongs to a model");

    Answer elsewhere = fuse("-o", folder.resolve("elsewhere/fused.onnx"));
    assertThat(elsewhere.code()).as(elsewhere.err()).isZero();
    assertThat(folder.resolve("elsewhere/fused.onnx.data")).exists();
  }

  private void moveLargestTensorTo(Path data) throws IOException {
    ModelProto whole = ModelProto.parseFrom(Files.readAllBytes(model));
    GraphProto.Builder graph = whole.getGraph().toBuilder();
    TensorProto.Builder largest = graph.getInitializerBuilderList().get(0);
    for (TensorProto.Builder tensor : graph.getInitializerBuilderList()) {
      if (tensor.getRawData().size() > largest.getRawData().size()) {
        largest = tensor;
      }
    }
    Files.write(data, largest.getRawData().toByteArray());
    largest
        .clearRawData()
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(
            StringStringEntryProto.newBuilder()
                .setKey("location")
                .setValue(data.getFileName().toString()));
    Files.write(model, whole.toBuilder().setGraph(graph).build().toByteArray());
  }
}
