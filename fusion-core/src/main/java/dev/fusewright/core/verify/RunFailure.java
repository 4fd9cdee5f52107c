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
package dev.fusewright.core.verify;

import dev.fusewright.core.verdict.InconclusiveReason;

/** Why a model could not be loaded or run. */
public enum RunFailure {
  /** No kernel for an operator, or for it with this element type. */
  NO_KERNEL,
  /** Several nodes of one scope have the same name. */
  DUPLICATE_NAMES,
  /** The runner does not take the file for a valid model. */
  INVALID_MODEL,
  /** The run failed: a shape does not fit, an index is out of range. */
  RUN_ERROR,
  /** An input is of a type of which no values can be made or passed: a sequence, a map. */
  UNSUPPORTED_TYPE,
  /** More memory was needed than may be used. */
  OUT_OF_MEMORY,
  /** It did not end within the limit of time or of operations, and was given up. */
  TIMED_OUT,
  /** The process that ran it died. */
  CRASHED,
  /** The process that was to run it was killed before it had the model, and so was the next. */
  DIED_AT_START,
  /** The runner itself could not be started. */
  UNAVAILABLE;

  /** Whether the session is lost, or may be, with the run. */
  public boolean isFatal() {
    return switch (this) {
      case OUT_OF_MEMORY, TIMED_OUT, CRASHED, DIED_AT_START, UNAVAILABLE -> true;
      case NO_KERNEL, DUPLICATE_NAMES, INVALID_MODEL, RUN_ERROR, UNSUPPORTED_TYPE -> false;
    };
  }

  /** The reason for which a check is inconclusive whose original ended so. */
  InconclusiveReason inconclusiveReason() {
    return switch (this) {
      case NO_KERNEL -> InconclusiveReason.NO_KERNEL;
      case DUPLICATE_NAMES -> InconclusiveReason.DUPLICATE_NAMES;
      case OUT_OF_MEMORY -> InconclusiveReason.MEMORY;
      case RUN_ERROR, UNSUPPORTED_TYPE -> InconclusiveReason.NO_INPUTS;
      case TIMED_OUT -> InconclusiveReason.TIME_LIMIT;
      case CRASHED, DIED_AT_START -> InconclusiveReason.RUNNER_CRASHED;
      case INVALID_MODEL, UNAVAILABLE -> InconclusiveReason.RUNNER;
    };
  }
}
