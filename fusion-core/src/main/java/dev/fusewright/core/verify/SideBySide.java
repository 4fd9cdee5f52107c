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

import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.LevelVerdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One comparison of two models that are run in the same way. */
final class SideBySide {
  private final RunnerPair pair;
  private final CheckOptions options;
  private Baseline original;
  private final @Nullable Truth truth;

  /**
   * By output, what was found on the sample whose error takes the largest part of its tolerance.
   */
  private final Map<String, Finding> deciding = new LinkedHashMap<>();

  /** What no number of noise floors decides about, on every sample. */
  private final List<Doubts.Doubt> doubts = new ArrayList<>();

  private Map<String, TruthFigures> inFloat64 = Map.of();
  private int samples;

  SideBySide(RunnerPair pair, CheckOptions options, @Nullable Truth truth) {
    this.truth = truth;
    this.pair = pair;
    this.options = options;
    this.original = new Baseline(options);
  }

  ModelComparison compare() {
    return result(verdict());
  }

  private ModelComparison result(LevelVerdict verdict) {
    List<OutputFigures> figures = new ArrayList<>();
    for (ValueInfo output : original.outputs()) {
      Finding finding = deciding.get(output.name());
      if (finding != null) {
        figures.add(figures(output, finding));
      }
    }
    return new ModelComparison(
        verdict, pair.original().describe(), samples, options.seed(), figures);
  }

  private OutputFigures figures(ValueInfo output, Finding finding) {
    OptionalDouble visible = original.evidence(output).visibleFault();
    return new OutputFigures(
        output.name(),
        finding.sample().label(),
        finding.comparison(),
        finding.floor().isPresent() ? finding.floor().getAsDouble() : null,
        finding.beyondDoubt(),
        inFloat64.get(output.name()),
        visible.isPresent() ? visible.getAsDouble() : null,
        original.deadChannels(output.name()));
  }

  private LevelVerdict verdict() {
    Stopwatch watch = new Stopwatch(pair.original());
    try {
      observe(watch);
    } catch (ModelRunException e) {
      return LevelVerdict.inconclusive(
          e.failure().inconclusiveReason(), "the original could not be run: " + e.getMessage());
    }
    ModelRunner candidate = pair.candidate().within(pair.limit(watch.slowest()));
    try {
      return judge(candidate);
    } catch (ModelRunException first) {
      if (!first.failure().isFatal()) {
        return judge(first);
      }
    }
    // Once may have been an accident of the machine: the verdict is the second attempt's.
    deciding.clear();
    doubts.clear();
    inFloat64 = Map.of();
    samples = 0;
    try {
      return judge(candidate);
    } catch (ModelRunException e) {
      return judge(e);
    }
  }

  /** Observes the original; once more if its process died, which may have been an accident. */
  private void observe(Stopwatch watch) throws ModelRunException {
    try {
      original.observe(watch);
    } catch (ModelRunException e) {
      if (e.failure() != RunFailure.CRASHED) {
        throw e;
      }
      original = new Baseline(options);
      original.observe(watch);
    }
  }

  private LevelVerdict judge(ModelRunner candidate) throws ModelRunException {
    try (ModelSession session = candidate.open(Evaluation.PLAIN)) {
      List<String> mismatches =
          Signatures.mismatches(
              original.inputs(), original.outputs(), original.opaqueOutputs(), session);
      if (!mismatches.isEmpty()) {
        return LevelVerdict.different(String.join("; ", mismatches));
      }
      for (Observation seen : original.observations()) {
        List<String> wrong = compare(seen, session.run(seen.sample().inputs(), names()));
        if (!wrong.isEmpty()) {
          return LevelVerdict.different(String.join("; ", wrong));
        }
        samples++;
      }
    }
    return judge();
  }

  private List<String> names() {
    return original.outputs().stream().map(ValueInfo::name).toList();
  }

  private static LevelVerdict judge(ModelRunException e) {
    return switch (e.failure()) {
      case NO_KERNEL,
          DUPLICATE_NAMES,
          INVALID_MODEL,
          RUN_ERROR,
          UNSUPPORTED_TYPE,
          OUT_OF_MEMORY,
          CRASHED ->
          LevelVerdict.different("the original runs, the candidate does not: " + e.getMessage());
      case TIMED_OUT ->
          LevelVerdict.different(
              "the original runs, the candidate takes more than three times as long: "
                  + e.getMessage());
      case DIED_AT_START, UNAVAILABLE ->
          // It never saw the candidate: nothing is said of it, and nothing excused.
          LevelVerdict.inconclusive(
              InconclusiveReason.RUNNER,
              "the original runs, for the candidate there was no runner: " + e.getMessage());
    };
  }

  /** Enters the errors on one sample; returns what cannot even be compared. */
  private List<String> compare(Observation seen, Map<String, Tensor> answers) {
    List<String> wrong = new ArrayList<>();
    for (ValueInfo output : original.outputs()) {
      String name = output.name();
      Tensor expected = seen.output(name);
      Tensor actual = Objects.requireNonNull(answers.get(name));
      Optional<String> mismatch = Comparison.mismatch(expected, actual);
      if (mismatch.isEmpty()) {
        Evidence evidence = original.evidence(output);
        Comparison comparison = Comparison.of(expected, actual, original.typicalMagnitude(name));
        Finding finding =
            new Finding(
                seen,
                expected,
                actual,
                comparison,
                evidence.floor(seen),
                options.tolerance(output));
        if (evidence.isTelling(seen) || finding.isBeyondNoise()) {
          deciding.merge(name, finding, (one, other) -> one.outweighs(other) ? one : other);
          if (isPutToTheTruth(finding)) {
            doubts.add(new Doubts.Doubt(name, finding));
          }
        }
      } else if (seen.floor(name).orElse(0) < Double.POSITIVE_INFINITY) {
        // Otherwise the original alone changes its shape when the last bits of its inputs change.
        wrong.add("output '%s' on %s: %s".formatted(name, seen.sample().label(), mismatch.get()));
      }
    }
    return wrong;
  }

  /** An error beyond a ceiling that a person set is different, whatever the original's own is. */
  private boolean isPutToTheTruth(Finding finding) {
    return switch (finding.standing()) {
      case PASSES, FAILS -> false;
      case DOUBTFUL -> true;
      case BEYOND -> truth != null && options.ceiling().isEmpty();
    };
  }

  private LevelVerdict judge() {
    Map<String, Finding> failed = new LinkedHashMap<>(deciding);
    failed
        .values()
        .removeIf(
            finding -> finding.standing() == Finding.Standing.PASSES || isPutToTheTruth(finding));
    if (!failed.isEmpty()) {
      return LevelVerdict.different(worst(failed) + values(failed));
    }
    Doubts asked = new Doubts(truth, options.seed(), original::typicalMagnitude);
    Optional<LevelVerdict> doubt = asked.judge(doubts);
    deciding.putAll(asked.deciding());
    inFloat64 = asked.figures();
    if (doubt.isPresent()) {
      return doubt.get();
    }
    List<LevelVerdict> inconclusive = original.inconclusive();
    if (!inconclusive.isEmpty()) {
      return LevelVerdict.inconclusive(
          Objects.requireNonNull(inconclusive.get(0).doubt()),
          "no difference was seen that counts, but hardly any would have been: "
              + inconclusive.stream().map(LevelVerdict::reason).collect(Collectors.joining("; ")));
    }
    String agreement = agreement(asked.words());
    return original.opaqueOutputs().isEmpty()
        ? LevelVerdict.equivalent(agreement)
        : LevelVerdict.inconclusive(
            InconclusiveReason.OUTPUT_TYPE,
            "%s cannot be compared; beside that: %s".formatted(opaqueOutputs(), agreement));
  }

  /** The outputs that are not compared: {@code output 'id' (string)}. */
  private String opaqueOutputs() {
    return original.opaqueOutputs().stream()
        .map(
            output ->
                "output '%s' (%s)"
                    .formatted(
                        output.name(),
                        output.type() == ElementType.UNDEFINED
                            ? "no tensor"
                            : output.type().text()))
        .collect(Collectors.joining(", "));
  }

  private String agreement(String inFloat64Words) {
    String leftOut =
        original.leftOut() == 0 ? "" : " (%d more could not be used)".formatted(original.leftOut());
    double fault =
        original.outputs().stream()
            .map(output -> original.evidence(output).visibleFault())
            .filter(OptionalDouble::isPresent)
            .mapToDouble(OptionalDouble::getAsDouble)
            .filter(Double::isFinite)
            .max()
            .orElse(Double.NaN);
    String power =
        Double.isNaN(fault)
            ? ""
            : "; a disturbance of the inputs by %.1e would have shown".formatted(fault);
    return "%s on %s%s; %s%s%s"
        .formatted(
            Amounts.count(deciding.size(), "output"),
            Amounts.count(samples, "sample"),
            leftOut,
            worst(deciding),
            inFloat64Words,
            power);
  }

  private static Optional<Map.Entry<String, Finding>> furthest(Map<String, Finding> findings) {
    return findings.entrySet().stream()
        .max(Comparator.comparingDouble(entry -> entry.getValue().share()));
  }

  private static String values(Map<String, Finding> findings) {
    return furthest(findings).map(entry -> entry.getValue().values()).orElse("");
  }

  private static String worst(Map<String, Finding> findings) {
    return furthest(findings)
        .map(
            entry ->
                "output '%s' is off by %.1e on %s, and may be by %.1e"
                    .formatted(
                        entry.getKey(),
                        entry.getValue().comparison().error(),
                        entry.getValue().sample().label(),
                        entry.getValue().beyondDoubt()))
        .orElse("there are no outputs to compare");
  }
}
