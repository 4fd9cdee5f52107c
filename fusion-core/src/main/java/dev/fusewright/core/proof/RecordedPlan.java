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
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fusions of a report as a plan again: the nodes of the original that each names, without its
 * edits.
 */
final class RecordedPlan {
  /** Rules that remove a node from the data's way: it is their readers that change. */
  private static final Set<String> PASSED =
      Set.of("identity", "dropout", "mul-one", "add-zero", "unsqueeze-squeeze");

  private RecordedPlan() {}

  static List<Fusion> fusions(ModelGraph original, List<RecordedFusion> recorded) {
    Map<String, Map<String, Node>> scopes = new HashMap<>();
    List<Fusion> fusions = new ArrayList<>();
    for (RecordedFusion fusion : recorded) {
      ScopePath path = new ScopePath(fusion.scope());
      Graph graph = ScopeLocator.locate(original, ScopeLocator.steps(original, path)).graph();
      Map<String, Node> labels =
          scopes.computeIfAbsent(
              fusion.scope(),
              scope -> {
                Map<String, Node> byLabel = new HashMap<>();
                graph.nodes().forEach(node -> byLabel.put(node.label(), node));
                return byLabel;
              });
      Set<Integer> ids = new LinkedHashSet<>();
      for (String label : fusion.nodes()) {
        Node node = labels.get(label);
        if (node == null) {
          throw new GraphException(
              "the original has no node '%s', which the report says was fused".formatted(label));
        }
        ids.add(node.id());
        if (PASSED.contains(fusion.rule())) {
          graph.nodes().stream()
              .filter(reader -> reader.inputs().stream().anyMatch(node.outputs()::contains))
              .forEach(reader -> ids.add(reader.id()));
        }
      }
      fusions.add(fusion(fusions.size(), fusion, path, ids));
    }
    return fusions;
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
