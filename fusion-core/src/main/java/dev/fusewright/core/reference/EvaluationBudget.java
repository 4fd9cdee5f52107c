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
package dev.fusewright.core.reference;

import dev.fusewright.core.graph.Node;

/** Operations that an evaluation may still take, over all its scopes; counted, not timed. */
final class EvaluationBudget {
  /** What a node costs, however small its values are. */
  static final long PER_NODE = 5000;

  private final long limit;
  private long left;

  EvaluationBudget(long limit) {
    this.limit = limit;
    this.left = limit;
  }

  void spendOnNode(Node node) {
    spend(node, PER_NODE);
  }

  /**
   * Takes off some multiply-adds, or elements made.
   *
   * @throws EvaluationBudgetException if there are not so many left
   */
  void spend(Node node, double operations) {
    if (operations > left) {
      throw new EvaluationBudgetException(node, limit);
    }
    left -= (long) operations;
  }
}
