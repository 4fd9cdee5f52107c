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
package dev.fusewright.io.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.testing.Digests;
import dev.fusewright.io.testing.Python;
import dev.fusewright.io.testing.RealModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SafetensorsTest {
  private static final List<String> MODELS =
      List.of("s16_burn_mnist_pt/mnist.safetensors", "s16_burn_mnist_pt/multi_layer.safetensors");

  @TempDir Path folder;

  @UsesPython
  @UsesRealModels
  @Test
  void the_real_library_finds_the_same_tensors() {
    for (String name : MODELS) {
      Path file = RealModels.file(name);
      assertSame(file, file);
    }
  }

  @UsesRealModels
  @Test
  void a_file_of_the_real_library_is_written_again_byte_for_byte() throws IOException {
    for (String name : MODELS) {
      Path file = RealModels.file(name);
      Path copy = folder.resolve("copy.safetensors");
      try (StateCheckpoint original = SafetensorsReader.read(file)) {
        StateDict state = original.states().get(0).state();
        WriteSummary writing = SafetensorsWriter.write(state, original.facts(), copy);
        assertThat(writing.copied())
            .isEqualTo(state.tensors().values().stream().mapToLong(Tensor::byteCount).sum());
      }
      assertThat(copy).hasSameBinaryContentAs(file);
    }
  }

  @UsesPython
  @Test
  void the_real_library_reads_what_we_write() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("b.weight", LiteralTensor.ofFloats(Shape.of(2, 3), 1, 2, 3, 4, 5, 6));
    tensors.put("a.count", LiteralTensor.ofLongs(Shape.SCALAR, 7));
    tensors.put("ünï\"\\\n", LiteralTensor.ofFloats(Shape.of(0)));
    tensors.put(
        "scaled",
        new ChannelScaled(tensors.get("b.weight"), ChannelAxis.of(0), new double[] {2, 3}));
    Path file = folder.resolve("made.safetensors");

    SafetensorsWriter.write(StateDict.ofTensors(tensors), Map.of("format", "pt"), file);

    assertSame(file, file);
    try (StateCheckpoint again = SafetensorsReader.read(file)) {
      assertThat(again.facts()).containsExactly(Map.entry("format", "pt"));
      assertThat(again.states().get(0).state().entries().keySet())
          .containsExactly("a.count", "b.weight", "scaled", "ünï\"\\\n");
      assertThat(Tensors.doubles(again.states().get(0).state().tensor("scaled").orElseThrow(), 6))
          .containsExactly(2, 4, 6, 12, 15, 18);
    }
  }

  // ------------------------------------------------------------------- hostile

  private static final String TENSOR =
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}";

  @Test
  void the_smallest_file_is_read() throws IOException {
    try (StateCheckpoint checkpoint = SafetensorsReader.read(file(TENSOR, 2))) {
      assertThat(checkpoint.states().get(0).state().entries()).containsOnlyKeys("a");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // offsets that overlap, leave gaps, run backwards, run out, or differ from the shape
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,0]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,2]}}",
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,2]}}",
        "{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,2]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,2]}}",
        "{\"a\":{\"dtype\":\"F64\",\"shape\":[2305843009213693952],\"data_offsets\":[0,2]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[-2],\"data_offsets\":[0,2]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,99999999999999999999]}}",
        // JSON that is not the format's
        "[]",
        "{\"a\":1}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[02],\"data_offsets\":[0,2]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2.0],\"data_offsets\":[0,2]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2,2]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2],\"x\":1}}",
        "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[2,2]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}} x",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}",
        "{\"a\u0001\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}",
        "{\"\\ud800\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}",
        "{\"__metadata__\":{\"a\":1},\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}",
        " {\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}",
      })
  void a_header_that_breaks_the_specification_is_refused_with_its_byte(String header)
      throws IOException {
    Path file = file(header, 2);

    assertThatExceptionOfType(MalformedFileException.class)
        .isThrownBy(() -> SafetensorsReader.read(file))
        .satisfies(refusal -> assertThat(refusal.problem().byteOffset()).isPresent());
  }

  @Test
  void a_type_of_tomorrow_is_unsupported_and_not_malformed() throws IOException {
    Path file = file(TENSOR.replace("U8", "X9"), 2);

    assertThatExceptionOfType(UnsupportedFormatException.class)
        .isThrownBy(() -> SafetensorsReader.read(file))
        .withMessageContaining("'X9'");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 3, 100_000_001, Long.MAX_VALUE})
  void a_header_that_does_not_fit_is_refused(long length) throws IOException {
    byte[] bytes = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
    Path file = Files.write(folder.resolve("file"), bytes);

    assertThatExceptionOfType(MalformedFileException.class)
        .isThrownBy(() -> SafetensorsReader.read(file));
  }

  @Test
  void a_header_longer_than_the_library_allows_is_refused_before_it_is_read() throws IOException {
    Path file = folder.resolve("file");
    try (var out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 100_000_001));
      out.write(ByteBuffer.allocate(1), 200_000_000);
    }

    assertThatExceptionOfType(TooLargeException.class)
        .isThrownBy(() -> SafetensorsReader.read(file))
        .withMessageContaining("100000000");
  }

  @Test
  void a_header_of_a_hundred_thousand_tensors_is_read_and_written() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < 100_000; i++) {
      tensors.put("model.layers." + i + ".experts.weight", LiteralTensor.ofFloats(Shape.of(1), i));
    }
    Path file = folder.resolve("large.safetensors");
    SafetensorsWriter.write(StateDict.ofTensors(tensors), Map.of(), file);

    try (StateCheckpoint checkpoint = SafetensorsReader.read(file)) {
      StateDict state = checkpoint.states().get(0).state();
      assertThat(state.entries()).hasSize(100_000);
      assertThat(
              Tensors.doubles(state.tensor("model.layers.99999.experts.weight").orElseThrow(), 1))
          .containsExactly(99_999);
    }
  }

  private Path file(String header, int payload) throws IOException {
    byte[] json = header.getBytes(UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + payload).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    return Files.write(folder.resolve("file.safetensors"), bytes.array());
  }

  private static void assertSame(Path ours, Path theirs) {
    JsonObject report =
        Python.TORCH2.json("read_safetensors.py", theirs).getAsJsonArray().get(0).getAsJsonObject();
    try (StateCheckpoint checkpoint = SafetensorsReader.read(ours)) {
      Map<String, Tensor> tensors = checkpoint.states().get(0).state().tensors();
      assertThat(tensors).hasSize(report.get("tensors").getAsJsonArray().size());
      for (JsonElement element : report.get("tensors").getAsJsonArray()) {
        JsonObject expected = element.getAsJsonObject();
        Tensor tensor = tensors.get(expected.get("name").getAsString());
        assertThat(tensor.shape().toString()).isEqualTo(expected.get("shape").toString());
        assertThat(SafetensorsType.of(tensor.type()).orElseThrow())
            .hasToString(expected.get("dtype").getAsString());
        assertThat(Digests.sha256(tensor)).isEqualTo(expected.get("sha256").getAsString());
      }
    }
  }
}
