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

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/** The order in which each node comes after the nodes that it reads from. */
public final class TopologicalOrder {
  private TopologicalOrder() {}

  /**
   * Nodes of one scope in topological order, and otherwise in their own; empty if one depends on
   * itself.
   *
   * @param given values that are known: what produces them is waited for by nobody
   */
  public static Optional<List<Node>> of(List<Node> nodes, Collection<String> given) {
    Map<String, Integer> producers = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String output : nodes.get(i).outputs()) {
        producers.put(output, i);
      }
    }
    producers.remove("");
    producers.keySet().removeAll(Set.copyOf(given));
    int[] waiting = new int[nodes.size()];
    Map<Integer, List<Integer>> readers = new HashMap<>();
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String value : reads(nodes.get(i))) {
        Integer producer = producers.get(value);
        if (producer != null) {
          waiting[i]++;
          readers.computeIfAbsent(producer, key -> new ArrayList<>()).add(i);
        }
      }
      if (waiting[i] == 0) {
        ready.add(i);
      }
    }
    List<Node> order = new ArrayList<>(nodes.size());
    while (!ready.isEmpty()) {
      int node = ready.remove();
      order.add(nodes.get(node));
      for (int reader : readers.getOrDefault(node, List.of())) {
        if (--waiting[reader] == 0) {
          ready.add(reader);
        }
      }
    }
    return order.size() < nodes.size() ? Optional.empty() : Optional.of(order);
  }

  private static Set<String> reads(Node node) {
    Set<String> reads = new LinkedHashSet<>(node.inputs());
    reads.addAll(Captures.of(node));
    return reads;
  }

  /**
   * A scope with its nodes in topological order; bodies within stay as they are. The scope itself,
   * if it is so already or cannot be.
   */
  public static Graph of(Graph graph) {
    return of(graph.nodes(), Set.of())
        .filter(order -> !order.equals(graph.nodes()))
        .map(
            order ->
                new Graph(
                    graph.name(),
                    order,
                    graph.initializers(),
                    graph.inputs(),
                    graph.outputs(),
                    graph.valueInfos(),
                    graph.annotations(),
                    graph.sparseInitializers()))
        .orElse(graph);
  }

  /** Whether all scopes of a model list their nodes in topological order. */
  public static boolean isKeptBy(ModelGraph model) {
    return isKeptBy(model.graph())
        && model.functions().stream().allMatch(function -> isKeptBy(function.body()));
  }

  private static boolean isKeptBy(Graph graph) {
    return of(graph) == graph
        && graph.nodes().stream()
            .flatMap(node -> node.bodies().stream())
            .allMatch(TopologicalOrder::isKeptBy);
  }
}
