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
import java.util.Map;
import java.util.stream.Collectors;

/** One set of inputs. */
record Sample(Origin origin, String label, Map<String, Tensor> inputs) {
  /** Where inputs come from. */
  enum Origin {
    /** From the user. */
    GIVEN,
    /** From a seed. */
    MADE
  }

  static Sample of(Origin origin, String kind, Map<String, Tensor> inputs) {
    String shapes =
        inputs.values().stream()
            .map(tensor -> tensor.shape().toString())
            .limit(3)
            .collect(Collectors.joining(" "));
    return new Sample(origin, kind + " " + shapes, inputs);
  }

  boolean isGiven() {
    return origin == Origin.GIVEN;
  }

  /**
   * Whether an input can be moved by an ulp: there is a floating-point one that is not all zero.
   */
  boolean isMovable() {
    return inputs.values().stream()
        .anyMatch(tensor -> tensor.type().isFoldable() && Magnitudes.of(tensor).largest() > 0);
  }
}
