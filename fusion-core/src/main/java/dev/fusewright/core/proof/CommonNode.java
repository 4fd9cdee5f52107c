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
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Both sides of a site without a node that is the same on both, but for the names of its results: a
 * fold that moves the name of an output renames the node before, whatever that computes, and of
 * what. Its results enter the site instead of what it reads.
 *
 * <p>The node is one of ONNX's own operators, and reads only what enters both sides.
 */
record CommonNode(Subgraph before, Subgraph after) {

  /** Without the first such node; empty if there is none. */
  static Optional<CommonNode> removed(Subgraph before, Subgraph after) {
    for (Node node : before.nodes()) {
      for (Node other : after.nodes()) {
        if (isSame(node, other)
            && before.inputs().containsAll(node.inputs())
            && after.inputs().containsAll(node.inputs())
            && isFree(node, other, after)) {
          return Optional.of(without(node, before, other, after));
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isSame(Node a, Node b) {
    return a.op().domain().isEmpty()
        && a.op().equals(b.op())
        && a.attributes().equals(b.attributes())
        && a.inputs().equals(b.inputs())
        && a.outputs().size() == b.outputs().size()
        && !a.outputs().contains("")
        && !b.outputs().contains("");
  }

  /** Whether nothing else of the other side has the name of a result. */
  private static boolean isFree(Node node, Node other, Subgraph after) {
    return after.nodes().stream()
        .filter(further -> further != other)
        .noneMatch(
            further ->
                further.outputs().stream().anyMatch(node.outputs()::contains)
                    || further.inputs().stream()
                        .anyMatch(
                            it -> node.outputs().contains(it) && !other.outputs().contains(it)));
  }

  private static CommonNode without(Node node, Subgraph before, Node other, Subgraph after) {
    List<Node> rest = new ArrayList<>(before.nodes());
    rest.remove(node);
    List<Node> renaming = new ArrayList<>();
    for (int i = 0; i < node.outputs().size(); i++) {
      String from = node.outputs().get(i);
      String to = other.outputs().get(i);
      if (!from.equals(to)) {
        renaming.add(
            new Node(
                -1 - i,
                "",
                OpKind.IDENTITY,
                List.of(from),
                List.of(to),
                Map.of()));
      }
    }
    renaming.addAll(after.nodes());
    renaming.remove(other);
    Set<String> read = new TreeSet<>(before.outputs());
    rest.forEach(it -> read.addAll(it.inputs()));
    renaming.forEach(it -> read.addAll(it.inputs()));
    List<String> inputs = new ArrayList<>(before.inputs());
    inputs.removeIf(input -> !read.contains(input));
    inputs.addAll(node.outputs());
    return new CommonNode(side(before, rest, inputs), side(after, renaming, inputs));
  }

  private static Subgraph side(Subgraph whole, List<Node> nodes, List<String> inputs) {
    Graph graph = whole.graph();
    List<ValueInfo> infos = new ArrayList<>();
    for (String input : inputs) {
      infos.add(
          graph.inputs().stream()
              .filter(info -> info.name().equals(input))
              .findFirst()
              .orElse(ValueInfo.untyped(input)));
    }
    return new Subgraph(
        new Graph(graph.name(), nodes, graph.initializers(), infos, graph.outputs()),
        whole.opsets(),
        whole.functions(),
        whole.shapes());
  }
}
