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
package dev.fusewright.core.reference;

/**
 * The error function, to about 1e-15: its Taylor series near 0, and the continued fraction of its
 * complement further out.
 */
final class ErrorFunction {
  private static final double SERIES_UP_TO = 2.5;
  private static final double ONE_FROM = 6.5;
  private static final int FRACTION_DEPTH = 80;

  private ErrorFunction() {}

  static double erf(double x) {
    if (Double.isNaN(x)) {
      return x;
    }
    double magnitude = Math.abs(x);
    double value =
        magnitude < SERIES_UP_TO
            ? series(magnitude)
            : magnitude < ONE_FROM ? 1 - complement(magnitude) : 1;
    return Math.copySign(value, x);
  }

  /** 2/√π · e^(−x²) · Σ (2x²)ⁿ·x / (1·3·5·…·(2n+1)): all terms are positive, so nothing cancels. */
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; term > sum * 1e-17; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  /** e^(−x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))). */
  private static double complement(double x) {
    double fraction = x;
    for (int k = FRACTION_DEPTH; k > 0; k--) {
      fraction = x + k / 2.0 / fraction;
    }
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
  }
}
