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
import java.util.List;
import java.util.Optional;

/**
 * Differences between two tensors of the same type and shape.
 *
 * <p>Elements that are NaN or infinite on either side take no part in the figures; where the two do
 * not agree on which elements those are, {@code maskMismatches} counts them and {@link #error} is
 * infinite.
 *
 * @param elements compared
 * @param error what a {@link Tolerance} is held against: {@code maxRel} of floating-point values,
 *     the fraction of elements that changed of all others
 * @param maxAbs the largest absolute difference
 * @param maxRel the largest difference relative to the largest magnitude in the element's channel
 *     (axis 1 from rank 3 on, else the whole tensor), though to no less than 2<sup>-10</sup> of the
 *     magnitude that is typical for the whole output: a channel of zeros does not turn a rounding
 *     error into an infinite one
 * @param meanAbs the mean absolute difference
 * @param cosine of the angle between the two, as vectors; 1 if both are zero
 * @param snrDb signal to noise, 10·log10(Σy²/Σ(y−z)²), infinite if there is no difference
 * @param magnitude the largest magnitude of the expected values
 * @param maxUlp the largest distance in units in the last place of the element type; 0 for other
 *     types
 * @param ulpHistogram elements that differ by 0, 1, 2–3, 4–15, 16–255, and more ulp
 * @param argmaxFlips positions at which another index along axis 1 (axis 0 of a vector) holds the
 *     largest value
 * @param maskMismatches elements that are NaN, +∞ or −∞ on one side and not the same on the other
 */
public record Comparison(
    long elements,
    double error,
    double maxAbs,
    double maxRel,
    double meanAbs,
    double cosine,
    double snrDb,
    double magnitude,
    long maxUlp,
    List<Long> ulpHistogram,
    long argmaxFlips,
    long maskMismatches) {

  /** Copies the histogram. */
  public Comparison {
    ulpHistogram = List.copyOf(ulpHistogram);
  }

  /**
   * Compares {@code actual} with {@code expected}, each of which is decoded whole.
   *
   * @param typicalMagnitude of this output over all samples; 0 if unknown
   * @throws IllegalArgumentException if type or shape differ, see {@link #mismatch}
   */
  public static Comparison of(Tensor expected, Tensor actual, double typicalMagnitude) {
    mismatch(expected, actual)
        .ifPresent(
            reason -> {
              throw new IllegalArgumentException(reason);
            });
    return new TensorComparer(expected, actual, typicalMagnitude).compare();
  }

  /** Why the two cannot be compared element by element: their types or their shapes differ. */
  public static Optional<String> mismatch(Tensor expected, Tensor actual) {
    String before = expected.type().text() + expected.shape();
    String after = actual.type().text() + actual.shape();
    return before.equals(after)
        ? Optional.empty()
        : Optional.of("expected %s, found %s".formatted(before, after));
  }

  /** Whether every element has the same value. */
  public boolean isExact() {
    return maxAbs == 0 && maskMismatches == 0 && error == 0;
  }
}
