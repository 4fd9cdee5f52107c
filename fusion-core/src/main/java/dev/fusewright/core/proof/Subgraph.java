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

import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceEvaluator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * One side of a site: a small graph of its own, with the nodes and constants that it needs.
 *
 * @param graph its inputs are the values that come from outside the site, its outputs those that
 *     are read there
 * @param opsets of the scope that it was cut from
 * @param functions that its nodes may call
 */
record Subgraph(Graph graph, Map<String, Long> opsets, List<Function> functions) {

  /** What the nodes make of the given values; those may be any, and are not computed anew. */
  Map<String, NdArray> evaluate(Map<String, NdArray> given, Set<String> wanted) {
    return new ReferenceEvaluator(opsets, functions).values(graph, given, wanted);
  }

  /** The value of one constant. */
  NdArray constant(String name) {
    return Objects.requireNonNull(evaluate(Map.of(), Set.of(name)).get(name));
  }

  List<String> outputs() {
    return graph.outputs().stream().map(ValueInfo::name).toList();
  }

  List<String> inputs() {
    return graph.inputs().stream().map(ValueInfo::name).toList();
  }

  /** How many nodes read a value, or one more if it leaves the side. */
  long readers(String value) {
    return nodes().stream().filter(node -> node.inputs().contains(value)).count()
        + (outputs().contains(value) ? 1 : 0);
  }

  List<Node> nodes() {
    return graph.nodes();
  }
}
