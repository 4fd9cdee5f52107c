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
package dev.fusewright.io.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.UnreadableFileException;
import dev.fusewright.io.format.RewrittenTensor;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.onnx.proto.GraphProto;
import dev.fusewright.io.onnx.proto.ModelProto;
import dev.fusewright.io.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights in files beside the model. */
class ExternalDataTest {
  @TempDir Path folder;

  private Path in = Path.of("");
  private Path out = Path.of("");

  @BeforeEach
  void makeFolders() throws IOException {
    in = Files.createDirectory(folder.resolve("in"));
    out = Files.createDirectory(folder.resolve("out"));
    // Four bytes that no tensor reads, then 1 2 3, then 4 5.
    Files.write(in.resolve("w.data"), floats(-1, 1, 2, 3, 4, 5));
  }

  @Test
  void is_read_from_its_place() {
    try (OnnxCheckpoint model = OnnxReader.read(save(tensor("w", 3, 4), tensor("v", 2, 16)))) {
      Graph graph = model.graph().graph();
      assertThat(Tensors.doubles(graph.initializers().get(0).tensor(), 3)).containsExactly(1, 2, 3);
      assertThat(Tensors.doubles(graph.initializers().get(1).tensor(), 2)).containsExactly(4, 5);
      assertThat(model.dataFiles()).containsExactly("w.data");
    }
  }

  @Test
  void is_copied_beside_the_target() throws IOException {
    Path source = save(tensor("w", 3, 4), tensor("v", 2, 16));
    WriteSummary summary = write(source, graph -> graph);
    assertThat(out.resolve("model.onnx")).hasSameBinaryContentAs(source);
    assertThat(out.resolve("w.data")).hasSameBinaryContentAs(in.resolve("w.data"));
    assertThat(summary.dataFiles()).containsExactly(out.resolve("w.data"));
  }

  @Test
  void a_folded_tensor_is_written_over_its_old_bytes() throws IOException {
    Path source = save(tensor("w", 3, 4), tensor("v", 2, 16));
    WriteSummary summary = write(source, graph -> scaleFirst(graph, 10, 20, 30));
    assertThat(Files.readAllBytes(out.resolve("model.onnx.data")))
        .isEqualTo(floats(-1, 10, 40, 90, 4, 5));
    assertThat(summary.rewritten()).extracting(RewrittenTensor::name).containsExactly("w");
    assertThat(summary.dataFiles()).containsExactly(out.resolve("model.onnx.data"));
    assertThat(values(0)).containsExactly(10, 40, 90);
    assertThat(values(1)).containsExactly(4, 5);
  }

  @Test
  void a_data_file_that_changes_is_called_like_the_model_so_that_the_original_stays_whole()
      throws IOException {
    Path source = save(tensor("w", 3, 4), tensor("v", 2, 16));
    Path beside = in.resolve("fused.onnx");
    try (OnnxCheckpoint model = OnnxReader.read(source)) {
      Graph edited = scaleFirst(model.graph().graph(), 10, 20, 30);
      OnnxWriter.write(model, model.graph().withGraph(edited), Map.of(), beside);
    }
    assertThat(Files.readAllBytes(in.resolve("w.data"))).isEqualTo(floats(-1, 1, 2, 3, 4, 5));
    assertThat(Files.readAllBytes(in.resolve("fused.onnx.data")))
        .isEqualTo(floats(-1, 10, 40, 90, 4, 5));
    assertThat(OnnxReader.dataFiles(beside)).containsExactly("fused.onnx.data");
  }

  @Test
  void a_model_whose_data_file_is_called_like_it_does_not_change_itself() throws IOException {
    Files.move(in.resolve("w.data"), in.resolve("model.onnx.data"));
    TensorProto.Builder tensor = tensor("w", 3, 4);
    tensor.getExternalDataBuilder(0).setValue("model.onnx.data");
    Path source = save(tensor);
    write(source, graph -> scaleFirst(graph, 10, 20, 30));
    assertThat(out.resolve("model.onnx")).hasSameBinaryContentAs(source);
    assertThat(values(0)).containsExactly(10, 40, 90);
  }

  @Test
  void tensors_in_nodes_and_bodies_follow_their_data_file() throws IOException {
    GraphProto.Builder body =
        GraphProto.newBuilder()
            .setName("body")
            .addInitializer(tensor("v", 2, 16).setDocString("v"));
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .addInitializer(tensor("w", 3, 4))
            .addNode(
                Protos.node("Constant", List.of(), List.of("c"))
                    .addAttribute(Protos.attribute("value", tensor("", 1, 4))))
            .addNode(
                Protos.node("If", List.of("c"), List.of())
                    .addAttribute(Protos.attribute("then_branch", body)));
    Path source = Protos.save(Protos.model(graph), in.resolve("model.onnx"));
    write(
        source,
        original ->
            new Graph(
                original.name(),
                original.nodes(),
                List.of(new Initializer("w", LiteralTensor.ofFloats(Shape.of(3), 7, 8, 9))),
                original.inputs(),
                original.outputs()));
    assertThat(OnnxReader.dataFiles(out.resolve("model.onnx"))).containsExactly("model.onnx.data");
    assertThat(
            Protos.parse(out.resolve("model.onnx"))
                .getGraph()
                .getNode(1)
                .getAttribute(0)
                .getG()
                .getInitializer(0)
                .getDocString())
        .isEqualTo("v");
  }

  private Path withDefault(String location) {
    TensorProto.Builder parameter = tensor("t", 2, 16);
    parameter.getExternalDataBuilder(0).setValue(location);
    ModelProto.Builder model =
        Protos.model(GraphProto.newBuilder().setName("g").addInitializer(tensor("w", 3, 4)))
            .toBuilder();
    model
        .addFunctionsBuilder()
        .setName("f")
        .setDomain("d")
        .addAttributeProto(Protos.attribute("t", parameter))
        .addNode(Protos.node("Identity", List.of("a"), List.of("b")));
    return Protos.save(model.build(), in.resolve("model.onnx"));
  }

  @Test
  void a_functions_default_is_read_and_copied_like_any_other() throws IOException {
    Files.copy(in.resolve("w.data"), in.resolve("default.data"));
    Path source = withDefault("default.data");
    assertThat(OnnxReader.dataFiles(source)).contains("default.data");
    try (OnnxCheckpoint model = OnnxReader.read(source)) {
      assertThat(model.dataFiles()).contains("default.data");
      assertThat(model.graph().functions().get(0).defaults()).containsOnlyKeys("t");
      assertThat(model.graph().functions().get(0).body().nodes()).hasSize(1);
    }
    write(source, graph -> scaleFirst(graph, 10, 20, 30));
    assertThat(out.resolve("default.data")).hasSameBinaryContentAs(in.resolve("default.data"));
  }

  @Test
  void a_file_that_a_functions_default_reads_is_not_changed() throws IOException {
    write(withDefault("w.data"), graph -> scaleFirst(graph, 10, 20, 30));
    assertThat(out.resolve("w.data")).hasSameBinaryContentAs(in.resolve("w.data"));
    assertThat(values(0)).containsExactly(10, 40, 90);
  }

  @Test
  void a_functions_default_outside_the_folder_is_refused() {
    Path source = withDefault("../out/w.bin");
    assertThatThrownBy(() -> OnnxReader.read(source))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("found '../out/w.bin'");
    assertThatThrownBy(() -> OnnxReader.dataFiles(source))
        .isInstanceOf(MalformedFileException.class);
  }

  @Test
  void a_file_that_a_sparse_tensor_reads_is_not_changed() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(tensor("w", 3, 4));
    graph.addSparseInitializerBuilder().setValues(tensor("s", 2, 16));
    Path source = Protos.save(Protos.model(graph), in.resolve("model.onnx"));
    write(
        source,
        original -> {
          Graph scaled = scaleFirst(original, 10, 20, 30);
          return new Graph(
              scaled.name(),
              scaled.nodes(),
              scaled.initializers(),
              scaled.inputs(),
              scaled.outputs(),
              List.of(),
              List.of(),
              original.sparseInitializers());
        });
    assertThat(out.resolve("w.data")).hasSameBinaryContentAs(in.resolve("w.data"));
    assertThat(values(0)).containsExactly(10, 40, 90);
  }

  @Test
  void a_model_that_is_its_own_data_file_is_refused() {
    TensorProto.Builder tensor = tensor("w", 3, 0);
    tensor.getExternalDataBuilder(0).setValue("model.onnx");
    assertThat(refusal(save(tensor), MalformedFileException.class)).contains("the model itself");
  }

  @Test
  void bytes_that_another_tensor_reads_too_are_not_overwritten() throws IOException {
    Path source = save(tensor("w", 3, 4), tensor("v", 3, 12));
    write(source, graph -> scaleFirst(graph, 10, 20, 30));
    assertThat(values(0)).containsExactly(10, 40, 90);
    assertThat(values(1)).containsExactly(3, 4, 5);
  }

  @Test
  void a_file_whose_checksum_is_stated_is_not_changed() throws IOException {
    TensorProto.Builder checked = tensor("v", 2, 16);
    checked.addExternalDataBuilder().setKey("checksum").setValue("0123");
    Path source = save(tensor("w", 3, 4), checked);
    write(source, graph -> scaleFirst(graph, 10, 20, 30));
    assertThat(out.resolve("w.data")).hasSameBinaryContentAs(in.resolve("w.data"));
    TensorProto w = Protos.parse(out.resolve("model.onnx")).getGraph().getInitializer(0);
    assertThat(w.getExternalDataList()).isEmpty();
    assertThat(w.hasDataLocation()).isFalse();
    assertThat(w.getRawData().toByteArray()).isEqualTo(floats(10, 40, 90));
  }

  @Test
  void a_new_large_tensor_is_appended_on_a_page_of_its_own() throws IOException {
    Path source = save(tensor("w", 3, 4));
    float[] large = new float[300];
    large[299] = 7;
    write(
        source,
        graph -> {
          List<Initializer> more = new ArrayList<>(graph.initializers());
          more.add(new Initializer("large", LiteralTensor.ofFloats(Shape.of(300), large)));
          more.add(new Initializer("small", LiteralTensor.ofFloats(Shape.of(1), 8)));
          return withInitializers(graph, more);
        });
    GraphProto written = Protos.parse(out.resolve("model.onnx")).getGraph();
    assertThat(written.getInitializer(1).getDataLocation())
        .isEqualTo(TensorProto.DataLocation.EXTERNAL);
    assertThat(written.getInitializer(2).hasRawData()).isTrue();
    assertThat(Files.size(out.resolve("model.onnx.data"))).isEqualTo(4096 + 1200);
    assertThat(values(0)).containsExactly(1, 2, 3);
    assertThat(values(1)).hasSize(300).endsWith(7);
  }

  @Test
  void data_files_are_named_before_they_are_there() throws IOException {
    Path source = save(tensor("w", 3, 4));
    Files.delete(in.resolve("w.data"));
    assertThat(OnnxReader.dataFiles(source)).containsExactly("w.data");
  }

  @Test
  void a_missing_data_file_is_refused() throws IOException {
    Path source = save(tensor("w", 3, 4));
    Files.delete(in.resolve("w.data"));
    assertThat(refusal(source, UnreadableFileException.class))
        .contains("model.onnx, byte")
        .contains("initializer 'w'")
        .contains("expected external data in 'w.data', found nothing");
  }

  @Test
  void a_data_file_that_is_too_short_is_refused() {
    assertThat(refusal(save(tensor("w", 3, 16)), MalformedFileException.class))
        .contains("expected 12 bytes at byte 16 of 'w.data', found a file of 24");
  }

  @Test
  void an_offset_beyond_every_file_is_refused() {
    assertThat(refusal(save(tensor("w", 3, Long.MAX_VALUE)), MalformedFileException.class))
        .contains("found a file of 24");
  }

  @Test
  void a_length_that_is_not_that_of_the_shape_is_refused() {
    TensorProto.Builder tensor = tensor("w", 3, 4);
    tensor.addExternalDataBuilder().setKey("length").setValue("8");
    assertThat(refusal(save(tensor), MalformedFileException.class))
        .contains("expected 12 bytes of external data");
  }

  @Test
  void numbers_that_are_none_are_refused() {
    TensorProto.Builder tensor = tensor("w", 3, 4);
    tensor.getExternalDataBuilder(1).setValue("-4");
    assertThat(refusal(save(tensor), MalformedFileException.class))
        .contains("as the offset of external data, found '-4'");
  }

  @Test
  void a_location_outside_the_models_folder_is_refused() throws IOException {
    Path secret = Files.write(folder.resolve("secret"), floats(1, 2, 3, 4));
    for (String location : List.of("../secret", secret.toString(), "sub/../../secret", "")) {
      TensorProto.Builder tensor = tensor("w", 3, 0);
      tensor.getExternalDataBuilder(0).setValue(location);
      assertThat(refusal(save(tensor), MalformedFileException.class))
          .contains("expected external data inside the model's folder, found '" + location + "'");
    }
  }

  @Test
  void a_symbolic_link_out_of_the_models_folder_is_refused() throws IOException {
    Path secret = Files.write(folder.resolve("secret"), floats(1, 2, 3, 4));
    Files.createSymbolicLink(in.resolve("link"), secret);
    TensorProto.Builder tensor = tensor("w", 3, 0);
    tensor.getExternalDataBuilder(0).setValue("link");
    assertThat(refusal(save(tensor), MalformedFileException.class)).contains("by a symbolic link");
  }

  @Test
  void a_data_file_is_never_written_over_itself() throws IOException {
    Path source = save(tensor("w", 3, 4));
    try (OnnxCheckpoint model = OnnxReader.read(source)) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> OnnxWriter.write(model, model.graph(), Map.of(), in.resolve("other.onnx")));
    }
    assertThat(Files.readAllBytes(in.resolve("w.data"))).isEqualTo(floats(-1, 1, 2, 3, 4, 5));
    assertThat(in.resolve("other.onnx")).doesNotExist();
  }

  private Path save(TensorProto.Builder... tensors) {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("g");
    for (TensorProto.Builder tensor : tensors) {
      graph.addInitializer(tensor);
    }
    ModelProto model = Protos.model(graph);
    return Protos.save(model, in.resolve("model.onnx"));
  }

  private static TensorProto.Builder tensor(String name, int elements, long offset) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addDims(elements)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL);
    tensor.addExternalDataBuilder().setKey("location").setValue("w.data");
    tensor.addExternalDataBuilder().setKey("offset").setValue(Long.toString(offset));
    return tensor;
  }

  private WriteSummary write(Path source, UnaryOperator<Graph> edit) throws IOException {
    try (OnnxCheckpoint model = OnnxReader.read(source)) {
      ModelGraph edited = model.graph().withGraph(edit.apply(model.graph().graph()));
      return OnnxWriter.write(model, edited, Map.of(), out.resolve("model.onnx"));
    }
  }

  private double[] values(int initializer) {
    try (OnnxCheckpoint model = OnnxReader.read(out.resolve("model.onnx"))) {
      return Tensors.doubles(model.graph().graph().initializers().get(initializer).tensor(), 1000);
    }
  }

  private static Graph scaleFirst(Graph graph, double... factors) {
    List<Initializer> initializers = new ArrayList<>(graph.initializers());
    Initializer first = initializers.get(0);
    initializers.set(
        0,
        new Initializer(
            first.name(), new ChannelScaled(first.tensor(), ChannelAxis.of(0), factors)));
    return withInitializers(graph, initializers);
  }

  private static Graph withInitializers(Graph graph, List<Initializer> initializers) {
    return new Graph(graph.name(), graph.nodes(), initializers, graph.inputs(), graph.outputs());
  }

  private static byte[] floats(float... values) {
    return Protos.floats("", values).getRawData().toByteArray();
  }

  private static String refusal(Path file, Class<? extends CheckpointException> type) {
    List<String> messages = new ArrayList<>();
    assertThatExceptionOfType(type)
        .isThrownBy(() -> OnnxReader.read(file).close())
        .satisfies(e -> messages.add(e.getMessage()));
    return messages.get(0);
  }
}
