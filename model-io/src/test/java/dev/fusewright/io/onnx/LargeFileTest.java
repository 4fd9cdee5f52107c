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

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing ends at 2 GiB. The weights are holes in sparse files, so that no disk is filled. */
class LargeFileTest {
  private static final long WEIGHT = 3L << 30;

  @TempDir Path folder;

  @Test
  void a_model_of_three_gigabytes_is_read_to_its_end() throws IOException {
    Path file = folder.resolve("large.onnx");
    byte[] first =
        Wire.concat(Wire.text(8, "first"), Wire.varint(1, WEIGHT / 4), Wire.varint(2, 1));
    byte[] rawHeader = header(9, WEIGHT);
    byte[] last = Protos.floats("last", 1, 2, 3).build().toByteArray();
    byte[] tail = Wire.message(5, last);
    long tensor = first.length + rawHeader.length + WEIGHT;
    byte[] tensorHeader = header(5, tensor);
    byte[] head =
        Wire.concat(
            header(7, tensorHeader.length + tensor + tail.length), tensorHeader, first, rawHeader);
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(head);
      out.seek(head.length + WEIGHT - 4);
      out.write(new byte[] {0, 0, (byte) 0x80, 0x3f});
      out.write(tail);
    }
    try (OnnxCheckpoint model = OnnxReader.read(file)) {
      Graph graph = model.graph().graph();
      assertThat(graph.initializers())
          .extracting(Initializer::name)
          .containsExactly("first", "last");
      ByteBuffer end = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      graph.initializers().get(0).tensor().read(WEIGHT - 8, end);
      assertThat(end.getFloat(4)).isEqualTo(1);

      Path without = folder.resolve("without.onnx");
      Graph edited =
          new Graph("", List.of(), graph.initializers().subList(1, 2), List.of(), List.of());
      OnnxWriter.write(model, model.graph().withGraph(edited), Map.of(), without);
      assertThat(Files.readAllBytes(without)).isEqualTo(Wire.message(7, tail));
    }
  }

  @Test
  void external_data_beyond_three_gigabytes_is_folded_in_place() throws IOException {
    Path in = Files.createDirectory(folder.resolve("in"));
    try (RandomAccessFile data = new RandomAccessFile(in.resolve("w.data").toFile(), "rw")) {
      data.seek(WEIGHT);
      data.write(Protos.floats("", 1, 2).getRawData().toByteArray());
    }
    var tensor = Protos.floats("w", 1, 2).clearRawData();
    tensor.setDataLocation(dev.fusewright.io.onnx.proto.TensorProto.DataLocation.EXTERNAL);
    tensor.addExternalDataBuilder().setKey("location").setValue("w.data");
    tensor.addExternalDataBuilder().setKey("offset").setValue(Long.toString(WEIGHT));
    Path file = Protos.save(Protos.scaling(tensor), in.resolve("m.onnx"));
    try (OnnxCheckpoint model = OnnxReader.read(file)) {
      Tensor w = model.graph().graph().initializers().get(0).tensor();
      assertThat(w.type()).isEqualTo(ElementType.FLOAT);
      Tensor scaled = new ChannelScaled(w, ChannelAxis.of(0), new double[] {5, 7});
      DataFilePlan plan = new DataFilePlan(model, Map.of());
      assertThat(
              plan.replace(
                  w, scaled, new TensorPlace(dev.fusewright.core.plan.ScopePath.MAIN, "w")))
          .isNull();
      List<Segment> segments = plan.segments("w.data");
      assertThat(segments).hasSize(2);
      assertThat(segments.get(0)).isEqualTo(new Segment.Copy(0, WEIGHT));
      ByteBuffer folded = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      scaled.read(0, folded);
      assertThat(folded.flip().getFloat()).isEqualTo(5);
      assertThat(folded.getFloat()).isEqualTo(14);
    }
  }

  private static byte[] header(int field, long length) {
    return Wire.bytes(
        out -> {
          out.writeTag(field, 2);
          out.writeUInt64NoTag(length);
        });
  }
}
