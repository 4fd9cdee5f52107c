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

/**
 * An evaluation would take more operations than it may: because the model is large, or because a
 * loop does not end. The message names the node at which it stopped.
 */
public final class EvaluationBudgetException extends ReferenceException {
  private static final long serialVersionUID = 1L;

  EvaluationBudgetException(Node node, long limit) {
    super(node, "the evaluation takes more than %d operations".formatted(limit));
  }
}
