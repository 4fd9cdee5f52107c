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
package dev.fusewright.core.plan;

import dev.fusewright.core.graph.Captures;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Leaves out arguments of calls that the function no longer reads, so that parameters which were
 * folded into its body go from where they came from. The function keeps its signature: an argument
 * that is left out is an absent input.
 */
final class UnusedArguments {
  private final Map<OpKind, Set<Integer>> unused = new HashMap<>();

  /** Notes which inputs the function read before and reads no longer. */
  void compare(Function before, Function after) {
    Set<String> lost = reads(before.body());
    lost.removeAll(reads(after.body()));
    Set<Integer> indices = new HashSet<>();
    for (int i = 0; i < before.body().inputs().size(); i++) {
      if (lost.contains(before.body().inputs().get(i).name())) {
        indices.add(i);
      }
    }
    // With overloads a call does not say which of them it means: all must agree.
    unused.merge(
        before.op(),
        indices,
        (others, own) -> {
          others.retainAll(own);
          return others;
        });
  }

  private static Set<String> reads(Graph graph) {
    Set<String> reads = new HashSet<>();
    for (Node node : graph.nodes()) {
      reads.addAll(node.inputs());
      reads.addAll(Captures.of(node));
    }
    graph.outputs().forEach(output -> reads.add(output.name()));
    return reads;
  }

  /** The call without what its function no longer reads; any other node as it is. */
  Node leaveOut(Node node) {
    Set<Integer> indices = unused.getOrDefault(node.op(), Set.of());
    if (indices.isEmpty()) {
      return node;
    }
    List<String> inputs = new ArrayList<>(node.inputs());
    for (int index : indices) {
      if (index < inputs.size()) {
        inputs.set(index, "");
      }
    }
    while (!inputs.isEmpty() && inputs.get(inputs.size() - 1).isEmpty()) {
      inputs.remove(inputs.size() - 1);
    }
    return inputs.equals(node.inputs()) ? node : node.withInputs(inputs);
  }
}
