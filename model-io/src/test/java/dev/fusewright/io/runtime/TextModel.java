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
package dev.fusewright.io.runtime;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.text.GraphText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * ONNX files from text, field by field after {@code onnx.proto}: what the runner is fed does not
 * depend on the format package.
 */
final class TextModel {
  private TextModel() {}

  /** Writes the model that {@code text} describes. */
  static Path write(Path file, String text) throws IOException {
    return Files.write(file, model(GraphText.parse(text)).toByteArray());
  }

  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  private static ByteString message(Fields fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    fields.write(out);
    out.flush();
    return ByteString.copyFrom(bytes.toByteArray());
  }

  private static ByteString model(ModelGraph model) throws IOException {
    return message(
        out -> {
          out.writeInt64(1, model.irVersion());
          out.writeBytes(7, graph(model.graph()));
          for (Map.Entry<String, Long> opset : model.opsets().entrySet()) {
            out.writeBytes(
                8,
                message(
                    id -> {
                      id.writeString(1, opset.getKey());
                      id.writeInt64(2, opset.getValue());
                    }));
          }
        });
  }

  private static ByteString graph(Graph graph) throws IOException {
    return message(
        out -> {
          for (Node node : graph.nodes()) {
            out.writeBytes(1, node(node));
          }
          out.writeString(2, graph.name());
          for (Initializer initializer : graph.initializers()) {
            out.writeBytes(5, tensor(initializer.name(), initializer.tensor()));
          }
          for (ValueInfo input : graph.inputs()) {
            out.writeBytes(11, valueInfo(input));
          }
          for (ValueInfo output : graph.outputs()) {
            out.writeBytes(12, valueInfo(output));
          }
        });
  }

  private static ByteString node(Node node) throws IOException {
    return message(
        out -> {
          for (String input : node.inputs()) {
            out.writeString(1, input);
          }
          for (String output : node.outputs()) {
            out.writeString(2, output);
          }
          out.writeString(3, node.name());
          out.writeString(4, node.op().type());
          out.writeString(7, node.op().domain());
          for (Map.Entry<String, Attribute> attribute : node.attributes().entrySet()) {
            out.writeBytes(5, attribute(attribute.getKey(), attribute.getValue()));
          }
        });
  }

  private static ByteString attribute(String name, Attribute attribute) throws IOException {
    return message(
        out -> {
          out.writeString(1, name);
          if (attribute instanceof Attribute.Real real) {
            out.writeFloat(2, (float) real.value());
            out.writeEnum(20, 1);
          } else if (attribute instanceof Attribute.Int integer) {
            out.writeInt64(3, integer.value());
            out.writeEnum(20, 2);
          } else if (attribute instanceof Attribute.Text text) {
            out.writeString(4, text.value());
            out.writeEnum(20, 3);
          } else if (attribute instanceof Attribute.TensorValue value) {
            out.writeBytes(5, tensor("", value.value()));
            out.writeEnum(20, 4);
          } else if (attribute instanceof Attribute.Body body) {
            out.writeBytes(6, graph(body.value()));
            out.writeEnum(20, 5);
          } else if (attribute instanceof Attribute.Ints ints) {
            for (long value : ints.values()) {
              out.writeInt64(8, value);
            }
            out.writeEnum(20, 7);
          } else {
            throw new IllegalArgumentException("attribute " + name);
          }
        });
  }

  private static ByteString tensor(String name, Tensor tensor) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(tensor.byteCount()));
    tensor.read(0, bytes);
    return message(
        out -> {
          for (long dim : tensor.shape().dims()) {
            out.writeInt64(1, dim);
          }
          out.writeInt32(2, number(tensor.type()));
          out.writeString(8, name);
          out.writeByteArray(9, bytes.array());
        });
  }

  private static ByteString valueInfo(ValueInfo value) throws IOException {
    ByteString shape =
        message(
            out -> {
              List<Dim> dims = value.dims();
              for (Dim dim : dims == null ? List.<Dim>of() : dims) {
                out.writeBytes(1, dim(dim));
              }
            });
    ByteString tensorType =
        message(
            out -> {
              out.writeInt32(1, number(value.type()));
              if (value.dims() != null) {
                out.writeBytes(2, shape);
              }
            });
    return message(
        out -> {
          out.writeString(1, value.name());
          out.writeBytes(2, message(type -> type.writeBytes(1, tensorType)));
        });
  }

  /** Our element types stand in the order of ONNX's numbers. */
  private static int number(ElementType type) {
    return List.of(ElementType.values()).indexOf(type);
  }

  private static ByteString dim(Dim dim) throws IOException {
    return message(
        out -> {
          if (dim instanceof Dim.Fixed fixed) {
            out.writeInt64(1, fixed.size());
          } else if (dim instanceof Dim.Symbolic symbolic) {
            out.writeString(2, symbolic.name());
          }
        });
  }
}
