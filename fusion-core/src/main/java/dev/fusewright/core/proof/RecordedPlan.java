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
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.ScopePath;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The fusions of a report as a plan again: the nodes of the original that each names, without its
 * edits.
 *
 * <p>A node that the original does not have was made by an earlier fusion, on which this one
 * builds: it stands for the nodes of that one, and both are one site. Which one it was need not be
 * known for sure: a site that was put together wrongly is not proven.
 */
final class RecordedPlan {
  /** Rules that remove a node from the data's way: it is their readers that change. */
  private static final Set<String> PASSED =
      Set.of("identity", "dropout", "mul-one", "add-zero", "unsqueeze-squeeze");

  /** Between the operator and the output, in the label of a node without a name. */
  private static final String ARROW = "→";

  /** The rule that puts the body of a function in the place of a call. */
  private static final String INLINED = "inline-call";

  /** Between the label of a call and that of a node of the function, where the call is inlined. */
  private static final String WITHIN = "/";

  private final ModelGraph original;
  private final Map<String, Scope> scopes = new HashMap<>();
  private final List<Fusion> fusions = new ArrayList<>();

  /** The nodes of a scope. */
  private record Scope(Graph graph, Map<String, Node> byLabel, Map<Integer, Node> byId) {
    static Scope of(Graph graph) {
      Map<String, Node> byLabel = new HashMap<>();
      Map<Integer, Node> byId = new HashMap<>();
      for (Node node : graph.nodes()) {
        byLabel.put(node.label(), node);
        byId.put(node.id(), node);
      }
      return new Scope(graph, byLabel, byId);
    }

    Set<String> outputs(Set<Integer> ids) {
      Set<String> values = new HashSet<>();
      ids.forEach(id -> values.addAll(node(id).outputs()));
      return values;
    }

    Set<String> inputs(Set<Integer> ids) {
      Set<String> values = new HashSet<>();
      ids.forEach(id -> values.addAll(node(id).inputs()));
      return values;
    }

    private Node node(int id) {
      Node node = byId.get(id);
      if (node == null) {
        throw new IllegalStateException("no node has the id " + id);
      }
      return node;
    }
  }

  private RecordedPlan(ModelGraph original) {
    this.original = original;
  }

  /**
   * The plan of a report.
   *
   * @throws GraphException if the original has no such scope or node, and no earlier fusion can
   *     have made it
   */
  static List<Fusion> fusions(ModelGraph original, List<RecordedFusion> recorded) {
    RecordedPlan plan = new RecordedPlan(original);
    recorded.forEach(plan::add);
    return plan.fusions;
  }

  private void add(RecordedFusion recorded) {
    ScopePath path = new ScopePath(recorded.scope());
    Scope scope = scopes.computeIfAbsent(recorded.scope(), name -> scope(path));
    Set<Integer> ids = new LinkedHashSet<>();
    List<String> made = new ArrayList<>();
    for (String label : recorded.nodes()) {
      Node node = scope.byLabel().get(label);
      if (node == null) {
        made.add(label);
        continue;
      }
      ids.add(node.id());
      if (PASSED.contains(recorded.rule())) {
        scope.graph().nodes().stream()
            .filter(reader -> reader.inputs().stream().anyMatch(node.outputs()::contains))
            .forEach(reader -> ids.add(reader.id()));
      }
    }
    Set<Integer> all = new LinkedHashSet<>(ids);
    made.forEach(label -> all.addAll(maker(label, ids, scope, path).nodeIds()));
    fusions.add(fusion(fusions.size(), recorded, path, all));
  }

  private Scope scope(ScopePath path) {
    return Scope.of(ScopeLocator.locate(original, ScopeLocator.steps(original, path)).graph());
  }

  /** The earlier fusion that made a node: what it took the place of, or is next to, tells it. */
  private Fusion maker(String label, Set<Integer> known, Scope scope, ScopePath path) {
    for (Fusion earlier : fusions) {
      if (earlier.rule().equals(INLINED)
          && earlier.scope().equals(path)
          && label.startsWith(earlier.nodes().get(0) + WITHIN)) {
        return earlier;
      }
    }
    String output = label.substring(label.lastIndexOf(ARROW) + 1);
    List<Predicate<Set<Integer>>> hints =
        List.of(
            ids -> scope.outputs(ids).contains(output),
            ids -> !Collections.disjoint(ids, known),
            ids ->
                !Collections.disjoint(scope.outputs(ids), scope.inputs(known))
                    || !Collections.disjoint(scope.inputs(ids), scope.outputs(known)));
    for (Predicate<Set<Integer>> hint : hints) {
      for (int i = fusions.size() - 1; i >= 0; i--) {
        Fusion earlier = fusions.get(i);
        if (earlier.scope().equals(path) && hint.test(Set.copyOf(earlier.nodeIds()))) {
          return earlier;
        }
      }
    }
    throw new GraphException(
        "the original has no node '%s', which the report says was fused, and no earlier fusion of the report can have made it"
            .formatted(label));
  }

  private static Fusion fusion(int id, RecordedFusion recorded, ScopePath path, Set<Integer> ids) {
    Set<String> touched = new LinkedHashSet<>();
    ids.forEach(node -> touched.add("node " + node));
    return new Fusion(
        id,
        recorded.rule(),
        "",
        path,
        recorded.nodes(),
        List.copyOf(ids),
        "",
        Fusion.Result.FOLDED,
        List.of(),
        touched,
        List.of());
  }
}
