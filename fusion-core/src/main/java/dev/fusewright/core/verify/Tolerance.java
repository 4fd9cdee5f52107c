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

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FloatFormat;
import java.util.OptionalDouble;

/**
 * The largest error that an output may have, as a {@link Comparison#error()}.
 *
 * <p>What counts is how far the original moves by itself, a few times; {@code least} keeps an
 * original that happens not to move at all from forbidding what rounding a weight once must do;
 * {@code ceiling} is never exceeded, however noisy the original is.
 *
 * <table>
 * <caption>Per element type</caption>
 * <tr><th>type</th><th>least</th><th>noise floors: without doubt</th><th>at most</th><th>ceiling</th></tr>
 * <tr><td>double</td><td>32 ulp, 7.1e-15</td><td>20</td><td>20</td><td>1e-9</td></tr>
 * <tr><td>float</td><td>32 ulp, 3.8e-6; without doubt 8</td><td>6</td><td>20</td><td>1e-3</td></tr>
 * <tr><td>float16</td><td>4 ulp, 3.9e-3</td><td>4</td><td>4</td><td>5e-2</td></tr>
 * <tr><td>bfloat16</td><td>4 ulp, 3.1e-2</td><td>4</td><td>4</td><td>1.5e-1</td></tr>
 * <tr><td>all others: fraction of elements that changed</td><td>1.2e-4</td><td>32</td><td>32</td><td>1e-2</td></tr>
 * </table>
 *
 * <p>A fold rounds every weight of a channel once more, and adds up biases that the original kept
 * apart; another order of evaluation does less. Right folds of real models used at most 5.8 noise
 * floors in float, those of models with a handful of elements 17: there the floor, a maximum over
 * few elements, may be low. Faults of 1e-4 on one channel are often at 8 to 20. So no number of
 * floors tells the two apart, and between {@code sure} and {@code floors} the {@link Truth} is
 * asked. In double no truth is more exact than the models; in the coarse types the floor is a
 * maximum over few possible values, and cannot be low by much.
 *
 * @param least at least 0
 * @param sure how many times the noise floor passes without doubt, at least 1
 * @param floors how many times the noise floor is allowed at most; no less than {@code sure}
 * @param noise how many times the noise floor an error must exceed to be more than noise, on a
 *     sample on which so many are more than the ceiling; no less than {@code floors}
 * @param ceiling at least {@code least}
 */
public record Tolerance(double least, double sure, double floors, double noise, double ceiling) {
  private static final int FINE = 32;
  private static final int SURE = 6;
  private static final int FLOORS = 20;

  /** Of {@code least}, the part that passes without doubt: 8 ulp. */
  private static final double SURE_PART = 0.25;

  private static final int COARSE = 4;

  /** Refuses negative and inverted bounds. */
  public Tolerance {
    if (!(least >= 0 && sure >= 1 && floors >= sure && noise >= floors && ceiling >= least)) {
      throw new IllegalArgumentException(
          "tolerance from %s over %s, %s and %s floors to %s"
              .formatted(least, sure, floors, noise, ceiling));
    }
  }

  /** The tolerance of outputs of one element type. */
  public static Tolerance of(ElementType type) {
    FloatFormat format = FloatFormat.of(type);
    return switch (format) {
      case DOUBLE -> new Tolerance(FINE * format.epsilon(), FLOORS, FLOORS, FINE, 1e-9);
      case SINGLE -> new Tolerance(FINE * format.epsilon(), SURE, FLOORS, FINE, 1e-3);
      case HALF -> new Tolerance(COARSE * format.epsilon(), COARSE, COARSE, COARSE, 5e-2);
      case BRAIN -> new Tolerance(COARSE * format.epsilon(), COARSE, COARSE, COARSE, 1.5e-1);
      case NONE -> new Tolerance(0x1p-13, FINE, FINE, FINE, 1e-2);
    };
  }

  /** The wider of two: for outputs into whose computation a coarser type enters. */
  public Tolerance orWider(Tolerance other) {
    return other.ceiling > ceiling ? other : this;
  }

  /** This tolerance with another ceiling, as a catalogue entry may ask. */
  public Tolerance withCeiling(double newCeiling) {
    return new Tolerance(Math.min(least, newCeiling), sure, floors, noise, newCeiling);
  }

  /** Whether there are errors that the {@link Truth} decides about. */
  boolean leavesDoubt() {
    return sure < floors;
  }

  /** Whether {@link Truth}, which is in float64, is more exact than what is judged. */
  boolean isCoarserThanTruth() {
    return least > FINE * FloatFormat.DOUBLE.epsilon();
  }

  /** The largest error that passes without doubt. */
  double beyondDoubt(OptionalDouble noiseFloor) {
    double sureLeast = leavesDoubt() ? SURE_PART * least : least;
    return Math.min(ceiling, Math.max(sureLeast, sure * noiseFloor.orElse(0)));
  }

  /** The largest error that passes, if the truth does not say otherwise. */
  public double allowed(OptionalDouble noiseFloor) {
    return Math.min(ceiling, Math.max(least, floors * noiseFloor.orElse(0)));
  }

  /** What the noise alone would excuse, the ceiling disregarded. */
  double unclipped(OptionalDouble noiseFloor) {
    return Math.max(least, noise * noiseFloor.orElse(0));
  }
}
