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
package dev.fusewright.core.analysis;

import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.tensor.Tensor;

/** What an operand of a node is. */
public sealed interface Operand {
  /** A value that is the same in every run. */
  record Constant(Tensor tensor) implements Operand {}

  /**
   * A value that is not known before the run, or must not be relied on.
   *
   * @param message names the value and what it comes from
   */
  record Variable(Reason reason, String message) implements Operand {}
}
