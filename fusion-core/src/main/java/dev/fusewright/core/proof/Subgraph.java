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
package dev.fusewright.core.proof;

import dev.fusewright.core.analysis.shape.ShapeInference;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Captures;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceEvaluator;
import dev.fusewright.core.tensor.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One side of a site: a small graph of its own, with the nodes and constants that it needs.
 *
 * @param graph its inputs are the values that come from outside the site, its outputs those that
 *     are read there
 * @param opsets of the scope that it was cut from
 * @param functions that its nodes may call
 * @param shapes what the model that it was cut from says of its values
 */
record Subgraph(
    Graph graph,
    Map<String, Long> opsets,
    List<Function> functions,
    Map<String, SymbolicShape> shapes) {
  Subgraph {
    shapes = Map.copyOf(shapes);
  }

  /** What is known of the shape of an input. */
  SymbolicShape known(String input) {
    return shapes.getOrDefault(input, SymbolicShape.UNKNOWN);
  }

  /** A shape as a model declares it; null if its rank is unknown. */
  static @Nullable List<Dim> declared(SymbolicShape shape) {
    if (!shape.hasRank()) {
      return null;
    }
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      OptionalLong size = shape.dim(axis).constant();
      dims.add(size.isPresent() ? Dim.of(size.getAsLong()) : new Dim.Unknown());
    }
    return dims;
  }

  /** Shape inference on this side by itself, with inputs of these types. */
  ShapeInference inference(Map<String, List<Dim>> dims) {
    List<ValueInfo> inputs = new ArrayList<>();
    for (ValueInfo input : graph.inputs()) {
      inputs.add(new ValueInfo(input.name(), input.type(), dims.get(input.name())));
    }
    List<ValueInfo> outputs = new ArrayList<>();
    outputs().forEach(output -> outputs.add(ValueInfo.untyped(output)));
    return ShapeInference.of(
        new ModelGraph(
            ModelGraph.FUNCTIONS_SINCE,
            opsets,
            new Graph(graph.name(), graph.nodes(), graph.initializers(), inputs, outputs),
            functions));
  }

  /** The same where the shapes of all inputs are known. */
  ShapeInference inferenceOf(Map<String, Shape> given) {
    Map<String, List<Dim>> dims = new HashMap<>();
    given.forEach((name, shape) -> dims.put(name, shape.dims().stream().map(Dim::of).toList()));
    return inference(dims);
  }

  /**
   * What the nodes make of the given values; those may be any, and are not computed anew. A
   * constant that the side computes is rounded after each node, as it is stored.
   */
  Map<String, NdArray> evaluate(Map<String, NdArray> given, Set<String> wanted) {
    return new ReferenceEvaluator(opsets, functions)
        .withStoredConstants()
        .values(graph, given, wanted);
  }

  /** The value of one constant. */
  NdArray constant(String name) {
    return Objects.requireNonNull(evaluate(Map.of(), Set.of(name)).get(name));
  }

  /** Whether nothing that enters has a part in a value. */
  boolean isConstant(String name) {
    Map<String, Node> producers = new HashMap<>();
    nodes().forEach(node -> node.outputs().forEach(output -> producers.put(output, node)));
    Set<String> entering = Set.copyOf(inputs());
    Set<String> seen = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(name));
    while (!open.isEmpty()) {
      String value = open.remove();
      if (entering.contains(value)) {
        return false;
      }
      Node producer = seen.add(value) ? producers.get(value) : null;
      if (producer != null) {
        open.addAll(producer.inputs());
        open.addAll(Captures.of(producer));
      }
    }
    return true;
  }

  List<String> outputs() {
    return graph.outputs().stream().map(ValueInfo::name).toList();
  }

  List<String> inputs() {
    return graph.inputs().stream().map(ValueInfo::name).toList();
  }

  /** How many nodes read a value, or one more if it leaves the side. */
  long readers(String value) {
    return nodes().stream()
            .filter(
                node -> node.inputs().contains(value) || Captures.of(node).contains(value))
            .count()
        + (outputs().contains(value) ? 1 : 0);
  }

  List<Node> nodes() {
    return graph.nodes();
  }
}
