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

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The values of one scope by name.
 *
 * @param positions of nodes in the scope, by id
 * @param constants initializers that no caller can override
 */
record ScopeValues(
    Map<String, Node> producers,
    Map<Integer, Integer> positions,
    Map<String, Initializer> constants,
    Map<String, ValueInfo> infos,
    Set<String> inputs) {

  static ScopeValues of(Graph graph, boolean overridable) {
    Map<String, Node> producers = new HashMap<>();
    Map<Integer, Integer> positions = new HashMap<>();
    for (Node node : graph.nodes()) {
      positions.put(node.id(), positions.size());
      node.outputs().forEach(output -> producers.put(output, node));
    }
    Map<String, ValueInfo> infos = new HashMap<>();
    graph.valueInfos().forEach(info -> infos.put(info.name(), info));
    graph.outputs().forEach(info -> infos.put(info.name(), info));
    Set<String> inputs = new HashSet<>();
    for (ValueInfo input : graph.inputs()) {
      infos.put(input.name(), input);
      inputs.add(input.name());
    }
    Map<String, Initializer> constants = new HashMap<>();
    for (Initializer constant : graph.initializers()) {
      if (!overridable || !inputs.contains(constant.name())) {
        constants.put(constant.name(), constant);
      }
    }
    return new ScopeValues(producers, positions, constants, infos, inputs);
  }

  /** This scope, where some of its inputs are known to be constant. */
  ScopeValues with(Map<String, Initializer> arguments) {
    Map<String, Initializer> all = new HashMap<>(constants);
    arguments.forEach(all::putIfAbsent);
    return new ScopeValues(producers, positions, all, infos, inputs);
  }

  /** Whether this scope defines the value, not one around it. */
  boolean defines(String value) {
    return producers.containsKey(value) || inputs.contains(value) || constants.containsKey(value);
  }

  ValueInfo info(String value) {
    return infos.getOrDefault(value, ValueInfo.untyped(value));
  }
}
