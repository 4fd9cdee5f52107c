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
package dev.fusewright.core.verdict;

/** Reason for which a check is inconclusive. */
public enum InconclusiveReason {
  /** The runner has no kernel for an operator or its element type. */
  NO_KERNEL,
  /** The model needs more memory than the runner may use. */
  MEMORY,
  /**
   * The outputs would not show a fault: constant, next to nothing, or indifferent to the inputs.
   */
  VACUOUS,
  /**
   * The original alone moves by more than the widest tolerance allows when it is evaluated in
   * another order.
   */
  NOISE,
  /** No inputs could be made on which the original runs. */
  NO_INPUTS,
  /** The runner crashed, took too long or failed otherwise. */
  RUNNER,
  /** The graphs differ, which does not say that what they compute does. */
  OTHER_STRUCTURE;

  /**
   * Whether a whole-model check that is inconclusive for this reason may be left out of account
   * where every fusion is proven by itself. What may be a fault of the candidate, or of the runner,
   * may not.
   */
  public boolean isExcusedBySites() {
    return switch (this) {
      case NO_KERNEL, MEMORY, VACUOUS, NOISE -> true;
      case NO_INPUTS, RUNNER, OTHER_STRUCTURE -> false;
    };
  }
}
