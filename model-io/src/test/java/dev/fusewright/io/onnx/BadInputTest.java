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

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.file.UnreadableFileException;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.onnx.proto.AttributeProto;
import dev.fusewright.io.onnx.proto.GraphProto;
import dev.fusewright.io.onnx.proto.ModelProto;
import dev.fusewright.io.onnx.proto.NodeProto;
import dev.fusewright.io.onnx.proto.TensorProto;
import dev.fusewright.io.onnx.proto.TrainingInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be read is refused with its place, what was expected, and what was found. */
class BadInputTest {
  @TempDir Path folder;

  @Test
  void a_missing_file_is_refused() {
    assertThat(refusal(folder.resolve("none.onnx"), UnreadableFileException.class))
        .endsWith("none.onnx: expected a file, found nothing");
  }

  @Test
  void a_directory_is_refused() {
    assertThat(refusal(folder, UnreadableFileException.class))
        .endsWith(": expected a file, found a directory");
  }

  @Test
  void an_empty_file_is_refused() {
    assertThat(refusal(new byte[0], MalformedFileException.class))
        .endsWith(": expected an ONNX model, found an empty file");
  }

  @Test
  void a_text_file_is_refused() {
    assertThat(refusal("this is no model\n".getBytes(UTF_8), MalformedFileException.class))
        .contains("This is no ONNX model");
  }

  @Test
  void another_protobuf_message_is_refused() {
    assertThat(refusal(Protos.floats("w", 1).build().toByteArray(), MalformedFileException.class))
        .contains("expected an ONNX model with a graph");
  }

  @Test
  void a_truncated_file_is_refused_wherever_it_was_cut() throws IOException {
    byte[] whole = Files.readAllBytes(Fixtures.small("conv_bn_fp16.onnx"));
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      if (!isWholeModel(cut)) {
        refusal(cut, CheckpointException.class);
      }
    }
  }

  @Test
  void a_file_cut_in_its_graph_says_how_much_is_missing() throws IOException {
    byte[] whole = Files.readAllBytes(Fixtures.small("conv_bn_fp16.onnx"));
    byte[] cut = Arrays.copyOf(whole, whole.length / 2);
    assertThat(refusal(cut, MalformedFileException.class))
        .containsPattern(
            "byte \\d+: expected \\d+ bytes, as field 7 announces, found \\d+ in the file");
  }

  @Test
  void an_initializer_shorter_than_its_shape_is_refused_with_name_and_offset() {
    ModelProto model = Protos.scaling(Protos.floats("w", 1, 2, 3).setDims(0, 9));
    byte[] bytes = model.toByteArray();
    assertThat(refusal(bytes, MalformedFileException.class))
        .contains("initializer 'w'")
        .contains("expected 36 bytes in raw_data (float[9]), found 12")
        .contains("byte " + indexOf(bytes, model.getGraph().getInitializer(0).getRawData()));
  }

  @Test
  void an_initializer_longer_than_its_shape_is_refused() {
    assertThat(
            refusal(
                Protos.scaling(Protos.floats("w", 1, 2, 3).setDims(0, 2)),
                MalformedFileException.class))
        .contains("expected 8 bytes in raw_data (float[2]), found 12");
  }

  @Test
  void lists_of_the_wrong_length_are_refused() {
    TensorProto.Builder floats = Protos.floats("w", 1).clearRawData().setDims(0, 3).addFloatData(1);
    assertThat(refusal(Protos.scaling(floats), MalformedFileException.class))
        .contains("expected 12 bytes in float_data (float[3]), found 4");
    TensorProto.Builder ints =
        Protos.floats("w", 1).clearRawData().setDataType(7).setDims(0, 3).addInt64Data(300);
    assertThat(refusal(Protos.scaling(ints), MalformedFileException.class))
        .contains("expected 3 numbers in int64_data (int64[3]), found 1");
    TensorProto.Builder strings = Protos.floats("w", 1).clearRawData().setDataType(8).setDims(0, 3);
    assertThat(refusal(Protos.scaling(strings), MalformedFileException.class))
        .contains("expected 3 strings [3], found 0 strings");
  }

  @Test
  void a_tensor_without_payload_is_refused_unless_it_has_no_elements() {
    TensorProto.Builder none = Protos.floats("w").clearRawData().setDims(0, 4);
    assertThat(refusal(Protos.scaling(none), MalformedFileException.class)).contains("found 0");
    try (OnnxCheckpoint model =
        OnnxReader.read(save(Protos.scaling(none.setDims(0, 0)).toByteArray()))) {
      assertThat(model.graph().graph().initializers().get(0).tensor().byteCount()).isZero();
    }
  }

  @Test
  void impossible_shapes_are_refused() {
    assertThat(
            refusal(
                Protos.scaling(Protos.floats("w").setDims(0, -1)), MalformedFileException.class))
        .contains("negative dimension");
    assertThat(
            refusal(
                Protos.scaling(Protos.floats("w").setDims(0, Long.MAX_VALUE).addDims(3)),
                MalformedFileException.class))
        .contains("too many elements");
    assertThat(
            refusal(
                Protos.scaling(Protos.floats("w").setDims(0, Long.MAX_VALUE / 2)),
                MalformedFileException.class))
        .contains("expected a tensor that can exist");
  }

  @Test
  void graphs_nested_too_deep_are_refused() {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("innermost");
    for (int i = 0; i < 40; i++) {
      NodeProto.Builder node = Protos.node("If", List.of(), List.of());
      graph = GraphProto.newBuilder().addNode(node.addAttribute(Protos.attribute("then", graph)));
    }
    assertThat(refusal(Protos.model(graph), TooLargeException.class))
        .contains("expected at most 100 messages inside each other");
  }

  @Test
  void types_nested_too_deep_are_refused() {
    byte[] type = new byte[0];
    for (int i = 0; i < 5_000; i++) {
      type = Wire.message(i % 2 == 0 ? 1 : 4, type);
    }
    byte[] model =
        Wire.message(7, Wire.message(11, Wire.concat(Wire.text(1, "x"), Wire.message(2, type))));
    refusal(model, MalformedFileException.class);
  }

  @Test
  void groups_nested_too_deep_are_refused() {
    byte[] groups = new byte[100_000];
    Arrays.fill(groups, (byte) (15 << 3 | 3));
    refusal(groups, TooLargeException.class);
  }

  @Test
  void a_second_graph_is_refused() {
    byte[] model = Protos.model(GraphProto.newBuilder().setName("g")).toByteArray();
    assertThat(refusal(Wire.concat(model, model), UnsupportedFormatException.class))
        .contains("expected one graph, found a second one");
  }

  @Test
  void an_attribute_with_two_bodies_is_refused() {
    byte[] attribute = Wire.concat(Wire.text(1, "then"), Wire.message(6, new byte[0]));
    byte[] twice = Wire.concat(attribute, Wire.message(6, new byte[0]));
    byte[] model = Wire.message(7, Wire.message(1, Wire.message(5, twice)));
    refusal(model, UnsupportedFormatException.class);
  }

  @Test
  void an_attribute_given_twice_is_refused() {
    NodeProto.Builder node = Protos.node("Conv", List.of(), List.of("y"));
    node.addAttribute(Protos.attribute("group", 1)).addAttribute(Protos.attribute("group", 2));
    assertThat(
            refusal(
                Protos.model(GraphProto.newBuilder().addNode(node)), MalformedFileException.class))
        .contains("'group' a second time");
  }

  @Test
  void a_tensor_in_segments_is_refused() {
    TensorProto.Builder segment = Protos.floats("w", 1);
    segment.setSegment(TensorProto.Segment.newBuilder().setBegin(0).setEnd(1));
    assertThat(refusal(Protos.scaling(segment), UnsupportedFormatException.class))
        .contains("initializer 'w'")
        .contains("a segment");
  }

  @Test
  void a_model_in_training_is_refused() {
    ModelProto model =
        Protos.scaling(Protos.floats("w", 1)).toBuilder()
            .addTrainingInfo(TrainingInfoProto.getDefaultInstance())
            .build();
    assertThat(refusal(model, UnsupportedFormatException.class)).contains("training_info");
  }

  @Test
  void names_that_are_not_text_are_refused() {
    byte[] node = Wire.concat(Wire.text(4, "Relu"), Wire.message(1, new byte[] {-1, -2}));
    assertThat(refusal(Wire.message(7, Wire.message(1, node)), MalformedFileException.class))
        .contains("expected names in UTF-8");
  }

  @Test
  void a_name_of_many_megabytes_is_refused() {
    AttributeProto.Builder attribute = AttributeProto.newBuilder().setName("a".repeat(5 << 20));
    NodeProto.Builder node = Protos.node("Op", List.of(), List.of("y")).addAttribute(attribute);
    assertThat(
            refusal(Protos.model(GraphProto.newBuilder().addNode(node)), TooLargeException.class))
        .contains("in one message beside its tensors");
  }

  private static boolean isWholeModel(byte[] bytes) {
    try {
      return ModelProto.parseFrom(bytes).hasGraph();
    } catch (IOException e) {
      return false;
    }
  }

  private static int indexOf(byte[] bytes, ByteString part) {
    for (int i = 0; i + part.size() <= bytes.length; i++) {
      if (ByteString.copyFrom(bytes, i, part.size()).equals(part)) {
        return i;
      }
    }
    throw new AssertionError("not there");
  }

  private Path save(byte[] bytes) {
    return Protos.save(bytes, folder.resolve("bad.onnx"));
  }

  private String refusal(ModelProto model, Class<? extends CheckpointException> type) {
    return refusal(model.toByteArray(), type);
  }

  private String refusal(byte[] bytes, Class<? extends CheckpointException> type) {
    return refusal(save(bytes), type);
  }

  private static String refusal(Path file, Class<? extends CheckpointException> type) {
    List<String> messages = new java.util.ArrayList<>();
    assertThatExceptionOfType(type)
        .isThrownBy(() -> OnnxReader.read(file).close())
        .satisfies(e -> messages.add(e.getMessage()))
        .satisfies(e -> assertThat(e.problem().resource()).isEqualTo(file.toString()));
    return messages.get(0);
  }
}
