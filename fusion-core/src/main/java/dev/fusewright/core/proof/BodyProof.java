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
import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.reference.ReferenceException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Proves that two bodies compute the same of what they are given and of what they read from the
 * sides around them: each is a side of its own.
 */
final class BodyProof {
  private BodyProof() {}

  /**
   * Whether they are proven to.
   *
   * @param before the side around {@code body}
   * @param after the side around {@code other}
   */
  static boolean agree(Subgraph before, Graph body, Subgraph after, Graph other, long seed) {
    if (!body.sparseInitializers().isEmpty()
        || !other.sparseInitializers().isEmpty()
        || !names(body.inputs()).equals(names(other.inputs()))
        || !names(body.outputs()).equals(names(other.outputs()))) {
      return false;
    }
    Set<String> entering = entering(before, body);
    if (!entering.containsAll(entering(after, other))) {
      return false;
    }
    try {
      ExtentProof proof =
          PairProof.of(side(before, body, entering), side(after, other, entering), seed);
      return proof.isEquivalent() && proof.promised().isEmpty();
    } catch (GraphException | UncertifiableException | ReferenceException e) {
      return false; // Not proven.
    }
  }

  private static List<String> names(List<ValueInfo> values) {
    return values.stream().map(ValueInfo::name).toList();
  }

  private static Set<String> entering(Subgraph outer, Graph body) {
    Set<String> entering = new LinkedHashSet<>(names(body.inputs()));
    Captures.of(body).stream().filter(name -> !outer.isConstant(name)).forEach(entering::add);
    return entering;
  }

  private static Subgraph side(Subgraph outer, Graph body, Set<String> entering) {
    Map<String, Node> producers = new LinkedHashMap<>();
    int id = 0;
    List<Node> nodes = new ArrayList<>(outer.nodes());
    nodes.removeIf(node -> !outer.isConstant(node.output()));
    nodes.addAll(body.nodes());
    for (Node node : nodes) {
      Node numbered = node.withId(id++);
      numbered.outputs().forEach(output -> producers.put(output, numbered));
    }
    Map<String, Initializer> constants = new LinkedHashMap<>();
    outer.graph().initializers().forEach(it -> constants.put(it.name(), it));
    body.initializers().forEach(it -> constants.put(it.name(), it));
    constants.keySet().removeAll(entering);
    Map<String, ValueInfo> infos = new LinkedHashMap<>();
    outer.graph().inputs().forEach(info -> infos.put(info.name(), info));
    body.inputs().forEach(info -> infos.put(info.name(), info));
    return new Subgraph(
        new Graph(
            "site",
            SubgraphExtractor.ordered(producers, names(body.outputs())),
            List.copyOf(constants.values()),
            entering.stream().map(it -> infos.getOrDefault(it, ValueInfo.untyped(it))).toList(),
            body.outputs()),
        outer.opsets(),
        outer.functions(),
        outer.shapes());
  }
}
