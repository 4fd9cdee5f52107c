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

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.KernelDomains;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * One side of a site with the bodies of functions in the place of calls, so that what a call
 * computes can be compared with what stands in its place. A call that would not mean the same
 * inline, since its function has other operator sets, attributes that the call passes, bodies, or a
 * kernel that is run instead, stays a call.
 */
final class FunctionExpansion {
  private static final int MOST_NODES = 100_000;

  private final Subgraph side;
  private final Map<OpKind, Function> functions;
  private final Set<String> taken = new HashSet<>();
  private final Map<String, Node> producers = new LinkedHashMap<>();
  private int nodes;

  private FunctionExpansion(Subgraph side) {
    this.side = side;
    this.functions = Function.byOperator(side.functions());
    for (Node node : side.nodes()) {
      taken.addAll(node.inputs());
      taken.addAll(node.outputs());
    }
    taken.addAll(side.inputs());
    side.graph().initializers().forEach(constant -> taken.add(constant.name()));
  }

  /** The sides as they are where they call the same functions as often. */
  static Pair of(Subgraph before, Subgraph after) {
    return calls(before).equals(calls(after))
        ? new Pair(before, after)
        : new Pair(expanded(before), expanded(after));
  }

  /** Both sides with all calls expanded; empty where there is none. */
  static Optional<Pair> complete(Subgraph before, Subgraph after) {
    return calls(before).isEmpty() && calls(after).isEmpty()
        ? Optional.empty()
        : Optional.of(new Pair(expanded(before), expanded(after)));
  }

  /** Two sides of a site. */
  record Pair(Subgraph before, Subgraph after) {}

  private static Map<OpKind, Integer> calls(Subgraph side) {
    Set<OpKind> functions = Function.byOperator(side.functions()).keySet();
    Map<OpKind, Integer> calls = new HashMap<>();
    for (Node node : side.nodes()) {
      if (functions.contains(node.op())) {
        calls.merge(node.op(), 1, Integer::sum);
      }
    }
    return calls;
  }

  private static Subgraph expanded(Subgraph side) {
    FunctionExpansion expansion = new FunctionExpansion(side);
    side.nodes().forEach(node -> expansion.add(node, Set.of()));
    Graph graph = side.graph();
    return new Subgraph(
        new Graph(
            graph.name(),
            SubgraphExtractor.ordered(expansion.producers, side.outputs()),
            graph.initializers(),
            graph.inputs(),
            graph.outputs()),
        side.opsets(),
        side.functions(),
        side.shapes());
  }

  private void add(Node node, Set<OpKind> callers) {
    Function function = functions.get(node.op());
    if (function == null || callers.contains(node.op()) || !isPlain(function, node)) {
      Node numbered = node.withId(nodes++);
      numbered.outputs().forEach(output -> producers.put(output, numbered));
      return;
    }
    if (nodes > MOST_NODES) {
      throw new UncertifiableException("the functions that it calls are too large to look into");
    }
    Set<OpKind> inner = new HashSet<>(callers);
    inner.add(node.op());
    Map<String, String> names = new HashMap<>();
    for (int i = 0; i < function.body().inputs().size(); i++) {
      names.put(function.body().inputs().get(i).name(), node.input(i));
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      if (!node.outputs().get(i).isEmpty()) {
        names.put(function.body().outputs().get(i).name(), node.outputs().get(i));
      }
    }
    for (Node part : function.body().nodes()) {
      add(
          part.withName(node.label() + "/" + part.label())
              .withInputs(part.inputs().stream().map(name -> named(name, names)).toList())
              .withOutputs(part.outputs().stream().map(name -> named(name, names)).toList()),
          inner);
    }
  }

  private String named(String name, Map<String, String> names) {
    return name.isEmpty() ? "" : names.computeIfAbsent(name, this::free);
  }

  private String free(String wanted) {
    String name = wanted;
    for (int i = 1; !taken.add(name); i++) {
      name = wanted + "/" + i;
    }
    return name;
  }

  private boolean isPlain(Function function, Node call) {
    List<String> computed = new ArrayList<>();
    for (Node node : function.body().nodes()) {
      computed.addAll(node.outputs());
      String domain = node.op().domain();
      Long version = side.opsets().get(domain);
      boolean isHidden =
          node.attributes().values().stream()
              .anyMatch(
                  attribute ->
                      attribute instanceof Attribute.Reference
                          || attribute instanceof Attribute.Body
                          || attribute instanceof Attribute.Bodies);
      if (version == null || !Objects.equals(version, function.opsets().get(domain)) || isHidden) {
        return false;
      }
    }
    return !KernelDomains.contains(function.op().domain())
        && call.inputs().size() <= function.body().inputs().size()
        && call.outputs().size() <= function.body().outputs().size()
        && function.body().outputs().stream().allMatch(output -> computed.contains(output.name()));
  }
}
