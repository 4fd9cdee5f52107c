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
package dev.fusewright.core.rule.fold;

import dev.fusewright.core.analysis.Activation;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.Use;
import dev.fusewright.core.rule.FusedActivations;
import java.util.Optional;

/** The activation that alone reads what a site computes: it stays, and names the module. */
record Follower(Node node, Activation activation) {

  /** The follower of {@code value}, if it is one that PyTorch fuses there. */
  static Optional<Follower> of(GraphView graph, String value, FusedActivations.Predecessor place) {
    if (graph.isOutput(value) || graph.useCount(value) != 1) {
      return Optional.empty();
    }
    Use use = graph.uses(value).get(0);
    return use.index() != 0
        ? Optional.empty()
        : Activation.of(graph, use.node())
            .filter(FusedActivations.NATIVE.behind(place)::contains)
            .map(activation -> new Follower(use.node(), activation));
  }
}
