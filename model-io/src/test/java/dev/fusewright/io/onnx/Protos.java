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
import dev.fusewright.io.onnx.proto.AttributeProto;
import dev.fusewright.io.onnx.proto.GraphProto;
import dev.fusewright.io.onnx.proto.ModelProto;
import dev.fusewright.io.onnx.proto.NodeProto;
import dev.fusewright.io.onnx.proto.OperatorSetIdProto;
import dev.fusewright.io.onnx.proto.TensorProto;
import dev.fusewright.io.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Small models made and read with the generated classes, which know nothing of our reader and
 * writer.
 */
final class Protos {
  private Protos() {}

  static ModelProto model(GraphProto.Builder graph) {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .setGraph(graph)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .build();
  }

  static NodeProto.Builder node(String type, List<String> inputs, List<String> outputs) {
    return NodeProto.newBuilder().setOpType(type).addAllInput(inputs).addAllOutput(outputs);
  }

  static TensorProto.Builder floats(String name, float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(TensorProto.DataType.FLOAT_VALUE)
        .addDims(values.length)
        .setRawData(ByteString.copyFrom(bytes));
  }

  static AttributeProto.Builder attribute(String name, GraphProto.Builder body) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.GRAPH)
        .setG(body);
  }

  static AttributeProto.Builder attribute(String name, TensorProto.Builder tensor) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.TENSOR)
        .setT(tensor);
  }

  static AttributeProto.Builder attribute(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value);
  }

  static ValueInfoProto.Builder value(String name) {
    return ValueInfoProto.newBuilder().setName(name);
  }

  /** x → Mul(x, w) → y, with w = {@code tensor}. */
  static ModelProto scaling(TensorProto.Builder tensor) {
    return model(
        GraphProto.newBuilder()
            .setName("scaling")
            .addInput(value("x"))
            .addOutput(value("y"))
            .addInitializer(tensor)
            .addNode(node("Mul", List.of("x", tensor.getName()), List.of("y")).setName("mul")));
  }

  static Path save(ModelProto model, Path file) {
    return save(model.toByteArray(), file);
  }

  static Path save(byte[] bytes, Path file) {
    try {
      return Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ModelProto parse(Path file) {
    try {
      return ModelProto.parseFrom(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
