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

import dev.fusewright.core.graph.Captures;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Consumers of the values of a scope, by node id. */
record Readers(Map<Integer, Node> byId, Map<String, Set<Integer>> readers, Set<String> outputs) {

  static Readers of(Graph graph) {
    Map<Integer, Node> byId = new HashMap<>();
    Map<String, Set<Integer>> readers = new HashMap<>();
    for (Node node : graph.nodes()) {
      byId.put(node.id(), node);
      Set<String> read = new HashSet<>(node.inputs());
      read.addAll(Captures.of(node));
      read.forEach(value -> readers.computeIfAbsent(value, key -> new HashSet<>()).add(node.id()));
    }
    return new Readers(
        byId, readers, graph.outputs().stream().map(ValueInfo::name).collect(Collectors.toSet()));
  }

  /** Whether a node not in {@code ids} reads the value, or the scope gives it out. */
  boolean isReadOutside(String value, Set<Integer> ids) {
    return outputs.contains(value) || !ids.containsAll(readers.getOrDefault(value, Set.of()));
  }
}
