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
import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verify.inputs.InputGenerator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Detection power of one output of the original: what it can say about a candidate.
 *
 * <p>A sample is telling if the output is more than next to nothing on it, and moves by itself by
 * less than the ceiling of its tolerance.
 */
final class Evidence {
  /** Magnitudes below this are what a sigmoid says of noise. */
  static final double NEXT_TO_NOTHING = 0x1p-13;

  /** On so many samples an output must be heard: else it is chance that woke the model. */
  private static final int LEAST_AUDIBLE = 3;

  /** An output that shows no smaller disturbance than this shows next to no fault. */
  private static final double MOST_VISIBLE = 0x1p-8;

  /** How many times what may always be off must be visible in types that are coarser than that. */
  private static final int VISIBLE_LEASTS = 8;

  /** How many times its median the largest magnitude counts for at most: more is an overflow. */
  private static final double MOST_REACH = 0x1p10;

  private final String name;
  private final boolean real;
  private final Tolerance tolerance;
  private final List<Observation> observations;

  /**
   * Evidence from observations.
   *
   * @param tolerance of the output
   */
  Evidence(ValueInfo output, Tolerance tolerance, List<Observation> observations) {
    this.name = output.name();
    this.real = output.type().isFoldable();
    this.tolerance = tolerance;
    this.observations = observations;
  }

  boolean isTelling(Observation seen) {
    return isAudible(seen) && !isNoisy(seen);
  }

  /** Whether the output is more than next to nothing. */
  boolean isAudible(Observation seen) {
    return !real || seen.magnitude(name) >= NEXT_TO_NOTHING;
  }

  private boolean isNoisy(Observation seen) {
    return tolerance.unclipped(seen.floor(name)) > tolerance.ceiling();
  }

  /**
   * How far the output moves by itself on a sample, or if that is more, in the median of all
   * telling ones: measured on one sample alone, the floor may happen to be low.
   */
  OptionalDouble floor(Observation seen) {
    OptionalDouble own = seen.floor(name);
    double[] all =
        observations.stream()
            .filter(this::isTelling)
            .filter(other -> other.floor(name).isPresent())
            .mapToDouble(other -> other.floor(name).getAsDouble())
            .sorted()
            .toArray();
    if (all.length == 0) {
      return own;
    }
    return OptionalDouble.of(Math.max(own.orElse(0), all[all.length / 2]));
  }

  /** Why the output proves nothing; empty if it does. */
  Optional<LevelVerdict> inconclusive() {
    List<Observation> audible = observations.stream().filter(this::isAudible).toList();
    boolean givenIsAudible =
        audible.stream().anyMatch(seen -> seen.sample() instanceof Sample.Given);
    boolean isChance = audible.size() < Math.min(LEAST_AUDIBLE, observations.size());
    if ((audible.isEmpty() || isChance) && !givenIsAudible) {
      return inconclusive(
          InconclusiveReason.VACUOUS,
          "is next to nothing (below %.1e) on %d of %s; give samples of real inputs"
              .formatted(
                  NEXT_TO_NOTHING,
                  observations.size() - audible.size(),
                  Amounts.count(observations.size(), "sample")));
    }
    if (audible.stream().allMatch(this::isNoisy)) {
      double floor =
          audible.stream().mapToDouble(seen -> seen.floor(name).orElse(0)).min().orElse(0);
      return inconclusive(
          InconclusiveReason.NOISE,
          "moves by itself by %.1e or more when the last bits of the inputs or the order of evaluation change"
              .formatted(floor));
    }
    OptionalDouble fault = visibleFault();
    if (fault.isPresent() && fault.getAsDouble() >= InputGenerator.DISTURBANCE) {
      return inconclusive(
          InconclusiveReason.VACUOUS,
          "hardly moves when the inputs are disturbed by %.0f %%"
              .formatted(100 * InputGenerator.DISTURBANCE));
    }
    if (fault.isPresent() && fault.getAsDouble() >= mostVisible()) {
      return inconclusive(
          InconclusiveReason.VACUOUS,
          "shows no disturbance of the inputs below %.1e, where %.1e is needed"
              .formatted(fault.getAsDouble(), mostVisible()));
    }
    if (fault.isEmpty() && observations.size() > 1 && !differsBetweenSamples()) {
      return inconclusive(InconclusiveReason.VACUOUS, "is the same on every sample");
    }
    return Optional.empty();
  }

  private double mostVisible() {
    return Math.max(MOST_VISIBLE, VISIBLE_LEASTS * tolerance.least());
  }

  private Optional<LevelVerdict> inconclusive(InconclusiveReason cause, String reason) {
    return Optional.of(LevelVerdict.inconclusive(cause, "output '%s' %s".formatted(name, reason)));
  }

  /**
   * The smallest relative disturbance of the inputs that would have been seen on the most sensitive
   * sample, taking the output for linear; infinite if none; empty if the inputs could not be
   * disturbed.
   */
  OptionalDouble visibleFault() {
    List<Observation> disturbed =
        observations.stream()
            .filter(seen -> seen.reaction(name).isPresent() && isTelling(seen))
            .toList();
    return real ? visibleMovement(disturbed) : visibleChange(disturbed);
  }

  private OptionalDouble visibleMovement(List<Observation> disturbed) {
    return disturbed.stream()
        .mapToDouble(
            seen ->
                InputGenerator.DISTURBANCE
                    * tolerance.allowed(floor(seen))
                    / seen.reaction(name).getAsDouble())
        .min();
  }

  /**
   * Of an output whose elements change or do not: no less than one of them changes, so that a small
   * disturbance shows in so many elements of all samples together as it is of the large one.
   */
  private OptionalDouble visibleChange(List<Observation> disturbed) {
    if (disturbed.isEmpty()) {
      return OptionalDouble.empty();
    }
    double most = 0;
    double single = 0;
    for (Observation seen : disturbed) {
      double elements = Math.max(1, seen.output(name).shape().elementCount());
      double changed = elements * Math.min(1, seen.reaction(name).getAsDouble());
      double needed = elements * tolerance.allowed(floor(seen));
      if (needed > 1) {
        most = Math.max(most, changed / needed);
      } else {
        single += changed;
      }
    }
    return OptionalDouble.of(InputGenerator.DISTURBANCE / Math.max(most, single));
  }

  private boolean differsBetweenSamples() {
    Tensor first = observations.get(0).output(name);
    return observations.stream()
        .skip(1)
        .map(seen -> seen.output(name))
        .anyMatch(
            other ->
                Comparison.mismatch(first, other).isPresent()
                    ? !isRepeated(first, other)
                    : Comparison.of(first, other, 0).error() > tolerance.least());
  }

  /** Whether the larger of two outputs, of a larger batch, say, is the smaller over and over. */
  private static boolean isRepeated(Tensor a, Tensor b) {
    if (a.type() != b.type() || !ElementCodec.supports(a.type())) {
      return false;
    }
    double[] one = Tensors.doubles(a, Integer.MAX_VALUE);
    double[] other = Tensors.doubles(b, Integer.MAX_VALUE);
    double[] smaller = one.length < other.length ? one : other;
    double[] larger = one.length < other.length ? other : one;
    return smaller.length > 0
        && IntStream.range(0, larger.length)
            .allMatch(i -> Double.compare(larger[i], smaller[i % smaller.length]) == 0);
  }

  /**
   * The magnitude that an output reaches: the largest over all samples, though no more than so many
   * times the median. What is next to nothing beside it is quiet, and so is its noise; on the
   * sample where the output is largest, nothing else is.
   */
  static double typicalMagnitude(String output, List<Observation> observations) {
    double[] sorted =
        observations.stream().mapToDouble(seen -> seen.magnitude(output)).sorted().toArray();
    return sorted.length == 0
        ? 0
        : Math.min(sorted[sorted.length - 1], MOST_REACH * sorted[sorted.length / 2]);
  }
}
