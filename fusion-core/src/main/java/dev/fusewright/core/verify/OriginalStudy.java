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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The original, observed alone: its answers, how far they move by themselves, and whether they
 * would show a fault.
 */
final class OriginalStudy {
  /**
   * On how many samples the inputs are nudged and disturbed; on all of them the order of evaluation
   * is changed.
   */
  private static final int MOVED_SAMPLES = 2;

  private final CheckOptions options;
  private final Probe probe;
  private final List<Observation> observations = new ArrayList<>();
  private final Map<String, Double> typical = new HashMap<>();
  private final Map<String, Double> reactions = new HashMap<>();
  private final Map<String, Double> nudges = new HashMap<>();
  private List<ValueInfo> inputs = List.of();
  private List<ValueInfo> outputs = List.of();
  private List<DimSizes> sizes = List.of();
  private long bytes;
  private int leftOut;
  private String lastRunError = "";

  OriginalStudy(CheckOptions options) {
    this.options = options;
    this.probe = new Probe(options.seed(), options.facts().integerBounds());
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
      observe(session, usualSamples(session));
      if (observations.isEmpty()) {
        throw new ModelRunException(
            RunFailure.RUN_ERROR,
            "no inputs were found on which it runs; the last attempt said: " + lastRunError);
      }
      if (options.samples() > 0 && !vacuities().isEmpty()) {
        observe(session, samples(InputFamily.ADAPTED, InputFamily.ADAPTED.size()));
      }
    }
    reorder(original);
  }

  List<ValueInfo> inputs() {
    return inputs;
  }

  List<ValueInfo> outputs() {
    return outputs;
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

  private List<Sample> usualSamples(ModelSession session) throws ModelRunException {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < options.given().size(); i++) {
      samples.add(Sample.of("given " + (i + 1), options.given().get(i)));
    }
    if (options.samples() > 0) {
      sizes = sizes(session);
      samples.addAll(samples(InputFamily.USUAL, options.samples()));
    }
    return samples;
  }

  private List<Sample> samples(List<InputFamily> families, int count) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < count && !sizes.isEmpty(); i++) {
      InputFamily family = families.get(i % families.size());
      DimSizes size = sizes.get(i % sizes.size());
      samples.add(Sample.of(family.label(), probe.inputs(inputs, size, family, i)));
    }
    return samples;
  }

  /**
   * One or two sets of sizes with which the original runs; none if there is no such set among the
   * proposals.
   */
  private List<DimSizes> sizes(ModelSession session) throws ModelRunException {
    List<DimSizes> proposals = DimSizes.proposals(inputs);
    if (proposals.size() == 1 && DimSizes.alternatives(inputs, proposals.get(0)).isEmpty()) {
      return proposals;
    }
    List<DimSizes> found = new ArrayList<>();
    firstThatRuns(session, proposals, found);
    if (!found.isEmpty()) {
      firstThatRuns(session, DimSizes.alternatives(inputs, found.get(0)), found);
    }
    return found;
  }

  private void firstThatRuns(ModelSession session, List<DimSizes> proposals, List<DimSizes> found)
      throws ModelRunException {
    for (DimSizes proposal : proposals) {
      try {
        session.run(probe.inputs(inputs, proposal, InputFamily.NORMAL, 0), outputNames());
        found.add(proposal);
        return;
      } catch (ModelRunException e) {
        tolerateRunError(e);
      }
    }
  }

  private void tolerateRunError(ModelRunException e) throws ModelRunException {
    if (e.failure() != RunFailure.RUN_ERROR) {
      throw e;
    }
    lastRunError = String.valueOf(e.getMessage());
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
        tolerateRunError(e);
        leftOut++;
      }
    }
    observations.addAll(fresh);
    for (String output : outputNames()) {
      typical.put(
          output,
          median(observations.stream().map(seen -> magnitude(seen.output(output))).toList()));
    }
    List<Observation> movable =
        fresh.stream().filter(seen -> seen.sample().isMovable()).limit(MOVED_SAMPLES).toList();
    for (Observation seen : movable) {
      compare(seen, session.run(probe.nudged(seen.sample().inputs()), outputNames()), nudges);
      compare(seen, session.run(probe.disturbed(seen.sample().inputs()), outputNames()), reactions);
    }
  }

  private void compare(Observation seen, Map<String, Tensor> moved, Map<String, Double> errors) {
    seen.outputs()
        .forEach((name, expected) -> errors.merge(name, error(name, expected, moved), Math::max));
  }

  private double error(String name, Tensor expected, Map<String, Tensor> others) {
    Tensor other = java.util.Objects.requireNonNull(others.get(name));
    // An output whose very shape depends on the inputs' last bits (detections, say) is as noisy as
    // can be.
    return Comparison.mismatch(expected, other).isPresent()
        ? Double.POSITIVE_INFINITY
        : Comparison.of(expected, other, typicalMagnitude(name)).error();
  }

  /** The original once more, in another order; that it cannot be had is no finding. */
  private void reorder(ModelRunner original) throws ModelRunException {
    try (ModelSession session = original.open(Evaluation.REORDERED)) {
      for (Observation seen : observations) {
        Map<String, Tensor> again = session.run(seen.sample().inputs(), outputNames());
        seen.outputs().forEach((name, expected) -> seen.moved(name, error(name, expected, again)));
      }
    } catch (ModelRunException e) {
      if (e.failure() == RunFailure.UNAVAILABLE) {
        throw e;
      }
    }
    for (Observation seen : observations) {
      nudges.forEach(seen::moved);
    }
  }

  /** By output, why it would not show a fault. */
  Map<String, String> vacuities() {
    Map<String, String> vacuities = new LinkedHashMap<>();
    boolean someRealOutputMoves = false;
    for (ValueInfo output : outputs) {
      var vacuity = sensitivity(output).vacuity();
      vacuity.ifPresent(reason -> vacuities.put(output.name(), reason));
      someRealOutputMoves |= vacuity.isEmpty() && output.type().isFoldable();
    }
    if (someRealOutputMoves) {
      // A label need not change while the scores beside it do.
      outputs.stream()
          .filter(output -> !output.type().isFoldable())
          .forEach(output -> vacuities.remove(output.name()));
    }
    return vacuities;
  }

  Sensitivity sensitivity(ValueInfo output) {
    String name = output.name();
    double magnitude =
        observations.stream().mapToDouble(seen -> magnitude(seen.output(name))).max().orElse(0);
    Double nudge = nudges.get(name);
    OptionalDouble floor = nudge == null ? OptionalDouble.empty() : OptionalDouble.of(nudge);
    Double reaction = reactions.get(name);
    OptionalDouble reacted =
        reaction == null ? OptionalDouble.empty() : OptionalDouble.of(reaction);
    return new Sensitivity(
        magnitude, reacted, spread(name), options.tolerance(output.type()).allowed(floor));
  }

  private OptionalDouble spread(String output) {
    Tensor first = observations.get(0).output(output);
    return observations.stream()
        .skip(1)
        .map(seen -> seen.output(output))
        .filter(other -> Comparison.mismatch(first, other).isEmpty())
        .mapToDouble(other -> Comparison.of(first, other, typicalMagnitude(output)).error())
        .max();
  }

  private static double magnitude(Tensor tensor) {
    return Magnitudes.of(tensor).largest();
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElse(0.0);
  }

  /** Channels (along axis 1) of an output that were zero on every sample. */
  long deadChannels(String output) {
    return Magnitudes.deadChannels(observations.stream().map(seen -> seen.output(output)).toList());
  }
}
