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
package dev.fusewright.core.modules;

import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.graph.Node;
import java.util.List;

/**
 * Modules that are to be fused, at one of their calls: each alone feeds the next.
 *
 * @param graph as it is now
 * @param names as the list gives them
 * @param types what the modules are now, for example {@code Conv2d}
 * @param calls one for each module; their nodes are in {@code graph}
 */
public record ModuleSequence(
    GraphView graph, List<String> names, List<String> types, List<ModuleCall> calls) {
  /** Copies the lists. */
  public ModuleSequence {
    names = List.copyOf(names);
    types = List.copyOf(types);
    calls = List.copyOf(calls);
  }

  /** All nodes, in data order. */
  public List<Node> nodes() {
    return calls.stream().flatMap(call -> call.nodes().stream()).toList();
  }

  /** The node that gives the sequence's output. */
  public Node last() {
    return calls.get(calls.size() - 1).last();
  }

  /** The sequence of the first modules. */
  ModuleSequence head(int count) {
    return new ModuleSequence(
        graph, names.subList(0, count), types.subList(0, count), calls.subList(0, count));
  }
}
