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
import java.util.OptionalDouble;

/** What the original answered to one sample, and how far that moved by itself. */
final class Observation {
  private final Sample sample;
  private final Map<String, Tensor> outputs;
  private final Map<String, Double> floors = new HashMap<>();

  Observation(Sample sample, Map<String, Tensor> outputs) {
    this.sample = sample;
    this.outputs = outputs;
  }

  Sample sample() {
    return sample;
  }

  Map<String, Tensor> outputs() {
    return outputs;
  }

  Tensor output(String name) {
    return java.util.Objects.requireNonNull(outputs.get(name));
  }

  /** The original has been seen to move so far without being changed. */
  void moved(String output, double error) {
    floors.merge(output, error, Math::max);
  }

  OptionalDouble floor(String output) {
    Double floor = floors.get(output);
    return floor == null ? OptionalDouble.empty() : OptionalDouble.of(floor);
  }
}
