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
import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what lies between the inputs and the outputs of sites out of one model, with the constants
 * that it reads.
 */
final class SubgraphExtractor {
  private final ModelGraph model;
  private final Map<List<String>, Scope> scopes = new HashMap<>();

  /** A scope and the ones around it, outermost first. */
  private record Scope(List<ScopeValues> chain, Map<String, Long> opsets) {
    ScopeValues own() {
      return chain.get(chain.size() - 1);
    }
  }

  SubgraphExtractor(ModelGraph model) {
    this.model = model;
  }

  /** The index of a scope. */
  ScopeValues index(List<String> steps) {
    return scope(steps).own();
  }

  private Scope scope(List<String> steps) {
    return scopes.computeIfAbsent(
        steps,
        key -> {
          ScopeLocator.Located located = ScopeLocator.locate(model, key);
          boolean overridable =
              model.irVersion() >= ModelGraph.OVERRIDABLE_INITIALIZERS_SINCE || !key.isEmpty();
          List<ScopeValues> chain = new ArrayList<>();
          located.outer().forEach(graph -> chain.add(ScopeValues.of(graph, overridable)));
          chain.add(ScopeValues.of(located.graph(), overridable));
          return new Scope(chain, located.opsets());
        });
  }

  /**
   * One side of a site.
   *
   * @throws GraphException if the model lacks an output of the site, or reaches beyond its inputs
   *     to compute one
   */
  Subgraph cut(Boundary boundary) {
    Scope scope = scope(boundary.scope());
    Map<Node, Long> kept = new LinkedHashMap<>();
    Map<String, Initializer> constants = new LinkedHashMap<>();
    Deque<String> open = new ArrayDeque<>(boundary.outputs());
    Set<String> seen = new HashSet<>(boundary.inputs());
    while (!open.isEmpty()) {
      String value = open.remove();
      if (!value.isEmpty() && seen.add(value) && !follow(scope, value, kept, constants, open)) {
        throw new GraphException(
            "%s do not follow from %s: nothing there computes '%s'"
                .formatted(boundary.outputs(), boundary.inputs(), value));
      }
    }
    List<Node> nodes = new ArrayList<>(kept.keySet());
    nodes.sort(Comparator.comparingLong(kept::get));
    Graph graph =
        new Graph(
            "site",
            nodes,
            List.copyOf(constants.values()),
            boundary.inputs().stream().map(scope.own()::info).toList(),
            boundary.outputs().stream().map(scope.own()::info).toList());
    return new Subgraph(graph, scope.opsets(), model.functions());
  }

  /** Looks a value up from the inside out. */
  private static boolean follow(
      Scope scope,
      String value,
      Map<Node, Long> kept,
      Map<String, Initializer> constants,
      Deque<String> open) {
    for (int i = scope.chain().size() - 1; i >= 0; i--) {
      ScopeValues index = scope.chain().get(i);
      Node producer = index.producers().get(value);
      if (producer != null) {
        kept.put(producer, ((long) i << 32) + index.positions().getOrDefault(producer.id(), 0));
        open.addAll(producer.inputs());
        return true;
      }
      Initializer constant = index.constants().get(value);
      if (constant != null) {
        constants.put(value, constant);
        return true;
      }
    }
    return false;
  }

  /** The tensor that a name stands for in a scope or one around it; null if it is computed. */
  @Nullable Tensor constant(List<String> steps, String value) {
    List<ScopeValues> chain = scope(steps).chain();
    for (int i = chain.size() - 1; i >= 0; i--) {
      Node producer = chain.get(i).producers().get(value);
      if (producer != null) {
        return OperandDigests.valueOf(producer);
      }
      Initializer constant = chain.get(i).constants().get(value);
      if (constant != null) {
        return constant.tensor();
      }
    }
    return null;
  }

  /** Whether a value is the same in every run. */
  boolean isConstant(List<String> steps, String value) {
    return isConstant(scope(steps), value, new HashMap<>());
  }

  private static boolean isConstant(Scope scope, String value, Map<String, Boolean> known) {
    Boolean before = known.putIfAbsent(value, false);
    if (before != null) {
      return before;
    }
    boolean constant = value.isEmpty() || constantAnywhere(scope, value, known);
    known.put(value, constant);
    return constant;
  }

  private static boolean constantAnywhere(Scope scope, String value, Map<String, Boolean> known) {
    for (int i = scope.chain().size() - 1; i >= 0; i--) {
      ScopeValues index = scope.chain().get(i);
      @Nullable Node producer = index.producers().get(value);
      if (producer != null) {
        return producer.bodies().isEmpty()
            && producer.inputs().stream().allMatch(input -> isConstant(scope, input, known));
      }
      if (index.constants().containsKey(value)) {
        return true;
      }
    }
    return false;
  }
}
