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
package dev.fusewright.core.engine;

import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;

/**
 * How many nodes the bodies of functions may have that are put in the place of calls. Calls nest,
 * and what they come to may grow exponentially with their depth.
 */
final class InliningBudget {
  private static final int AT_LEAST = 1_000;

  private long left;

  InliningBudget(long nodes) {
    this.left = nodes;
  }

  /** As many as the model itself has, and never less than 1,000. */
  static InliningBudget of(ModelGraph model) {
    long nodes = count(model.graph().nodes());
    for (Function function : model.functions()) {
      nodes += count(function.body().nodes());
    }
    return new InliningBudget(Math.max(AT_LEAST, nodes));
  }

  private static long count(Iterable<Node> nodes) {
    long count = 0;
    for (Node node : nodes) {
      count++;
      for (var body : node.bodies()) {
        count += count(body.nodes());
      }
    }
    return count;
  }

  /** Nothing more. */
  static InliningBudget usedUp() {
    return new InliningBudget(0);
  }

  boolean allows(long nodes) {
    return nodes <= left;
  }

  void spend(long nodes) {
    left -= nodes;
  }
}
