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
 * folds usually are, smaller than what is certainly a fault.
 *
 * <ul>
 *   <li>In float64, the two models differ by more than one rounding of the parameters explains:
 *       different.
 *   <li>They do not, and the error is within {@link Tolerance#floors}, or the candidate as it was
 *       run is as near to the truth as the original: the same.
 *   <li>They do not, and it is neither: {@link InconclusiveReason#NOISE}, since the function is
 *       right and its rounding is worse.
 *   <li>The truth cannot be had: {@link InconclusiveReason#NOISE} within {@link Tolerance#floors},
 *       different beyond, the bound that holds by itself.
 * </ul>
 */
final class Doubts {
  private final @Nullable Truth truth;
  private final long seed;
  private final ToDoubleFunction<String> typicalMagnitude;
  private final Map<String, TruthFigures> figures = new LinkedHashMap<>();

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
  Optional<LevelVerdict> judge(Map<String, Finding> deciding) {
    Map<Sample, List<String>> doubtful = new LinkedHashMap<>();
    deciding.forEach(
        (output, finding) -> {
          if (finding.standing() == Finding.Standing.DOUBTFUL) {
            doubtful.computeIfAbsent(finding.sample(), s -> new ArrayList<>()).add(output);
          }
        });
    List<LevelVerdict> verdicts = new ArrayList<>();
    doubtful.forEach((sample, outputs) -> verdicts.addAll(judge(sample, outputs, deciding)));
    return verdicts.stream()
        .filter(verdict -> verdict.doubt() == null)
        .findFirst()
        .or(() -> verdicts.stream().findFirst());
  }

  /** What was found in float64, by output; nothing of outputs of which there was no doubt. */
  Map<String, TruthFigures> figures() {
    return figures;
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

  private List<LevelVerdict> judge(
      Sample sample, List<String> names, Map<String, Finding> deciding) {
    List<LevelVerdict> verdicts = new ArrayList<>();
    Truth.@Nullable Outputs outputs = null;
    String unknown = "the graphs are not at hand";
    if (truth != null) {
      try {
        outputs = truth.outputs(sample.inputs(), names, seed);
      } catch (Truth.UnknownException e) {
        unknown = String.valueOf(e.getMessage());
      }
    }
    for (String name : names) {
      Finding finding = Objects.requireNonNull(deciding.get(name));
      if (outputs == null) {
        unjudged(name, finding, unknown).ifPresent(verdicts::add);
        continue;
      }
      try {
        TruthFigures found =
            outputs.figures(
                name, finding.expected(), finding.actual(), typicalMagnitude.applyAsDouble(name));
        figures.put(name, found);
        judged(name, finding, found).ifPresent(verdicts::add);
      } catch (Truth.UnknownException e) {
        unjudged(name, finding, String.valueOf(e.getMessage())).ifPresent(verdicts::add);
      }
    }
    return verdicts;
  }

  private static Optional<LevelVerdict> judged(String output, Finding finding, TruthFigures found) {
    if (!found.isSameFunction()) {
      return Optional.of(
          LevelVerdict.different(
              "%s; in float64 it is off by %.1e, of which rounding the parameters explains %.1e"
                  .formatted(off(output, finding), found.difference(), found.explained())));
    }
    boolean passes = finding.comparison().error() <= finding.allowed() || found.isAsExact();
    return passes
        ? Optional.empty()
        : Optional.of(
            LevelVerdict.inconclusive(
                InconclusiveReason.NOISE,
                "%s; in float64 both are the same, but the candidate as run is %.1e from the truth, the original %.1e"
                    .formatted(
                        off(output, finding), found.candidateError(), found.originalError())));
  }

  private static Optional<LevelVerdict> unjudged(String output, Finding finding, String reason) {
    String what = "%s, and float64 cannot tell (%s)".formatted(off(output, finding), reason);
    return Optional.of(
        finding.comparison().error() <= finding.allowed()
            ? LevelVerdict.inconclusive(InconclusiveReason.NOISE, what)
            : LevelVerdict.different(what));
  }

  private static String off(String output, Finding finding) {
    return "output '%s' is off by %.1e on %s, where %.1e would be beyond doubt"
        .formatted(
            output, finding.comparison().error(), finding.sample().label(), finding.beyondDoubt());
  }
}
