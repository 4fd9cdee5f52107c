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
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Outputs of the original on one sample, and their sensitivity. */
final class Observation {
  private final Sample sample;
  private final Map<String, Tensor> outputs;
  private final Map<String, Magnitudes> magnitudes = new HashMap<>();
  private final Map<String, Double> floors = new HashMap<>();
  private final Map<String, Double> reactions = new HashMap<>();

  Observation(Sample sample, Map<String, Tensor> outputs) {
    this.sample = sample;
    this.outputs = outputs;
    outputs.forEach((name, tensor) -> magnitudes.put(name, Magnitudes.of(tensor)));
  }

  Sample sample() {
    return sample;
  }

  Map<String, Tensor> outputs() {
    return outputs;
  }

  Tensor output(String name) {
    return Objects.requireNonNull(outputs.get(name));
  }

  /** The largest finite magnitude of an output. */
  double magnitude(String output) {
    return magnitudes(output).largest();
  }

  /** The largest finite magnitude in each channel of an output. */
  Magnitudes magnitudes(String output) {
    return Objects.requireNonNull(magnitudes.get(output));
  }

  /** The original has been seen to move so far without being changed. */
  void moved(String output, double error) {
    floors.merge(output, error, Math::max);
  }

  /** How far the original moves without being changed, if that was seen. */
  OptionalDouble floor(String output) {
    return optional(floors.get(output));
  }

  /** The output moved so far when the inputs were disturbed. */
  void reacted(String output, double error) {
    reactions.merge(output, error, Math::max);
  }

  /** How far the output moves when the inputs are disturbed, if that was tried. */
  OptionalDouble reaction(String output) {
    return optional(reactions.get(output));
  }

  private static OptionalDouble optional(@Nullable Double value) {
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
