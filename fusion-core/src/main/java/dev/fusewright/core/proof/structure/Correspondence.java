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
package dev.fusewright.core.proof.structure;

import dev.fusewright.core.graph.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What of the first model stands for what of the second, in one scope. */
final class Correspondence {
  private final Map<String, String> names = new HashMap<>();
  private final Map<Integer, Integer> seconds = new HashMap<>();
  private final Map<Integer, Integer> firsts = new HashMap<>();
  private final Set<Integer> nodes = new HashSet<>();
  private final Set<String> parameters = new HashSet<>();
  private final List<NearParameters> near = new ArrayList<>();
  private Difference difference = Difference.NONE;

  void nodes(Node first, Node second) {
    nodes.add(first.id());
    for (int i = 0; i < Math.min(first.outputs().size(), second.outputs().size()); i++) {
      names.putIfAbsent(second.outputs().get(i), first.outputs().get(i));
    }
    if (first.mayVary()) {
      Integer before = seconds.putIfAbsent(first.id(), second.id());
      Integer after = firsts.putIfAbsent(second.id(), first.id());
      if ((before != null && before != second.id()) || (after != null && after != first.id())) {
        difference =
            Difference.of(
                "one %s stands for several, which may answer differently: '%s' and '%s'",
                first.op(), first.label(), second.label());
      }
    }
  }

  void parameter(String first) {
    parameters.add(first);
  }

  void near(NearParameters parameters) {
    if (!near.contains(parameters)) {
      near.add(parameters);
    }
  }

  /** Whether something stands for two that may answer differently. */
  Difference difference() {
    return Objects.requireNonNull(difference);
  }

  int nodeCount() {
    return nodes.size();
  }

  int parameterCount() {
    return parameters.size();
  }

  List<NearParameters> near() {
    return List.copyOf(near);
  }

  /** Names of values of the second model, and what the first model calls them. */
  Map<String, String> names() {
    return Map.copyOf(names);
  }
}
