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

import dev.fusewright.core.tensor.FloatFormat;

/**
 * Figures of one output against float64 truth, on the sample that decides; all are {@linkplain
 * Comparison#error() errors}.
 *
 * @param difference of the two models' functions: both evaluated in float64
 * @param parameterFloor how far the original's function moves when every parameter moves by one ulp
 * @param originalError of the original, as it was run
 * @param candidateError of the candidate, as it was run
 */
public record TruthFigures(
    double difference, double parameterFloor, double originalError, double candidateError) {
  /**
   * Ulp of every parameter: what storing them once more may cost. Folds computed in double, whose
   * parameters are off by half an ulp, use 0.6 at most over the models measured, PyTorch's folds in
   * float 0.9.
   */
  private static final double MOST_ULP = 2;

  private static final double LEAST_DIFFERENCE = 4 * FloatFormat.SINGLE.epsilon();

  /** As in a site check. */
  private static final double MOST_ROUNDING = 4;

  private static final double LEAST_ROUNDING = 16 * FloatFormat.SINGLE.epsilon();

  /** The largest difference that rounding the parameters explains. */
  double explained() {
    return Math.max(LEAST_DIFFERENCE, MOST_ULP * parameterFloor);
  }

  /**
   * Whether an error is more than a candidate could have that is {@linkplain #isAsExact as exact}
   * as an original that is itself off by so much: then the candidate need not be asked.
   */
  static boolean isBeyondReach(double error, double originalError) {
    return error > 2 * (MOST_ROUNDING * originalError + LEAST_ROUNDING);
  }

  /** Whether both compute the same, but for what rounding the parameters explains. */
  boolean isSameFunction() {
    return difference <= explained();
  }

  /** Whether the candidate, as it was run, is as near to the truth as the original was. */
  boolean isAsExact() {
    return candidateError <= MOST_ROUNDING * originalError + LEAST_ROUNDING;
  }
}
