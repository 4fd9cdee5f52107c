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
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verify.inputs.InputFamily;
import dev.fusewright.core.verify.inputs.InputGenerator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The original, observed alone (the baseline): its answers, how far they move by themselves, and
 * whether they would show a fault.
 */
final class Baseline {
  /** On how many samples the inputs are disturbed; on all they are nudged. */
  private static final int DISTURBED_SAMPLES = 2;

  /** Of how many families more samples are made for a model that the usual ones do not wake. */
  private static final int MOST_AWAKE = 2;

  private final CheckOptions options;
  private final InputGenerator probe;
  private final List<Observation> observations = new ArrayList<>();
  private final Map<String, Double> typical = new HashMap<>();
  private List<ValueInfo> inputs = List.of();
  private List<ValueInfo> outputs = List.of();
  private List<ValueInfo> opaqueOutputs = List.of();
  private long bytes;
  private int leftOut;
  private String lastRunError = "";

  Baseline(CheckOptions options) {
    this.options = options;
    this.probe =
        new InputGenerator(options.seed(), options.facts().integerBounds(), options.hints());
  }

  /**
   * Observes the original.
   *
   * @throws ModelRunException if it cannot be loaded, or does not run on any sample
   */
  void observe(ModelRunner original) throws ModelRunException {
    try (ModelSession session = original.open(Evaluation.PLAIN)) {
      inputs = session.inputs();
      outputs = session.outputs();
      opaqueOutputs = session.opaqueOutputs();
      if (outputs.isEmpty() && !opaqueOutputs.isEmpty()) {
        return; // It loads; there is nothing that a run could show.
      }
      SampleSource source = new SampleSource(options, probe, session);
      observe(session, source.usual());
      if (observations.isEmpty()) {
        String said = lastRunError.isEmpty() ? source.lastRunError() : lastRunError;
        throw new ModelRunException(
            RunFailure.RUN_ERROR,
            "no inputs were found on which it runs; give their shapes, or samples of real inputs; "
                + "the last attempt said: "
                + said);
      }
      if (!inconclusive().isEmpty()) {
        observe(session, source.adapted());
        observe(session, source.more(awake()));
      }
    }
    reorder(original);
  }

  /** The families of made inputs that the outputs which prove least answered to most. */
  private List<InputFamily> awake() {
    Map<InputFamily, Double> heard = new EnumMap<>(InputFamily.class);
    for (Observation seen : observations) {
      if (seen.sample() instanceof Sample.Made made && InputFamily.isAdapted(made.family())) {
        for (ValueInfo output : outputs) {
          if (evidence(output).isTelling(seen)) {
            heard.merge(made.family(), seen.magnitude(output.name()), Double::sum);
          }
        }
      }
    }
    return heard.entrySet().stream()
        .sorted(Map.Entry.<InputFamily, Double>comparingByValue().reversed())
        .limit(MOST_AWAKE)
        .map(Map.Entry::getKey)
        .toList();
  }

  List<ValueInfo> inputs() {
    return inputs;
  }

  List<ValueInfo> outputs() {
    return outputs;
  }

  /** Outputs that cannot be compared. */
  List<ValueInfo> opaqueOutputs() {
    return opaqueOutputs;
  }

  List<Observation> observations() {
    return observations;
  }

  /**
   * Samples on which the original was not observed: it failed on them, or its outputs were too
   * large to keep.
   */
  int leftOut() {
    return leftOut;
  }

  /** The magnitude that is typical of an output. */
  double typicalMagnitude(String output) {
    return typical.getOrDefault(output, 0.0);
  }

  private List<String> outputNames() {
    return outputs.stream().map(ValueInfo::name).toList();
  }

  private void observe(ModelSession session, List<Sample> samples) throws ModelRunException {
    List<Observation> fresh = new ArrayList<>();
    for (Sample sample : samples) {
      if (bytes > options.outputBytes()) {
        leftOut++;
        continue;
      }
      try {
        Map<String, Tensor> answers = session.run(sample.inputs(), outputNames());
        fresh.add(new Observation(sample, answers));
        bytes += answers.values().stream().mapToLong(Tensor::byteCount).sum();
      } catch (ModelRunException e) {
        if (e.failure() != RunFailure.RUN_ERROR) {
          throw e;
        }
        lastRunError = String.valueOf(e.getMessage());
        leftOut++;
      }
    }
    observations.addAll(fresh);
    for (String output : outputNames()) {
      typical.put(output, Evidence.typicalMagnitude(output, observations));
    }
    List<Observation> movable = fresh.stream().filter(seen -> seen.sample().isMovable()).toList();
    for (Observation seen : movable) {
      // On every sample: large inputs that cancel out make noise of their own.
      Map<String, Tensor> nudged = session.run(probe.nudged(seen.sample().inputs()), outputNames());
      seen.outputs().forEach((name, expected) -> seen.moved(name, error(name, expected, nudged)));
    }
    // Where something is to be heard first; the sort is stable.
    List<Observation> telling =
        movable.stream()
            .sorted(Comparator.comparingLong(this::inaudibleOutputs))
            .limit(DISTURBED_SAMPLES)
            .toList();
    for (Observation seen : telling) {
      Map<String, Tensor> disturbed =
          session.run(probe.disturbed(seen.sample().inputs()), outputNames());
      seen.outputs()
          .forEach((name, expected) -> seen.reacted(name, error(name, expected, disturbed)));
    }
  }

  private long inaudibleOutputs(Observation seen) {
    return outputs.stream().filter(output -> !evidence(output).isAudible(seen)).count();
  }

  private double error(String name, Tensor expected, Map<String, Tensor> others) {
    Tensor other = java.util.Objects.requireNonNull(others.get(name));
    // An output whose very shape depends on the inputs' last bits (detections, say) is as noisy as
    // can be.
    return Comparison.mismatch(expected, other).isPresent()
        ? Double.POSITIVE_INFINITY
        : Comparison.of(expected, other, typicalMagnitude(name)).error();
  }

  /**
   * The original once more, in another order; that it cannot be had is no finding. A crash that
   * befalls it once may be an accident, which must not narrow the tolerances.
   */
  private void reorder(ModelRunner original) throws ModelRunException {
    try {
      evaluateReordered(original);
    } catch (ModelRunException first) {
      if (first.failure() == RunFailure.CRASHED) {
        reorderAgain(original);
      } else {
        requireRunner(first);
      }
    }
  }

  private void reorderAgain(ModelRunner original) throws ModelRunException {
    try {
      evaluateReordered(original);
    } catch (ModelRunException second) {
      requireRunner(second);
    }
  }

  /** The original has been run: that there is no runner any more is no property of it. */
  private static void requireRunner(ModelRunException failed) throws ModelRunException {
    if (failed.failure() == RunFailure.UNAVAILABLE
        || failed.failure() == RunFailure.DIED_AT_START) {
      throw new ModelRunException(RunFailure.UNAVAILABLE, String.valueOf(failed.getMessage()));
    }
  }

  private void evaluateReordered(ModelRunner original) throws ModelRunException {
    try (ModelSession session = original.open(Evaluation.REORDERED)) {
      for (Observation seen : observations) {
        Map<String, Tensor> again = session.run(seen.sample().inputs(), outputNames());
        seen.outputs().forEach((name, expected) -> seen.moved(name, error(name, expected, again)));
      }
    }
  }

  /**
   * Of the outputs that prove nothing, why; a model without inputs has one answer only, which
   * proves everything, and so has an output that depends on no input.
   */
  List<LevelVerdict> inconclusive() {
    if (inputs.isEmpty()) {
      return List.of();
    }
    Map<ValueInfo, LevelVerdict> inconclusive = new LinkedHashMap<>();
    outputs.forEach(
        output ->
            evidence(output)
                .inconclusive()
                .filter(
                    verdict -> verdict.doubt() != InconclusiveReason.VACUOUS || !isConstant(output))
                .ifPresent(verdict -> inconclusive.put(output, verdict)));
    boolean someRealOutputTells =
        outputs.stream()
            .filter(output -> !isConstant(output))
            .anyMatch(output -> output.type().isFoldable() && !inconclusive.containsKey(output));
    // A label need not change while the scores beside it do.
    return inconclusive.entrySet().stream()
        .filter(entry -> entry.getKey().type().isFoldable() || !someRealOutputTells)
        .map(Map.Entry::getValue)
        .toList();
  }

  private boolean isConstant(ValueInfo output) {
    return options.facts().constant().contains(output.name());
  }

  Evidence evidence(ValueInfo output) {
    return new Evidence(output, options.tolerance(output), observations);
  }

  /** Channels (along axis 1) of an output that were zero on every sample. */
  long deadChannels(String output) {
    return Magnitudes.deadChannels(
        observations.stream().map(seen -> seen.magnitudes(output)).toList());
  }
}
