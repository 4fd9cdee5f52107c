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

import org.jspecify.annotations.Nullable;

/**
 * Figures of one output of the candidate against the original's, on the sample that decides: the
 * one whose error is the largest part of what it may be.
 *
 * @param name of the output
 * @param sample what was fed in, for example {@code normal [1,3,224,224]}
 * @param comparison the figures of that sample
 * @param noiseFloor how far the original moves by itself, in the unit of {@code tolerance}; null if
 *     not measured
 * @param tolerance the largest {@link Comparison#error()} that passes without doubt
 * @param truth what was found in float64; null if there was no doubt, or it could not be had
 * @param visibleFault the smallest relative disturbance of the inputs that would have moved this
 *     output by more than its tolerance: the power of the check; null if not measured, infinite if
 *     none would
 * @param deadChannels channels of this output that never moved, on any sample
 */
public record OutputFigures(
    String name,
    String sample,
    Comparison comparison,
    @Nullable Double noiseFloor,
    double tolerance,
    @Nullable TruthFigures truth,
    @Nullable Double visibleFault,
    long deadChannels) {
  /** Whether the error is within the tolerance, or the truth explains it. */
  public boolean passes() {
    return comparison.error() <= tolerance || (truth != null && truth.isSameFunction());
  }
}
