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

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Whether one output would show a fault.
 *
 * @param magnitude the largest on any sample
 * @param reaction how far the output moved, as a {@link Comparison#error()}, when the inputs were
 *     disturbed; empty if they could not be
 * @param spread how far the output differs between samples; empty if no two could be compared
 * @param allowed the tolerance on the samples that were disturbed
 */
record Sensitivity(
    double magnitude, OptionalDouble reaction, OptionalDouble spread, double allowed) {
  /** Answers below this are what a sigmoid says of noise. */
  private static final double NEXT_TO_NOTHING = 0x1p-13;

  /** Why the output would not show a fault; empty if it would. */
  Optional<String> vacuity() {
    if (magnitude == 0) {
      return Optional.of("is zero, or not finite, on every sample");
    }
    if (magnitude < NEXT_TO_NOTHING) {
      return Optional.of("is at most %.1e on every sample".formatted(magnitude));
    }
    if (reaction.isPresent() && reaction.getAsDouble() <= allowed && spread.orElse(0) <= allowed) {
      return Optional.of(
          "does not change with the inputs (%.1e between samples, with a tolerance of %.1e)"
              .formatted(spread.orElse(0), allowed));
    }
    if (reaction.isPresent() && reaction.getAsDouble() <= allowed) {
      return Optional.of(
          "moves by %.1e, with a tolerance of %.1e, when the inputs are disturbed by %.0f %%"
              .formatted(reaction.getAsDouble(), allowed, 100 * Probe.DISTURBANCE));
    }
    if (reaction.isEmpty() && spread.isPresent() && spread.getAsDouble() <= allowed) {
      return Optional.of("is the same on every sample");
    }
    return Optional.empty();
  }

  /**
   * The smallest relative disturbance of the inputs that would have been seen, taking the output
   * for linear.
   */
  Optional<Double> visibleFault() {
    return reaction.isPresent()
        ? Optional.of(Probe.DISTURBANCE * allowed / reaction.getAsDouble())
        : Optional.empty();
  }
}
