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
package dev.fusewright.io.aten;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The nodes and constants that one call is said by. */
final class Emission {
  private final AtenNode call;
  private final int id;
  private final UnaryOperator<String> fresh;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Initializer> constants = new ArrayList<>();

  /**
   * Nothing yet.
   *
   * @param id of the first node
   * @param fresh gives a name that no value has
   */
  Emission(AtenNode call, int id, UnaryOperator<String> fresh) {
    this.call = call;
    this.id = id;
    this.fresh = fresh;
  }

  List<Node> nodes() {
    return nodes;
  }

  List<Initializer> constants() {
    return constants;
  }

  /** A node whose value only this call knows. */
  String inner(String type, List<String> inputs, Map<String, Attribute> attributes) {
    String output = fresh.apply(call.outputs().get(0) + "/" + type);
    nodes.add(
        new Node(
            id + nodes.size(), output, OpKind.onnx(type), inputs, List.of(output), attributes));
    return output;
  }

  /** A name for a further value of a node, which nobody reads. */
  String value(String hint) {
    return fresh.apply(call.outputs().get(0) + "/" + hint);
  }

  /** The node with the call's first value. */
  void result(String type, List<String> inputs, Map<String, Attribute> attributes) {
    results(type, inputs, List.of(call.outputs().get(0)), attributes);
  }

  /** The node with the call's values. */
  void results(
      String type, List<String> inputs, List<String> outputs, Map<String, Attribute> attributes) {
    nodes.add(
        new Node(id + nodes.size(), call.name(), OpKind.onnx(type), inputs, outputs, attributes));
  }

  String longs(List<Long> values) {
    return constant(
        "numbers", LiteralTensor.ofLongs(values.stream().mapToLong(Long::longValue).toArray()));
  }

  String scalar(ElementType type, double value) {
    return constant("number", new FilledTensor(type, Shape.SCALAR, value));
  }

  String filled(ElementType type, long size, double value) {
    return constant("vector", new FilledTensor(type, Shape.of(size), value));
  }

  private String constant(String hint, Tensor tensor) {
    String name = fresh.apply(call.outputs().get(0) + "/" + hint);
    constants.add(new Initializer(name, tensor));
    return name;
  }
}
