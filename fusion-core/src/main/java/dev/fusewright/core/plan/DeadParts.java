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
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Removes what an edit left without readers: nodes and initializers that were read before and no
 * longer are, or that one fusion put in and the next made superfluous, and the types and
 * annotations of values that no longer exist. What nobody read in the first place is not ours to
 * judge. What is a graph input keeps its default; where initializers have to be listed among the
 * inputs, the input goes with its initializer.
 */
final class DeadParts {
  private final Graph before;
  private final Graph after;
  private final ConstantInputs constantInputs;
  private final Map<String, Integer> reads;

  /** What nobody read in the first place. */
  private final Set<String> idleBefore;

  /** What becomes of an input that is an initializer too and that nobody reads any more. */
  enum ConstantInputs {
    /** It stays: callers may give another value for it. */
    STAY,
    /** It goes: up to IR version 3 each initializer is an input, and this is all that it is. */
    GO
  }

  private DeadParts(Graph before, Graph after, ConstantInputs constantInputs) {
    this.before = before;
    this.after = after;
    this.constantInputs = constantInputs;
    this.reads = reads(after);
    this.idleBefore = values(before);
    before.inputs().forEach(input -> idleBefore.add(input.name()));
    idleBefore.removeAll(reads(before).keySet());
  }

  static Graph remove(Graph before, Graph after, ConstantInputs constantInputs) {
    return new DeadParts(before, after, constantInputs).result();
  }

  private static Map<String, Integer> reads(Graph graph) {
    Map<String, Integer> reads = new HashMap<>();
    for (Node node : graph.nodes()) {
      reads(node).forEach(name -> reads.merge(name, 1, Integer::sum));
    }
    graph.outputs().forEach(output -> reads.merge(output.name(), 1, Integer::sum));
    return reads;
  }

  /** Each value once, however often the node reads it. */
  private static Set<String> reads(Node node) {
    Set<String> names = new LinkedHashSet<>(node.inputs());
    names.addAll(Captures.of(node));
    names.remove("");
    return names;
  }

  private Graph result() {
    Set<Integer> dead = deadNodes();
    List<Node> nodes = after.nodes().stream().filter(node -> !dead.contains(node.id())).toList();
    List<ValueInfo> open =
        switch (constantInputs) {
          case STAY -> after.inputs();
          case GO -> withoutUnread();
        };
    Set<String> inputs = new HashSet<>();
    open.forEach(input -> inputs.add(input.name()));
    var initializers =
        after.initializers().stream()
            .filter(
                constant ->
                    reads.containsKey(constant.name())
                        || idleBefore.contains(constant.name())
                        || inputs.contains(constant.name()))
            .toList();
    Set<String> gone = values(before);
    Set<String> defined = new HashSet<>(inputs);
    nodes.forEach(node -> defined.addAll(node.outputs()));
    initializers.forEach(constant -> defined.add(constant.name()));
    gone.removeAll(defined);
    List<ValueInfo> valueInfos =
        after.valueInfos().stream().filter(info -> !gone.contains(info.name())).toList();
    List<String> annotations =
        after.annotations().stream().filter(name -> !gone.contains(name)).toList();
    return new Graph(
        after.name(),
        nodes,
        initializers,
        open,
        after.outputs(),
        valueInfos,
        annotations,
        after.sparseInitializers());
  }

  /** The inputs, without those with an initializer that are no longer read. */
  private List<ValueInfo> withoutUnread() {
    Set<String> constants = new HashSet<>();
    after.initializers().forEach(constant -> constants.add(constant.name()));
    return after.inputs().stream()
        .filter(
            input ->
                reads.containsKey(input.name())
                    || idleBefore.contains(input.name())
                    || !constants.contains(input.name()))
        .toList();
  }

  private static Set<String> values(Graph graph) {
    Set<String> values = new HashSet<>();
    graph.nodes().forEach(node -> values.addAll(node.outputs()));
    graph.initializers().forEach(constant -> values.add(constant.name()));
    return values;
  }

  private Set<Integer> deadNodes() {
    Map<String, Node> producers = new HashMap<>();
    Deque<Node> suspects = new ArrayDeque<>();
    for (Node node : after.nodes()) {
      node.outputs().forEach(output -> producers.put(output, node));
      suspects.add(node);
    }
    Set<Integer> dead = new HashSet<>();
    while (!suspects.isEmpty()) {
      Node node = suspects.remove();
      if (dead.contains(node.id()) || !isUnread(node) || wasIdle(node)) {
        continue;
      }
      dead.add(node.id());
      for (String input : reads(node)) {
        if (reads.merge(input, -1, Integer::sum) == 0) {
          reads.remove(input);
          Node producer = producers.get(input);
          if (producer != null) {
            suspects.add(producer);
          }
        }
      }
    }
    return dead;
  }

  private boolean isUnread(Node node) {
    return node.outputs().stream().noneMatch(reads::containsKey);
  }

  private boolean wasIdle(Node node) {
    return idleBefore.containsAll(node.outputs());
  }
}
