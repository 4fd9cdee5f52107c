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

import com.google.protobuf.CodedOutputStream;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.onnx.proto.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The elements of a tensor are the same canonical bytes, however the file stores them. */
class TensorStorageTest {
  /** How one repeated field is laid out on the wire. */
  private enum Layout {
    PACKED,
    IN_PIECES,
    UNPACKED,
    MIXED
  }

  private static final int COUNT = 10_007;

  @TempDir Path folder;

  @Test
  void float_data_is_its_own_canonical_bytes_in_every_layout() throws IOException {
    byte[] canonical = random(COUNT * Float.BYTES);
    ByteBuffer values = ByteBuffer.wrap(canonical).order(ByteOrder.LITTLE_ENDIAN);
    for (Layout layout : Layout.values()) {
      byte[] list =
          list(
              TensorProto.FLOAT_DATA_FIELD_NUMBER,
              layout,
              (out, i) -> out.writeFixed32NoTag(values.getInt(i * Float.BYTES)),
              5);
      assertReads(list, ElementType.FLOAT, canonical, layout);
    }
  }

  @Test
  void double_data_is_its_own_canonical_bytes_in_every_layout() throws IOException {
    byte[] canonical = random(COUNT * Double.BYTES);
    ByteBuffer values = ByteBuffer.wrap(canonical).order(ByteOrder.LITTLE_ENDIAN);
    for (Layout layout : Layout.values()) {
      byte[] list =
          list(
              TensorProto.DOUBLE_DATA_FIELD_NUMBER,
              layout,
              (out, i) -> out.writeFixed64NoTag(values.getLong(i * Double.BYTES)),
              1);
      assertReads(list, ElementType.DOUBLE, canonical, layout);
    }
  }

  @Test
  void integers_and_halves_are_decoded_from_int32_data_in_every_layout() throws IOException {
    for (ElementType type :
        new ElementType[] {
          ElementType.INT32,
          ElementType.INT16,
          ElementType.INT8,
          ElementType.UINT8,
          ElementType.UINT16,
          ElementType.FLOAT16,
          ElementType.BFLOAT16,
          ElementType.FLOAT8E5M2
        }) {
      int width = type.bits() / 8;
      boolean signed = type.name().startsWith("INT");
      byte[] canonical = random(COUNT * width);
      for (Layout layout : Layout.values()) {
        byte[] list =
            list(
                TensorProto.INT32_DATA_FIELD_NUMBER,
                layout,
                (out, i) -> out.writeInt32NoTag((int) element(canonical, i, width, signed)),
                0);
        assertReads(list, type, canonical, layout);
      }
    }
  }

  @Test
  void long_integers_are_decoded_from_their_lists_in_every_layout() throws IOException {
    byte[] longs = random(COUNT * Long.BYTES);
    byte[] ints = random(COUNT * Integer.BYTES);
    for (Layout layout : Layout.values()) {
      Element value = (out, i) -> out.writeInt64NoTag(element(longs, i, Long.BYTES, true));
      Element unsigned = (out, i) -> out.writeUInt64NoTag(element(ints, i, Integer.BYTES, false));
      assertReads(
          list(TensorProto.INT64_DATA_FIELD_NUMBER, layout, value, 0),
          ElementType.INT64,
          longs,
          layout);
      assertReads(
          list(TensorProto.UINT64_DATA_FIELD_NUMBER, layout, value, 0),
          ElementType.UINT64,
          longs,
          layout);
      assertReads(
          list(TensorProto.UINT64_DATA_FIELD_NUMBER, layout, unsigned, 0),
          ElementType.UINT32,
          ints,
          layout);
    }
  }

  @Test
  void raw_data_is_read_as_it_lies() throws IOException {
    byte[] canonical = random(COUNT * Short.BYTES);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeByteArray(TensorProto.RAW_DATA_FIELD_NUMBER, canonical);
    out.flush();
    assertReads(bytes.toByteArray(), ElementType.FLOAT16, canonical, Layout.PACKED);
  }

  private void assertReads(byte[] list, ElementType type, byte[] canonical, Layout layout)
      throws IOException {
    TensorProto header =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(TensorProto.DataType.valueOf(type.name()).getNumber())
            .addDims(COUNT)
            .build();
    ByteArrayOutputStream tensor = new ByteArrayOutputStream();
    tensor.write(list);
    header.writeTo(tensor);
    byte[] model =
        Wire.message(7, Wire.concat(Wire.message(5, tensor.toByteArray()), Wire.text(2, "g")));
    Path file = Protos.save(model, folder.resolve("model.onnx"));
    try (OnnxCheckpoint read = OnnxReader.read(file)) {
      Tensor w = read.graph().graph().initializers().get(0).tensor();
      assertThat(w.type()).isEqualTo(type);
      ByteBuffer all = ByteBuffer.allocate(canonical.length);
      w.read(0, all);
      assertThat(all.array()).as(type + " " + layout).isEqualTo(canonical);
      int width = type.bits() / 8;
      for (int first : new int[] {1, 4095, 4096, 5000, COUNT - 1}) {
        int count = Math.min(3, COUNT - first);
        ByteBuffer some = ByteBuffer.allocate(count * width);
        w.read((long) first * width, some);
        assertThat(some.array())
            .as(type + " " + layout + " from " + first)
            .isEqualTo(Arrays.copyOfRange(canonical, first * width, (first + count) * width));
      }
    }
  }

  private interface Element {
    void write(CodedOutputStream out, int index) throws IOException;
  }

  /** Writes COUNT elements of a repeated field whose unpacked wire type is {@code wireType}. */
  private static byte[] list(int field, Layout layout, Element element, int wireType)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    int from = 0;
    for (int piece = 0; from < COUNT; piece++) {
      boolean packed =
          switch (layout) {
            case PACKED, IN_PIECES -> true;
            case UNPACKED -> false;
            case MIXED -> piece % 2 == 0;
          };
      int to =
          layout == Layout.PACKED || layout == Layout.UNPACKED
              ? COUNT
              : Math.min(COUNT, from + 1 + 900 * piece);
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      CodedOutputStream inner = CodedOutputStream.newInstance(content);
      for (int i = from; i < to; i++) {
        if (!packed) {
          inner.writeTag(field, wireType);
        }
        element.write(inner, i);
      }
      inner.flush();
      if (packed) {
        out.writeByteArray(field, content.toByteArray());
      } else {
        out.writeRawBytes(content.toByteArray());
      }
      from = to;
    }
    out.flush();
    return bytes.toByteArray();
  }

  private static long element(byte[] canonical, int index, int width, boolean signed) {
    long value = 0;
    for (int b = width - 1; b >= 0; b--) {
      value = value << 8 | (canonical[index * width + b] & 0xff);
    }
    int unused = Long.SIZE - width * 8;
    return signed ? value << unused >> unused : value;
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(7).nextBytes(bytes);
    // Small numbers too, whose varints are short.
    Arrays.fill(bytes, size / 3, size / 2, (byte) 0);
    return bytes;
  }
}
