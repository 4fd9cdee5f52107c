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

import com.google.protobuf.ByteString;
import dev.fusewright.io.format.FormatContract;
import dev.fusewright.io.onnx.proto.GraphProto;
import dev.fusewright.io.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** ONNX models: tensors in the file, as raw bytes and as lists, and in a data file. */
final class OnnxFormatTest extends FormatContract {
  OnnxFormatTest() {
    super("onnx");
  }

  @Override
  protected List<Path> samples(Path empty) throws IOException {
    Path adversarial = Files.copy(Fixtures.small("meta.onnx"), empty.resolve("meta.onnx"));
    ByteString raw = ByteString.copyFrom(floats(1, -2, 0.5f));
    GraphProto.Builder inside = GraphProto.newBuilder().setName("g");
    inside.addInitializer(tensor("raw").setRawData(raw));
    inside.addInitializer(tensor("list").addFloatData(4).addFloatData(5).addFloatData(6));
    GraphProto.Builder beside = GraphProto.newBuilder().setName("g");
    beside.addInitializer(external("w", 4));
    beside.addInitializer(external("v", 16));
    Files.write(empty.resolve("w.data"), floats(-1, 1, 2, 3, 4, 5, 6));
    return List.of(
        adversarial,
        Protos.save(Protos.model(inside), empty.resolve("inside.onnx")),
        Protos.save(Protos.model(beside), empty.resolve("beside.onnx")));
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  private static TensorProto.Builder tensor(String name) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(TensorProto.DataType.FLOAT_VALUE)
        .addDims(3);
  }

  private static TensorProto.Builder external(String name, long offset) {
    TensorProto.Builder tensor = tensor(name).setDataLocation(TensorProto.DataLocation.EXTERNAL);
    tensor.addExternalDataBuilder().setKey("location").setValue("w.data");
    tensor.addExternalDataBuilder().setKey("offset").setValue(Long.toString(offset));
    return tensor;
  }
}
