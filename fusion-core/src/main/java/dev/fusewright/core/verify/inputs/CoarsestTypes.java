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
package dev.fusewright.core.verify.inputs;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FloatFormat;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * By output of a graph, the coarsest floating-point type in which something that reaches it is
 * computed. A value that is stored in a coarse type and only cast, as compressed weights are, is
 * exact, and counts for nothing.
 */
final class CoarsestTypes {
  private final Map<String, ElementType> types = new HashMap<>();
  private final Map<String, Node> producers = new HashMap<>();

  private CoarsestTypes(Graph graph, Map<String, ElementType> around) {
    types.putAll(around);
    graph.inputs().forEach(input -> types.put(input.name(), input.type()));
    graph
        .initializers()
        .forEach(initializer -> types.put(initializer.name(), initializer.tensor().type()));
    for (Node node : graph.nodes()) {
      node.outputs().forEach(output -> producers.put(output, node));
      if (Carriers.isOne(node)) {
        ElementType carried = types.get(node.input(0));
        if (carried != null) {
          types.put(node.output(), carried);
        }
      } else if (node.inputs().isEmpty() && node.outputs().size() == 1) {
        types.put(node.output(), stored(node));
      }
    }
  }

  /** Of a graph; an output that nothing coarse reaches is absent. */
  static Map<String, ElementType> of(Graph graph) {
    CoarsestTypes found = new CoarsestTypes(graph, Map.of());
    Map<String, ElementType> coarsest = new HashMap<>();
    for (ValueInfo output : graph.outputs()) {
      ElementType type = found.reaching(output.name());
      if (type != ElementType.DOUBLE) {
        coarsest.put(output.name(), type);
      }
    }
    return coarsest;
  }

  private ElementType reaching(String output) {
    ElementType coarsest = ElementType.DOUBLE;
    Set<Node> seen = new HashSet<>();
    Deque<String> values = new ArrayDeque<>(Set.of(output));
    while (!values.isEmpty()) {
      Node node = producers.get(values.remove());
      if (node != null && seen.add(node)) {
        coarsest = coarser(coarsest, computedIn(node));
        values.addAll(node.inputs());
        node.bodies().forEach(body -> values.addAll(read(body)));
      }
    }
    return coarsest;
  }

  /** All that a body reads, its own values too: those have no producer here. */
  private static Set<String> read(Graph body) {
    Set<String> read = new HashSet<>();
    body.outputs().forEach(output -> read.add(output.name()));
    for (Node node : body.nodes()) {
      read.addAll(node.inputs());
      node.bodies().forEach(inner -> read.addAll(read(inner)));
    }
    return read;
  }

  private ElementType computedIn(Node node) {
    ElementType coarsest = ElementType.DOUBLE;
    if (!Carriers.isOne(node) && !node.op().type().equals("Cast")) {
      for (String input : node.inputs()) {
        coarsest = coarser(coarsest, types.getOrDefault(input, ElementType.DOUBLE));
      }
    }
    for (Graph body : node.bodies()) {
      CoarsestTypes inner = new CoarsestTypes(body, types);
      for (Node nested : body.nodes()) {
        coarsest = coarser(coarsest, inner.computedIn(nested));
      }
    }
    return coarsest;
  }

  private static ElementType stored(Node node) {
    ElementType type = ElementType.DOUBLE;
    for (Attribute attribute : node.attributes().values()) {
      if (attribute instanceof Attribute.TensorValue constant) {
        type = constant.value().type();
      }
    }
    return type;
  }

  private static ElementType coarser(ElementType a, ElementType b) {
    return b.isFoldable() && FloatFormat.of(b).epsilon() > FloatFormat.of(a).epsilon() ? b : a;
  }
}
