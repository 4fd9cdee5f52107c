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
package dev.fusewright.core.state;

import java.util.Map;

/**
 * The eps of the BatchNorms, which a state dict does not hold.
 *
 * @param standard for every BatchNorm that {@code byNorm} does not name
 * @param by whose word {@code standard} is, such as {@code --eps}
 * @param byNorm by dotted module name, as a graph shows them
 */
public record Epsilons(double standard, String by, Map<String, Double> byNorm) {
  /** PyTorch's default. */
  public static final Epsilons DEFAULT = new Epsilons(1e-5, "PyTorch's default", Map.of());

  /** Copies; refuses what is negative or no number. */
  public Epsilons {
    byNorm = Map.copyOf(byNorm);
    byNorm.values().forEach(Epsilons::check);
    check(standard);
  }

  private static void check(double epsilon) {
    if (!(epsilon >= 0) || Double.isInfinite(epsilon)) {
      throw new IllegalArgumentException("eps must be a number of at least 0, not " + epsilon);
    }
  }

  /** One eps for all. */
  public static Epsilons of(double standard, String by) {
    return new Epsilons(standard, by, Map.of());
  }

  /** These, but for the BatchNorms of which a graph shows another. */
  public Epsilons shown(Map<String, Double> byGraph) {
    return new Epsilons(standard, by, byGraph);
  }

  double of(String norm) {
    return byNorm.getOrDefault(norm, standard);
  }

  /** Whether a graph shows the eps of a BatchNorm. */
  boolean isShown(String norm) {
    return byNorm.containsKey(norm);
  }
}
