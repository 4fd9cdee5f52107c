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

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.TopologicalOrder;
import dev.fusewright.core.graph.ValueInfo;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Outputs that follow from what the model stores alone: they are the same on every input, and one
 * look at them is all there is.
 */
final class ConstantOutputs {
  private ConstantOutputs() {}

  /** Of a graph; what passes chance, a body, a function or another domain is none. */
  static Set<String> of(Graph graph) {
    Set<String> open =
        graph.inputs().stream().map(ValueInfo::name).collect(Collectors.toCollection(HashSet::new));
    Set<String> known = new HashSet<>(open);
    graph.initializers().forEach(initializer -> known.add(initializer.name()));
    List<Node> ordered = TopologicalOrder.of(graph.nodes(), known).orElse(List.of());
    for (Node node : ordered) {
      if (node.mayVary() || node.inputs().stream().anyMatch(open::contains)) {
        open.addAll(node.outputs());
      }
      known.addAll(node.outputs());
    }
    return graph.outputs().stream()
        .map(ValueInfo::name)
        .filter(name -> known.contains(name) && !open.contains(name))
        .collect(Collectors.toSet());
  }
}
