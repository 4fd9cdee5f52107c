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
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.LevelVerdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Judgement of the errors that no number of noise floors decides about: larger than those of right
 * folds usually are, and no larger than rounding can be.
 *
 * <ul>
 *   <li>In float64, the two models differ by more than one rounding of the parameters explains:
 *       different.
 *   <li>They do not, and the error is within {@link Tolerance#floors}, or within the ceiling and
 *       the candidate as it was run is as near to the truth as the original: the same.
 *   <li>They do not, and it is neither: {@link InconclusiveReason#NOISE}, since the function is
 *       right and its rounding is worse, or the original is itself beyond the ceiling. So it is
 *       where rounding the parameters explains more than the ceiling: then float64 shows no fault.
 *   <li>Beyond the ceiling, the candidate is further from the truth than the original: different.
 *   <li>The truth cannot be had: {@link InconclusiveReason#NOISE} within {@link Tolerance#floors},
 *       different beyond, the bound that holds by itself.
 * </ul>
 *
 * <p>The samples with the largest errors are asked first, and no more than {@value #MOST_SAMPLES}:
 * where each of them finds an excuse and there are more, it is {@link InconclusiveReason#NOISE}.
 */
final class Doubts {
  /** Each takes up to three evaluations in float64. */
  private static final int MOST_SAMPLES = 12;

  private final @Nullable Truth truth;
  private final long seed;
  private final ToDoubleFunction<String> typicalMagnitude;
  private final Map<String, TruthFigures> figures = new LinkedHashMap<>();
  private final Map<String, Finding> deciding = new LinkedHashMap<>();

  /** Doubt about one output on one sample. */
  record Doubt(String output, Finding finding) {
    private static final Comparator<Doubt> MOST_SERIOUS =
        (one, other) ->
            one.finding.outweighs(other.finding)
                ? other.finding.outweighs(one.finding) ? 0 : -1
                : 1;

    private boolean isBeyondCeiling() {
      return finding.comparison().error() > finding.tolerance().ceiling();
    }

    private String words() {
      return "output '%s' is off by %.1e on %s, where %.1e would be beyond doubt%s"
          .formatted(
              output,
              finding.comparison().error(),
              finding.sample().label(),
              finding.beyondDoubt(),
              finding.values());
    }
  }

  /**
   * A judgement.
   *
   * @param truth null if the models' graphs are not at hand
   * @param seed of the directions in which parameters are moved
   * @param typicalMagnitude of an output
   */
  Doubts(@Nullable Truth truth, long seed, ToDoubleFunction<String> typicalMagnitude) {
    this.truth = truth;
    this.seed = seed;
    this.typicalMagnitude = typicalMagnitude;
  }

  /** Why the candidate does not pass; empty if there is no doubt, or none is left. */
  Optional<LevelVerdict> judge(List<Doubt> doubts) {
    Map<Sample, List<Doubt>> bySample = new LinkedHashMap<>();
    doubts.stream()
        .sorted(Doubt.MOST_SERIOUS)
        .forEach(
            doubt ->
                bySample
                    .computeIfAbsent(doubt.finding().sample(), sample -> new ArrayList<>())
                    .add(doubt));
    LevelVerdict left = null;
    int asked = 0;
    for (Map.Entry<Sample, List<Doubt>> entry : bySample.entrySet()) {
      if (asked++ == MOST_SAMPLES) {
        LevelVerdict unasked =
            LevelVerdict.inconclusive(
                InconclusiveReason.NOISE,
                "%s; float64 was asked about the %d samples with larger errors, and not about this"
                    .formatted(entry.getValue().get(0).words(), MOST_SAMPLES));
        return Optional.of(left == null ? unasked : left);
      }
      for (LevelVerdict verdict : judge(entry.getKey(), entry.getValue())) {
        if (verdict.doubt() == null) {
          return Optional.of(verdict);
        }
        left = left == null ? verdict : left;
      }
    }
    return Optional.ofNullable(left);
  }

  /** What was found in float64, by output; nothing of outputs of which there was no doubt. */
  Map<String, TruthFigures> figures() {
    return figures;
  }

  /** What the {@linkplain #figures} are of, by output. */
  Map<String, Finding> deciding() {
    return deciding;
  }

  /**
   * What float64 says of the output that it was asked about and that is off by most; or nothing.
   */
  String words() {
    return figures.entrySet().stream()
        .max(Comparator.comparingDouble(entry -> entry.getValue().difference()))
        .map(
            entry ->
                "; in float64 '%s' is off by %.1e, and rounding the parameters explains %.1e"
                    .formatted(
                        entry.getKey(),
                        entry.getValue().difference(),
                        entry.getValue().explained()))
        .orElse("");
  }

  private List<LevelVerdict> judge(Sample sample, List<Doubt> doubts) {
    if (truth == null) {
      return doubts.stream().map(doubt -> unjudged(doubt, "the graphs are not at hand")).toList();
    }
    List<LevelVerdict> verdicts = new ArrayList<>();
    try {
      Map<String, Tensor> right =
          truth.original(sample.inputs(), doubts.stream().map(Doubt::output).toList());
      for (Doubt doubt : doubts) {
        if (doubt.isBeyondCeiling()) {
          double originalError = originalError(doubt, right);
          if (TruthFigures.isBeyondReach(doubt.finding().comparison().error(), originalError)) {
            deciding.put(doubt.output(), doubt.finding());
            return List.of(
                LevelVerdict.different(
                    "%s; the original as run is %.1e from the truth"
                        .formatted(doubt.words(), originalError)));
          }
        }
      }
      Truth.Outputs outputs = truth.outputs(sample.inputs(), right, seed);
      for (Doubt doubt : doubts) {
        verdict(doubt, outputs).ifPresent(verdicts::add);
      }
    } catch (Truth.UnknownException e) {
      return doubts.stream().map(doubt -> unjudged(doubt, String.valueOf(e.getMessage()))).toList();
    }
    return verdicts;
  }

  private double originalError(Doubt doubt, Map<String, Tensor> right)
      throws Truth.UnknownException {
    return Truth.Outputs.originalError(
        Objects.requireNonNull(right.get(doubt.output())),
        doubt.finding().expected(),
        typicalMagnitude.applyAsDouble(doubt.output()));
  }

  private Optional<LevelVerdict> verdict(Doubt doubt, Truth.Outputs outputs) {
    Finding finding = doubt.finding();
    try {
      TruthFigures found =
          outputs.figures(
              doubt.output(),
              finding.expected(),
              finding.actual(),
              typicalMagnitude.applyAsDouble(doubt.output()));
      Optional<LevelVerdict> verdict = judged(doubt, found);
      boolean convicts = verdict.isPresent() && verdict.get().doubt() == null;
      if (convicts || !figures.containsKey(doubt.output())) {
        figures.put(doubt.output(), found);
        deciding.put(doubt.output(), finding);
      }
      return verdict;
    } catch (Truth.UnknownException e) {
      return Optional.of(unjudged(doubt, String.valueOf(e.getMessage())));
    }
  }

  private static Optional<LevelVerdict> judged(Doubt doubt, TruthFigures found) {
    Finding finding = doubt.finding();
    if (!found.isSameFunction()) {
      return Optional.of(
          LevelVerdict.different(
              "%s; in float64 it is off by %.1e, of which rounding the parameters explains %.1e"
                  .formatted(doubt.words(), found.difference(), found.explained())));
    }
    if (found.explained() > finding.tolerance().ceiling()) {
      return Optional.of(
          LevelVerdict.inconclusive(
              InconclusiveReason.NOISE,
              "%s; rounding the parameters explains %.1e, so that float64 shows no fault"
                  .formatted(doubt.words(), found.explained())));
    }
    String distances =
        "%s; in float64 both are the same, but the candidate as run is %.1e from the truth, the original %.1e"
            .formatted(doubt.words(), found.candidateError(), found.originalError());
    if (doubt.isBeyondCeiling()) {
      return Optional.of(
          found.isAsExact()
              ? LevelVerdict.inconclusive(InconclusiveReason.NOISE, distances)
              : LevelVerdict.different(distances));
    }
    boolean passes = finding.comparison().error() <= finding.allowed() || found.isAsExact();
    return passes
        ? Optional.empty()
        : Optional.of(LevelVerdict.inconclusive(InconclusiveReason.NOISE, distances));
  }

  private static LevelVerdict unjudged(Doubt doubt, String reason) {
    String what = "%s, and float64 cannot tell (%s)".formatted(doubt.words(), reason);
    return doubt.finding().comparison().error() <= doubt.finding().allowed()
        ? LevelVerdict.inconclusive(InconclusiveReason.NOISE, what)
        : LevelVerdict.different(what);
  }
}
