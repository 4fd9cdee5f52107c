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

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.verify.ModelRunException;
import dev.fusewright.core.verify.RunFailure;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Conversion of ONNX Runtime's types and values to ours, and back. */
final class OrtTypes {
  private static final String TYPE_PREFIX = "ONNX_TENSOR_ELEMENT_DATA_TYPE_";

  private OrtTypes() {}

  /** The canonical bytes of an output. */
  record Output(RunnerProtocol.Header header, ByteBuffer bytes) {}

  static List<ValueInfo> signature(Map<String, NodeInfo> nodes) {
    List<ValueInfo> values = new ArrayList<>();
    nodes.forEach(
        (name, node) ->
            values.add(
                node.getInfo() instanceof TensorInfo tensor
                    ? new ValueInfo(name, elementType(tensor), dims(tensor))
                    : ValueInfo.untyped(name)));
    return values;
  }

  private static List<Dim> dims(TensorInfo tensor) {
    long[] shape = tensor.getShape();
    String[] names = tensor.getDimensionNames();
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < shape.length; axis++) {
      boolean named = shape[axis] < 0 && !names[axis].isEmpty();
      dims.add(named ? new Dim.Symbolic(names[axis]) : Dim.of(shape[axis]));
    }
    return dims;
  }

  /**
   * The type as the model has it; ONNX Runtime's own Java type tells unsigned integers from signed
   * ones no more.
   */
  private static ElementType elementType(TensorInfo tensor) {
    String name = tensor.onnxType.name();
    for (ElementType type : ElementType.values()) {
      if (name.equals(TYPE_PREFIX + type.name())) {
        return type;
      }
    }
    return ElementType.UNDEFINED;
  }

  static OnnxJavaType javaType(String name, ElementType type) throws ModelRunException {
    if (!ElementCodec.supports(type)) {
      throw unsupported("input", name, type.text());
    }
    return OnnxJavaType.valueOf(type.name());
  }

  static List<Output> outputs(List<String> names, OrtSession.Result result)
      throws ModelRunException {
    List<Output> outputs = new ArrayList<>();
    for (String name : names) {
      OnnxValue value = result.get(name).orElseThrow();
      if (!(value instanceof OnnxTensor tensor)) {
        throw unsupported("output", name, value.getInfo().toString());
      }
      ElementType type = elementType(tensor.getInfo());
      if (!ElementCodec.supports(type)) {
        throw unsupported("output", name, type.text());
      }
      outputs.add(
          new Output(
              new RunnerProtocol.Header(type, Shape.of(tensor.getInfo().getShape())),
              tensor.getByteBuffer()));
    }
    return outputs;
  }

  private static ModelRunException unsupported(String what, String name, String type) {
    return new ModelRunException(
        RunFailure.UNSUPPORTED_TYPE,
        "%s '%s' is of type %s, which cannot be compared".formatted(what, name, type));
  }
}
