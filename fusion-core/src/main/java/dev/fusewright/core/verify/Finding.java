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

import dev.fusewright.core.tensor.Tensor;
import java.util.OptionalDouble;

/**
 * The error of one output on one sample.
 *
 * @param seen what the original did on the sample
 * @param expected the original's answer
 * @param actual the candidate's answer
 * @param floor how far the original moves by itself
 */
record Finding(
    Observation seen,
    Tensor expected,
    Tensor actual,
    Comparison comparison,
    OptionalDouble floor,
    Tolerance tolerance) {
  /** A tenth of the largest value is no rounding, whatever the truth. */
  private static final double MOST_ROUNDING = 0.1;

  Sample sample() {
    return seen.sample();
  }

  /** The largest error that passes without doubt. */
  double beyondDoubt() {
    return tolerance.beyondDoubt(floor);
  }

  /** The largest error that passes unless the truth says otherwise. */
  double allowed() {
    return tolerance.allowed(floor);
  }

  /** The values that differ most, in words; empty where none do. */
  String values() {
    String furthest = new TensorComparer(expected, actual, /* typicalMagnitude= */ 0).furthest();
    return furthest.isEmpty() ? "" : ": " + furthest;
  }

  /** The part that the error takes of what passes without doubt. */
  double share() {
    return comparison.error() == 0 ? 0 : comparison.error() / beyondDoubt();
  }

  /** What becomes of the error. */
  Standing standing() {
    double error = comparison.error();
    if (error <= beyondDoubt()) {
      return Standing.PASSES;
    }
    if (tolerance.leavesDoubt() && error <= tolerance.ceiling()) {
      return Standing.DOUBTFUL;
    }
    if (error <= allowed()) {
      return Standing.PASSES;
    }
    boolean mayBeRounding =
        expected.type().isFoldable() && tolerance.isCoarserThanTruth() && error <= MOST_ROUNDING;
    return mayBeRounding ? Standing.BEYOND : Standing.FAILS;
  }

  /** What becomes of an error, from the least to the most serious. */
  enum Standing {
    PASSES,
    /** No number of noise floors decides about it: the truth does. */
    DOUBTFUL,
    /** More than may be, unless the truth shows that the original itself is as far off. */
    BEYOND,
    FAILS
  }

  /** Whether this decides about the output rather than {@code other}, found on another sample. */
  boolean outweighs(Finding other) {
    int order = standing().compareTo(other.standing());
    return order == 0 ? share() >= other.share() : order > 0;
  }

  /**
   * Whether an error tells even on a sample that is not telling: it is more than noise, and more
   * than nothing.
   */
  boolean isBeyondNoise() {
    boolean visible =
        comparison.maxAbs() >= Evidence.NEXT_TO_NOTHING || comparison.maskMismatches() > 0;
    return visible && comparison.error() > tolerance.unclipped(floor);
  }
}
