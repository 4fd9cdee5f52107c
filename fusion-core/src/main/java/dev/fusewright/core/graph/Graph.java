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
package dev.fusewright.core.graph;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One scope: the main graph, the body of a control-flow node, or the body of a function.
 *
 * @param nodes in file order, which need not be topological
 * @param initializers empty in a function
 * @param valueInfos types of inner values, where the model gives them
 * @param annotations names of tensors that carry a {@code quantization_annotation}
 * @param sparseInitializers names of sparse constants, which are kept and never folded
 */
public record Graph(
    String name,
    List<Node> nodes,
    List<Initializer> initializers,
    List<ValueInfo> inputs,
    List<ValueInfo> outputs,
    List<ValueInfo> valueInfos,
    List<String> annotations,
    List<String> sparseInitializers) {

  /** Copies the lists. */
  public Graph {
    nodes = List.copyOf(nodes);
    initializers = List.copyOf(initializers);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    valueInfos = List.copyOf(valueInfos);
    annotations = List.copyOf(annotations);
    sparseInitializers = List.copyOf(sparseInitializers);
  }

  /** A graph without value infos, annotations and sparse initializers. */
  public Graph(
      String name,
      List<Node> nodes,
      List<Initializer> initializers,
      List<ValueInfo> inputs,
      List<ValueInfo> outputs) {
    this(name, nodes, initializers, inputs, outputs, List.of(), List.of(), List.of());
  }

  /** The inputs that callers have to give: those for which no initializer stands. */
  public List<ValueInfo> requiredInputs() {
    Set<String> given = initializers.stream().map(Initializer::name).collect(Collectors.toSet());
    return inputs.stream().filter(input -> !given.contains(input.name())).toList();
  }

  /** Names of all values that this scope defines: inputs, constants, and results of its nodes. */
  public Set<String> definedNames() {
    Set<String> defined = new LinkedHashSet<>();
    inputs.forEach(input -> defined.add(input.name()));
    initializers.forEach(initializer -> defined.add(initializer.name()));
    defined.addAll(sparseInitializers);
    nodes.forEach(node -> defined.addAll(node.outputs()));
    return defined;
  }

  /** This graph with other nodes. */
  public Graph withNodes(List<Node> newNodes) {
    return new Graph(
        name, newNodes, initializers, inputs, outputs, valueInfos, annotations, sparseInitializers);
  }

  /** This graph with other initializers. */
  public Graph withInitializers(List<Initializer> newInitializers) {
    return new Graph(
        name, nodes, newInitializers, inputs, outputs, valueInfos, annotations, sparseInitializers);
  }

  /** This graph with other inputs. */
  public Graph withInputs(List<ValueInfo> newInputs) {
    return new Graph(
        name, nodes, initializers, newInputs, outputs, valueInfos, annotations, sparseInitializers);
  }
}
