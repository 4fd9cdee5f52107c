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

import dev.fusewright.report.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Codes that are finer than the five outcomes: the outcomes are for ever, since older readers of
 * reports have no default for another one, and these can grow.
 */
final class OutcomeDetails {
  /** Fused or left as it was, with fusions taken out again that the proof did not confirm. */
  static final String FUSIONS_DROPPED = "FUSIONS_DROPPED";

  /** There was nothing to fuse, and no copy was asked for. */
  static final String NOT_COPIED = "NOT_COPIED";

  private OutcomeDetails() {}

  /**
   * The detail of an outcome.
   *
   * @param drops whether fusions were taken out of the plan again
   * @param omits whether a model with nothing to fuse was to stay out of the output
   * @param verdict a rejected model's, which is its detail
   */
  static @Nullable String of(Outcome outcome, boolean drops, boolean omits, String verdict) {
    return switch (outcome) {
      case FUSED -> drops ? FUSIONS_DROPPED : null;
      case NOTHING_TO_FUSE -> {
        if (drops) {
          yield FUSIONS_DROPPED;
        }
        yield omits ? NOT_COPIED : null;
      }
      case REJECTED -> verdict;
      case UNCHANGED, FAILED -> null;
    };
  }
}
