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
package dev.fusewright.pipeline.model;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.proof.RecordedFusion;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The parameters that no fusion of a report reads. The digest of a model's file says nothing of
 * those that lie in data files beside it.
 */
final class BetweenSites {
  private static final int PASSES = 8;

  private BetweenSites() {}

  /**
   * The first parameter that both main graphs have, that no fusion reads, not even by way of what
   * is computed of constants, and that has other values in the candidate. Nothing is said where a
   * fusion lies in a body or a function, which may read what it does not name.
   */
  static Optional<String> difference(
      Graph original, Graph candidate, List<RecordedFusion> fusions) {
    if (fusions.stream().anyMatch(fusion -> !fusion.scope().isEmpty())) {
      return Optional.empty();
    }
    Set<String> read = read(original, fusions);
    Map<String, Tensor> before = new HashMap<>();
    for (Initializer initializer : original.initializers()) {
      if (!read.contains(initializer.name())) {
        before.put(initializer.name(), initializer.tensor());
      }
    }
    for (Initializer initializer : candidate.initializers()) {
      Tensor was = before.get(initializer.name());
      if (was != null && was.type().bits() > 0 && !isSame(was, initializer.tensor())) {
        return Optional.of(initializer.name());
      }
    }
    return Optional.empty();
  }

  private static boolean isSame(Tensor one, Tensor other) {
    return one.type() == other.type()
        && one.shape().equals(other.shape())
        && Tensors.areEqual(one, other);
  }

  /** What the fusions' nodes read, and what the nodes read that compute of constants alone. */
  private static Set<String> read(Graph graph, List<RecordedFusion> fusions) {
    Set<String> sites = new HashSet<>();
    fusions.forEach(fusion -> sites.addAll(fusion.nodes()));
    Set<String> constants = new HashSet<>();
    graph.initializers().forEach(initializer -> constants.add(initializer.name()));
    Set<String> read = new HashSet<>();
    // An input that is left out is as good as a constant.
    constants.add("");
    boolean grows = true;
    // Nodes may stand in any order. Where that hides a constant, too much is compared, not too
    // little.
    for (int pass = 0; grows && pass < PASSES; pass++) {
      grows = false;
      for (Node node : graph.nodes()) {
        if (sites.contains(node.label()) || constants.containsAll(node.inputs())) {
          read.addAll(node.inputs());
          grows |= !sites.contains(node.label()) && constants.addAll(node.outputs());
        }
      }
    }
    return read;
  }
}
