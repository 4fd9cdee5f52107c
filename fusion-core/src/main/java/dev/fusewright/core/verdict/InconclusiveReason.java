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

/**
 * Reason for which a check is inconclusive. Of a whole-model check, all but {@link #VACUOUS},
 * {@link #NOISE} and {@link #OUTPUT_TYPE} say that the <em>original</em> could not be run.
 */
public enum InconclusiveReason {
  /** The runner has no kernel for an operator or its element type. */
  NO_KERNEL,
  /** Several nodes of one scope have the same name, which the runner does not take. */
  DUPLICATE_NAMES,
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
  /**
   * An output is of a type that cannot be compared: a string, a sequence, a map. The others agree.
   */
  OUTPUT_TYPE,
  /** No inputs could be made on which the original runs; among them, inputs that are no tensors. */
  NO_INPUTS,
  /** The process that ran the original, or was to run it, died, twice. */
  RUNNER_CRASHED,
  /** The original took longer, or more operations, than it may. */
  TIME_LIMIT,
  /** The runner could not be started, or refused the original for a reason that its graph hides. */
  RUNNER,
  /** The check itself failed unexpectedly, which is a defect of this program. */
  DEFECT,
  /** A report whose certificates are checked anew is about other files than those given. */
  OTHER_FILES,
  /** The graphs differ, which does not say that what they compute does. */
  OTHER_STRUCTURE;

  /**
   * Whether a whole-model check that is inconclusive for this reason may be left out of account
   * where every fusion is proven by itself. What keeps an original from running that shows in the
   * original itself, may; what may be the fault of this machine may not. A candidate that does not
   * run where its original does is never inconclusive, but different.
   */
  public boolean isExcusedBySites() {
    return switch (this) {
      case NO_KERNEL,
          DUPLICATE_NAMES,
          MEMORY,
          VACUOUS,
          NOISE,
          OUTPUT_TYPE,
          NO_INPUTS,
          RUNNER_CRASHED,
          TIME_LIMIT ->
          true;
      case RUNNER, DEFECT, OTHER_FILES, OTHER_STRUCTURE -> false;
    };
  }
}
