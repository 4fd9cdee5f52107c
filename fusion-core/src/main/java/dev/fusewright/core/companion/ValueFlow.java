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
package dev.fusewright.core.companion;

import dev.fusewright.core.graph.Captures;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who makes and who reads each value of a graph; a node also reads what its bodies do.
 *
 * @param producers by value
 * @param readers by value, one for each time
 * @param outputs of the graph
 */
record ValueFlow(
    Map<String, Node> producers, Map<String, List<Node>> readers, Set<String> outputs) {

  static ValueFlow of(Graph graph) {
    Map<String, Node> producers = new HashMap<>();
    Map<String, List<Node>> readers = new HashMap<>();
    for (Node node : graph.nodes()) {
      node.outputs().forEach(output -> producers.put(output, node));
      List<String> read = new ArrayList<>(node.inputs());
      read.addAll(Captures.of(node));
      read.forEach(value -> readers.computeIfAbsent(value, absent -> new ArrayList<>()).add(node));
    }
    Set<String> outputs = new HashSet<>();
    graph.outputs().stream().map(ValueInfo::name).forEach(outputs::add);
    return new ValueFlow(producers, readers, outputs);
  }

  @Nullable Node producer(String value) {
    return producers.get(value);
  }

  List<Node> readersOf(String value) {
    return readers.getOrDefault(value, List.of());
  }

  boolean isOutput(String value) {
    return outputs.contains(value);
  }

  /** Whether nobody but one node, once, has any use for a value. */
  boolean isReadOnce(String value) {
    return readersOf(value).size() == 1 && !isOutput(value);
  }
}
