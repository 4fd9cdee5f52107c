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

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Invariants of every graph, before and after a fusion: each value and each function is defined
 * once, every value read is defined in its scope or around it, node ids are unique, and no value
 * depends on itself.
 */
public final class GraphInvariants {
  private final Set<Integer> ids = new HashSet<>();

  private GraphInvariants() {}

  /**
   * Checks a whole model, in time linear in its size.
   *
   * @throws GraphException naming the scope and the node or value
   */
  public static void check(ModelGraph model) {
    GraphInvariants check = new GraphInvariants();
    check.scope("graph '" + model.graph().name() + "'", model.graph(), Set.of());
    Set<Signature> functions = new HashSet<>();
    for (Function function : model.functions()) {
      if (!functions.add(new Signature(function.op(), function.overload()))) {
        throw new GraphException("function '%s' is defined twice".formatted(function.op()));
      }
      check.scope("function '" + function.op() + "'", function.body(), Set.of());
    }
  }

  /** What no two functions have in common. */
  private record Signature(OpKind op, String overload) {}

  private void scope(String where, Graph graph, Set<String> outer) {
    Set<String> defined = new HashSet<>();
    graph.inputs().forEach(input -> define(where, input.name(), "input", defined));
    Set<String> constants = new HashSet<>();
    graph
        .initializers()
        .forEach(constant -> define(where, constant.name(), "initializer", constants));
    defined.addAll(constants);
    defined.addAll(graph.sparseInitializers());
    Map<String, Node> producers = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (!ids.add(node.id())) {
        throw new GraphException("%s: two nodes have the id %d".formatted(where, node.id()));
      }
      for (String output : node.outputs()) {
        if (!output.isEmpty()) {
          define(where, output, "output of " + node.label(), defined);
          producers.put(output, node);
        }
      }
    }
    Set<String> visible = outer.isEmpty() ? defined : union(outer, defined);
    for (Node node : graph.nodes()) {
      for (String input : node.inputs()) {
        require(visible, input, where, "node '" + node.label() + "'");
      }
    }
    graph
        .outputs()
        .forEach(output -> require(visible, output.name(), where, "the graph's outputs"));
    acyclic(where, graph, producers);
    for (Node node : graph.nodes()) {
      for (Graph body : node.bodies()) {
        scope(where + ", body of '" + node.label() + "'", body, visible);
      }
    }
  }

  private static Set<String> union(Set<String> outer, Set<String> inner) {
    Set<String> all = new HashSet<>(outer);
    all.addAll(inner);
    return all;
  }

  private static void define(String where, String name, String what, Set<String> defined) {
    if (!defined.add(name)) {
      throw new GraphException(
          "%s: value '%s' is defined twice, the second time as %s".formatted(where, name, what));
    }
  }

  private static void require(Set<String> visible, String name, String where, String reader) {
    if (!name.isEmpty() && !visible.contains(name)) {
      throw new GraphException(
          "%s: %s reads '%s', which nothing defines".formatted(where, reader, name));
    }
  }

  /** Kahn's algorithm: repeatedly takes nodes all of whose producers have been taken. */
  private static void acyclic(String where, Graph graph, Map<String, Node> producers) {
    Map<Integer, Integer> waiting = new HashMap<>();
    Map<Integer, java.util.List<Node>> readers = new HashMap<>();
    Deque<Node> ready = new ArrayDeque<>();
    for (Node node : graph.nodes()) {
      int open = 0;
      Set<String> reads = new HashSet<>(node.inputs());
      reads.addAll(Captures.of(node));
      for (String input : reads) {
        Node producer = producers.get(input);
        if (producer != null) {
          open++;
          readers.computeIfAbsent(producer.id(), id -> new java.util.ArrayList<>()).add(node);
        }
      }
      if (open == 0) {
        ready.add(node);
      } else {
        waiting.put(node.id(), open);
      }
    }
    while (!ready.isEmpty()) {
      Node node = ready.remove();
      for (Node reader : readers.getOrDefault(node.id(), java.util.List.of())) {
        if (waiting.merge(reader.id(), -1, Integer::sum) == 0) {
          waiting.remove(reader.id());
          ready.add(reader);
        }
      }
    }
    if (!waiting.isEmpty()) {
      Node first =
          graph.nodes().stream()
              .filter(node -> waiting.containsKey(node.id()))
              .findFirst()
              .orElseThrow();
      throw new GraphException(
          "%s: node '%s' depends on its own output (a cycle)".formatted(where, first.label()));
    }
  }
}
