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
import dev.fusewright.core.verdict.LevelVerdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The whole-model check: both models are run on the same inputs, and every output is compared.
 *
 * <p>The original is observed first, alone: on every sample, on samples moved by one ulp, on
 * samples disturbed by 3 %, and once more in another order of evaluation. Then its session is
 * closed, and the candidate is run; so the two are never in memory together. For each output and
 * sample, the original's own movement gives the tolerance ({@link Tolerance}), and the sample with
 * the largest error in proportion to its tolerance decides:
 *
 * <ul>
 *   <li>within the tolerance: the same;
 *   <li>a little beyond: as float64 {@link Truth} says, {@link InconclusiveReason#NOISE} where it
 *       cannot be had;
 *   <li>beyond the ceiling, but within what the original itself moves: {@link
 *       InconclusiveReason#NOISE};
 *   <li>beyond: different.
 * </ul>
 *
 * <p>Where the original cannot be run, the check is inconclusive for a stated {@link
 * InconclusiveReason}, and the candidate is not run. Where it can, a candidate that does not load,
 * does not run, crashes twice, or twice takes more than three times as long ({@link
 * RunnerPair#patience} at least) is different.
 *
 * <p>An output that is the same, but hardly moves when the inputs are disturbed, or is next to
 * nothing, proves nothing: after other kinds of inputs have been tried, that is {@link
 * InconclusiveReason#VACUOUS}. A model that takes no floating-point inputs cannot be disturbed;
 * there an output must at least differ between samples.
 */
public final class ModelCheck {
  private final CheckOptions options;
  private final @Nullable Truth truth;

  /** A check with these options. */
  public ModelCheck(CheckOptions options) {
    this(options, null);
  }

  private ModelCheck(CheckOptions options, @Nullable Truth truth) {
    this.options = options;
    this.truth = truth;
  }

  /**
   * With float64 truth, for errors of which no number of noise floors can tell whether they are
   * faults.
   */
  public ModelCheck withTruth(Truth known) {
    return new ModelCheck(options, known);
  }

  /** Compares two models in the one way there is to run them. */
  public ModelComparison compare(ModelRunner original, ModelRunner candidate) {
    return compare(List.of(new RunnerPair(original, candidate)));
  }

  /**
   * Compares two models.
   *
   * @param ways to run both, the preferred one first; the next is taken where one cannot run the
   *     original for a reason that need not hold there
   */
  public ModelComparison compare(List<RunnerPair> ways) {
    ModelComparison result = new SideBySide(ways.get(0), options, truth).compare();
    for (RunnerPair next : ways.subList(1, ways.size())) {
      InconclusiveReason doubt = result.verdict().doubt();
      if (doubt == null || !mayRunElsewhere(doubt)) {
        return result;
      }
      ModelComparison other = new SideBySide(next, options, truth).compare();
      LevelVerdict verdict = other.verdict();
      String reason =
          "%s; with %s: %s".formatted(result.verdict().reason(), other.runner(), verdict.reason());
      // Where the next cannot run it either, the first one's reason is the reason.
      InconclusiveReason reported =
          verdict.doubt() != null && mayRunElsewhere(verdict.doubt()) ? doubt : verdict.doubt();
      result =
          new ModelComparison(
              new LevelVerdict(verdict.verdict(), reported, reason),
              other.runner(),
              other.samples(),
              other.seed(),
              other.outputs());
    }
    return result;
  }

  /** Whether another runner may run what one could not for this reason. */
  private static boolean mayRunElsewhere(InconclusiveReason doubt) {
    return switch (doubt) {
      case NO_KERNEL, DUPLICATE_NAMES, RUNNER_CRASHED, TIME_LIMIT -> true;
      case MEMORY,
          VACUOUS,
          NOISE,
          OUTPUT_TYPE,
          NO_INPUTS,
          RUNNER,
          DEFECT,
          OTHER_FILES,
          OTHER_STRUCTURE ->
          false;
    };
  }
}
