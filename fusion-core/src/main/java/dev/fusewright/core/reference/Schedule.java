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
package dev.fusewright.core.reference;

import dev.fusewright.core.graph.Captures;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.TopologicalOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Evaluation order of the nodes that some values of a scope need, and the number of reads of each
 * value.
 *
 * @param nodes each after the nodes it reads from, otherwise in file order
 * @param reads by value: how many of the nodes read it, and one more if it is wanted
 */
record Schedule(List<Node> nodes, Map<String, Integer> reads) {

  /**
   * The least work that yields the wanted values.
   *
   * @param given values that are known: what produces them is not looked at
   * @throws GraphException if a value depends on itself
   */
  static Schedule of(Graph graph, Set<String> given, Collection<String> wanted) {
    Map<String, Integer> producers = new HashMap<>();
    List<Set<String>> inputs = new ArrayList<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node node = graph.nodes().get(i);
      for (String output : node.outputs()) {
        if (!output.isEmpty() && !given.contains(output)) {
          producers.put(output, i);
        }
      }
      Set<String> read = new LinkedHashSet<>(node.inputs());
      read.addAll(Captures.of(node));
      read.remove("");
      inputs.add(read);
    }
    Set<Integer> needed = needed(producers, inputs, wanted);
    Map<String, Integer> reads = new HashMap<>();
    wanted.forEach(value -> reads.merge(value, 1, Integer::sum));
    for (int node : needed) {
      inputs.get(node).forEach(value -> reads.merge(value, 1, Integer::sum));
    }
    List<Node> order =
        TopologicalOrder.of(needed.stream().sorted().map(graph.nodes()::get).toList(), given)
            .orElseThrow(
                () ->
                    new GraphException(
                        "graph '%s': a node depends on its own output (a cycle)"
                            .formatted(graph.name())));
    return new Schedule(order, reads);
  }

  private static Set<Integer> needed(
      Map<String, Integer> producers, List<Set<String>> inputs, Collection<String> wanted) {
    Set<Integer> needed = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(wanted);
    while (!open.isEmpty()) {
      Integer producer = producers.get(open.pop());
      if (producer != null && needed.add(producer)) {
        inputs.get(producer).forEach(open::push);
      }
    }
    return needed;
  }
}
