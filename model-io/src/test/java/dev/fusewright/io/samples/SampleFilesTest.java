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
package dev.fusewright.io.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.onnx.proto.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleFilesTest {
  @TempDir Path folder;

  private Path npy(int version, String header, byte... elements) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer length = ByteBuffer.allocate(version == 1 ? 2 : 4).order(ByteOrder.LITTLE_ENDIAN);
    out.writeBytes(
        (version == 1 ? length.putShort((short) text.length) : length.putInt(text.length)).array());
    out.writeBytes(text);
    out.writeBytes(elements);
    return Files.write(folder.resolve("sample.npy"), out.toByteArray());
  }

  private Path proto(TensorProto.Builder tensor) throws IOException {
    return Files.write(folder.resolve("sample.pb"), tensor.build().toByteArray());
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3"})
  void an_array_of_numpy_is_read(int version) throws IOException {
    Path file =
        npy(
            version,
            "{'descr': '<i2', 'fortran_order': False, 'shape': (1, 2), }         \n",
            (byte) 1,
            (byte) 0,
            (byte) -1,
            (byte) -1);
    assertThat(SampleFiles.read(file))
        .isEqualTo(LiteralTensor.ofDoubles(ElementType.INT16, Shape.of(1, 2), 1, -1));
  }

  @Test
  void a_scalar_of_numpy_has_no_axes() throws IOException {
    Path file = npy(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (), }\n", (byte) 200);
    assertThat(SampleFiles.read(file))
        .isEqualTo(LiteralTensor.ofDoubles(ElementType.UINT8, Shape.of(), 200));
  }

  @Test
  void a_serialised_tensor_is_read_with_raw_and_with_typed_data() throws IOException {
    LiteralTensor expected = LiteralTensor.ofFloats(Shape.of(2), 1.5f, -2);
    TensorProto.Builder typed =
        TensorProto.newBuilder().setDataType(1).addDims(2).addFloatData(1.5f).addFloatData(-2);
    assertThat(SampleFiles.read(proto(typed))).isEqualTo(expected);
    byte[] raw =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putFloat(1.5f).putFloat(-2).array();
    TensorProto.Builder packed =
        TensorProto.newBuilder()
            .setDataType(1)
            .addDims(2)
            .setRawData(com.google.protobuf.ByteString.copyFrom(raw));
    assertThat(SampleFiles.read(proto(packed))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      textBlock =
          """
          {'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), } ; expected 4000000000000 bytes
          {'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), } ; expected a size
          {'descr': '<f4', 'fortran_order': True, 'shape': (1,), } ; numpy.ascontiguousarray
          {'descr': '>f4', 'fortran_order': False, 'shape': (1,), } ; expected little-endian numbers
          {'descr': '|O', 'fortran_order': False, 'shape': (1,), } ; found elements of the type '|O'
          {'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), } ; expected a header of a plain array
          """)
  void what_is_no_plain_array_is_refused_and_says_what_to_do(String header, String message)
      throws IOException {
    Path file = npy(1, header, new byte[4]);
    assertThatThrownBy(() -> SampleFiles.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("sample.npy")
        .hasMessageContaining(message);
  }

  @Test
  void a_header_that_ends_behind_the_file_is_refused() throws IOException {
    Path file = npy(2, "{'descr'");
    byte[] bytes = Files.readAllBytes(file);
    bytes[11] = 0x7f;
    Files.write(file, bytes);
    assertThatThrownBy(() -> SampleFiles.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("expected a header within the file");
  }

  @Test
  void a_tensor_of_other_sizes_than_it_says_is_refused() throws IOException {
    TensorProto.Builder hostile =
        TensorProto.newBuilder().setDataType(1).addDims(1L << 40).addDims(1L << 40);
    assertThatThrownBy(() -> SampleFiles.read(proto(hostile)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("sample.pb");
    Path text = Files.writeString(folder.resolve("sample.txt"), "no tensor at all");
    assertThatThrownBy(() -> SampleFiles.read(text))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("expected a tensor: a .npy file of numpy");
  }
}
