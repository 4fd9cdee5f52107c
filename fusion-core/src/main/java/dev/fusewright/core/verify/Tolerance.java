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
 * <tr><th>type</th><th>least</th><th>noise floors</th><th>ceiling</th></tr>
 * <tr><td>double</td><td>32 ulp, 7.1e-15</td><td>32</td><td>1e-9</td></tr>
 * <tr><td>float</td><td>32 ulp, 3.8e-6</td><td>32</td><td>1e-3</td></tr>
 * <tr><td>float16</td><td>4 ulp, 3.9e-3</td><td>4</td><td>5e-2</td></tr>
 * <tr><td>bfloat16</td><td>4 ulp, 3.1e-2</td><td>4</td><td>1.5e-1</td></tr>
 * <tr><td>all others: fraction of elements that changed</td><td>1.2e-4</td><td>32</td><td>1e-2</td></tr>
 * </table>
 *
 * <p>A fold rounds every weight of a channel once more, and adds up biases that the original kept
 * apart; another order of evaluation does less. Over the right folds of some thirty real models the
 * error was up to 15 noise floors in float, half of what is allowed, while one per cent on one
 * channel is some thousand. In the coarse types the floor is a maximum over few possible values,
 * and cannot be low by much.
 *
 * @param least at least 0
 * @param floors how many times the noise floor is allowed
 * @param ceiling at least {@code least}
 */
public record Tolerance(double least, double floors, double ceiling) {
  private static final int FINE = 32;
  private static final int COARSE = 4;

  /** Refuses negative and inverted bounds. */
  public Tolerance {
    if (!(least >= 0 && floors >= 1 && ceiling >= least)) {
      throw new IllegalArgumentException(
          "tolerance from %s over %s floors to %s".formatted(least, floors, ceiling));
    }
  }

  /** The tolerance of outputs of one element type. */
  public static Tolerance of(ElementType type) {
    FloatFormat format = FloatFormat.of(type);
    return switch (format) {
      case DOUBLE -> new Tolerance(FINE * format.epsilon(), FINE, 1e-9);
      case SINGLE -> new Tolerance(FINE * format.epsilon(), FINE, 1e-3);
      case HALF -> new Tolerance(COARSE * format.epsilon(), COARSE, 5e-2);
      case BRAIN -> new Tolerance(COARSE * format.epsilon(), COARSE, 1.5e-1);
      case NONE -> new Tolerance(0x1p-13, FINE, 1e-2);
    };
  }

  /** The wider of two: for outputs into whose computation a coarser type enters. */
  public Tolerance orWider(Tolerance other) {
    return other.ceiling > ceiling ? other : this;
  }

  /** This tolerance with another ceiling, as a catalogue entry may ask. */
  public Tolerance withCeiling(double newCeiling) {
    return new Tolerance(Math.min(least, newCeiling), floors, newCeiling);
  }

  /** The largest error that passes. */
  public double allowed(OptionalDouble noiseFloor) {
    return Math.min(ceiling, unclipped(noiseFloor));
  }

  /** What the noise alone would excuse, the ceiling disregarded. */
  double unclipped(OptionalDouble noiseFloor) {
    return Math.max(least, floors * noiseFloor.orElse(0));
  }
}
