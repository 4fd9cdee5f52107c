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
package dev.fusewright.pipeline;

import com.google.protobuf.ByteString;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.onnx.proto.AttributeProto;
import dev.fusewright.io.onnx.proto.GraphProto;
import dev.fusewright.io.onnx.proto.ModelProto;
import dev.fusewright.io.onnx.proto.NodeProto;
import dev.fusewright.io.onnx.proto.OperatorSetIdProto;
import dev.fusewright.io.onnx.proto.StringStringEntryProto;
import dev.fusewright.io.onnx.proto.TensorProto;
import dev.fusewright.io.onnx.proto.TensorShapeProto;
import dev.fusewright.io.onnx.proto.TypeProto;
import dev.fusewright.io.onnx.proto.ValueInfoProto;
import dev.fusewright.io.safetensors.SafetensorsFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Models of which nearly all stays: a Conv with its BatchNorm beside some megabytes of others. */
public final class LargeExamples {
  /** The data file of a model that has one. */
  public static final String DATA = "weights.bin";

  /** What is fused in a state dict. */
  public static final String LIST = "[[\"conv\", \"bn\"]]";

  /** Elements of each of the two weights that stay: 6.4 MB. */
  private static final int ROWS = 1600;

  private static final int COLUMNS = 1000;

  private LargeExamples() {}

  /** A state dict, of 12.8 MB. */
  public static Path safetensors(Path file) throws IOException {
    Random random = new Random(3);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("a.weight", tensor(random, ROWS, COLUMNS));
    tensors.put("conv.weight", tensor(random, 4, 3, 2, 2));
    for (String name : new String[] {"weight", "bias", "running_mean", "running_var"}) {
      tensors.put("bn." + name, tensor(random, 4));
    }
    tensors.put("z.weight", tensor(random, ROWS, COLUMNS));
    new SafetensorsFormat().write(StateDict.ofTensors(tensors), Map.of("format", "pt"), file);
    return file;
  }

  private static Tensor tensor(Random random, long... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.elementCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.5f + random.nextFloat();
    }
    return LiteralTensor.ofFloats(shape, values);
  }

  /** Where the weights of an ONNX model are. */
  public enum Weights {
    INLINE,
    /** In {@link #DATA}, beside the model. */
    BESIDE
  }

  /** An ONNX model, of 12.8 MB. */
  public static Path onnx(Path file, Weights place) throws IOException {
    Random random = new Random(4);
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("g")
            .addInput(value("x", 1, 3, 8, 8))
            .addInput(value("u", 1, ROWS))
            .addOutput(value("y", 1, 4, 7, 7))
            .addOutput(value("v", 1, COLUMNS))
            .addOutput(value("w", 1, COLUMNS));
    graph.addInitializer(initializer(random, data, place, "a", ROWS, COLUMNS));
    graph.addInitializer(initializer(random, data, place, "weight", 4, 3, 2, 2));
    for (String name : new String[] {"scale", "shift", "mean", "var"}) {
      graph.addInitializer(initializer(random, data, Weights.INLINE, name, 4));
    }
    graph.addInitializer(initializer(random, data, place, "z", ROWS, COLUMNS));
    graph.addNode(node("Conv", "c", "x", "weight"));
    graph.addNode(
        node("BatchNormalization", "y", "c", "scale", "shift", "mean", "var").toBuilder()
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("epsilon")
                    .setType(AttributeProto.AttributeType.FLOAT)
                    .setF(1e-5f)));
    graph.addNode(node("MatMul", "v", "u", "a"));
    graph.addNode(node("MatMul", "w", "u", "z"));
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
            .setGraph(graph)
            .build();
    Files.write(file, model.toByteArray());
    if (place == Weights.BESIDE) {
      Files.write(file.resolveSibling(DATA), data.toByteArray());
    }
    return file;
  }

  private static NodeProto node(String type, String output, String... inputs) {
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(type).setName(output);
    for (String input : inputs) {
      node.addInput(input);
    }
    return node.addOutput(output).build();
  }

  private static ValueInfoProto value(String name, long... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long dim : dims) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dim));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT_VALUE)
                        .setShape(shape)))
        .build();
  }

  private static TensorProto initializer(
      Random random, ByteArrayOutputStream data, Weights place, String name, long... dims)
      throws IOException {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT_VALUE);
    int count = 1;
    for (long dim : dims) {
      tensor.addDims(dim);
      count *= (int) dim;
    }
    ByteBuffer bytes = ByteBuffer.allocate(count * 4).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      bytes.putFloat(0.5f + random.nextFloat());
    }
    switch (place) {
      case INLINE -> tensor.setRawData(ByteString.copyFrom(bytes.flip()));
      case BESIDE -> {
        tensor
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(entry("location", DATA))
            .addExternalData(entry("offset", String.valueOf(data.size())))
            .addExternalData(entry("length", String.valueOf(bytes.capacity())));
        data.write(bytes.array());
      }
    }
    return tensor.build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
