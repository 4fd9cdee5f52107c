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
import dev.fusewright.core.verify.inputs.InputFamily;
import dev.fusewright.core.verify.inputs.InputHint;
import dev.fusewright.core.verify.inputs.ModelFacts;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Options of a comparison of two whole models.
 *
 * @param samples sets of inputs to make, beside the given ones
 * @param seed from which they are made
 * @param given sets of inputs that the user knows to be typical, each with a tensor for every input
 * @param hints by input: what the user knows of the inputs that are made
 * @param facts of the original
 * @param ceiling on every output's error, where the user set one; the {@link Tolerance}'s own
 *     otherwise
 * @param outputBytes how much memory the original's outputs may take until the candidate's are
 *     there; beyond that further samples are left out
 */
public record CheckOptions(
    int samples,
    long seed,
    List<Map<String, Tensor>> given,
    Map<String, InputHint> hints,
    ModelFacts facts,
    OptionalDouble ceiling,
    long outputBytes) {
  /** Each of the usual families of inputs once. */
  public static final int DEFAULT_SAMPLES = InputFamily.USUAL.size();

  private static final long MOST_OUTPUT_BYTES = 256L << 20;

  /** Copies the given samples. */
  public CheckOptions {
    if (samples < 0 || samples + given.size() < 1) {
      throw new IllegalArgumentException("at least one sample is needed, not " + samples);
    }
    given = List.copyOf(given);
    hints = Map.copyOf(hints);
  }

  /** The usual samples from {@code seed}. */
  public static CheckOptions of(long seed) {
    long eighth = Runtime.getRuntime().maxMemory() / 8;
    return new CheckOptions(
        DEFAULT_SAMPLES,
        seed,
        List.of(),
        Map.of(),
        ModelFacts.NONE,
        OptionalDouble.empty(),
        Math.min(MOST_OUTPUT_BYTES, eighth));
  }

  /** With another number of samples. */
  public CheckOptions withSamples(int number) {
    return new CheckOptions(number, seed, given, hints, facts, ceiling, outputBytes);
  }

  /** With samples given by the user. */
  public CheckOptions withGiven(List<Map<String, Tensor>> samplesGiven) {
    return new CheckOptions(samples, seed, samplesGiven, hints, facts, ceiling, outputBytes);
  }

  /** With what the user knows of the inputs to make. */
  public CheckOptions withHints(Map<String, InputHint> known) {
    return new CheckOptions(samples, seed, given, known, facts, ceiling, outputBytes);
  }

  /** With what is known of the original. */
  public CheckOptions withFacts(ModelFacts known) {
    return new CheckOptions(samples, seed, given, hints, known, ceiling, outputBytes);
  }

  /** With another ceiling on the error. */
  public CheckOptions withCeiling(double highest) {
    return new CheckOptions(
        samples, seed, given, hints, facts, OptionalDouble.of(highest), outputBytes);
  }

  /** With another limit of memory for outputs. */
  public CheckOptions withOutputBytes(long bytes) {
    return new CheckOptions(samples, seed, given, hints, facts, ceiling, bytes);
  }

  /** How far an output may be off. */
  Tolerance tolerance(ValueInfo output) {
    Tolerance ofType = Tolerance.of(output.type());
    ElementType coarsest = facts.coarsest().getOrDefault(output.name(), output.type());
    Tolerance tolerance =
        output.type().isFoldable() ? ofType.orWider(Tolerance.of(coarsest)) : ofType;
    return ceiling.isPresent() ? tolerance.withCeiling(ceiling.getAsDouble()) : tolerance;
  }
}
