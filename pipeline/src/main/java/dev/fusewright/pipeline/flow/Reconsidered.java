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
package dev.fusewright.pipeline.flow;

import dev.fusewright.core.verify.LevelVerdict;
import dev.fusewright.core.verify.ModelComparison;
import dev.fusewright.core.verify.OutputFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Judges a whole-model check anew, with a noise floor that was measured on moved weights. */
final class Reconsidered {
  /**
   * How many times the measured movement may be exceeded: it is the maximum over one random choice.
   */
  private static final double FACTOR = 4;

  private Reconsidered() {}

  /**
   * The comparison with the tolerance of the new floor.
   *
   * @param found the candidate against the original
   * @param noise the original with moved weights against the original
   * @param ceiling the widest tolerance of an output, by its name
   */
  static ModelComparison of(
      ModelComparison found, ModelComparison noise, ToDoubleFunction<String> ceiling) {
    List<OutputFigures> outputs = new ArrayList<>();
    for (OutputFigures output : found.outputs()) {
      double floor =
          noise.outputs().stream()
              .filter(other -> other.name().equals(output.name()))
              .mapToDouble(other -> other.comparison().error())
              .filter(Double::isFinite)
              .findFirst()
              .orElse(0);
      double allowed = Math.min(ceiling.applyAsDouble(output.name()), FACTOR * floor);
      outputs.add(
          allowed <= output.tolerance()
              ? output
              : new OutputFigures(
                  output.name(),
                  output.sample(),
                  output.comparison(),
                  floor,
                  allowed,
                  output.visibleFault(),
                  output.deadChannels()));
    }
    if (outputs.isEmpty() || !outputs.stream().allMatch(OutputFigures::passes)) {
      return found;
    }
    OutputFigures worst =
        outputs.stream().max((a, b) -> Double.compare(part(a), part(b))).orElseThrow();
    return new ModelComparison(
        LevelVerdict.equivalent(
            String.format(
                Locale.ROOT,
                "output '%s' is off by %.1e on %s; moving the original's weights by an ulp moves it by %.1e",
                worst.name(),
                worst.comparison().error(),
                worst.sample(),
                worst.noiseFloor())),
        found.runner(),
        found.samples(),
        found.seed(),
        outputs);
  }

  private static double part(OutputFigures output) {
    return output.comparison().error() / output.tolerance();
  }
}
