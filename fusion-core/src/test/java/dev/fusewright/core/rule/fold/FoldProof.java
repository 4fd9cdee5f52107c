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
package dev.fusewright.core.rule.fold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceEvaluator;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.testing.SeededInputs;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/** Evaluates two models in float64 on the same seeded inputs and compares all outputs. */
final class FoldProof {
  private static final Map<ElementType, Double> TOLERANCE =
      Map.of(
          ElementType.FLOAT, 2e-6,
          ElementType.DOUBLE, 1e-12,
          ElementType.FLOAT16, 4e-3,
          ElementType.BFLOAT16, 3e-2);

  private FoldProof() {}

  /** Proves that both compute the same, up to the rounding of stored parameters. */
  static void same(ModelGraph original, ModelGraph fused) {
    if (fused == original) {
      return;
    }
    for (long size = 2; size <= 3; size++) {
      same(original, fused, inputs(original, size), 1);
    }
  }

  /**
   * Proves it on the given inputs.
   *
   * @param leniency how many times the usual difference may be
   */
  static void same(
      ModelGraph original, ModelGraph fused, Map<String, NdArray> inputs, double leniency) {
    Map<String, NdArray> before = numbers(original, inputs);
    Map<String, NdArray> after = numbers(fused, inputs);
    assertThat(after.keySet()).containsExactlyElementsOf(before.keySet());
    before.forEach((name, expected) -> compare(name, expected, after.get(name), leniency));
  }

  /** The outputs that are no strings. */
  private static Map<String, NdArray> numbers(ModelGraph model, Map<String, NdArray> inputs) {
    Set<String> wanted =
        model.graph().outputs().stream()
            .filter(output -> output.type() != ElementType.STRING)
            .map(ValueInfo::name)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    return new ReferenceEvaluator(model.opsets(), model.functions())
        .values(model.graph(), inputs, wanted);
  }

  private static void compare(String name, NdArray expected, NdArray actual, double leniency) {
    assertThat(actual.shape()).as("shape of " + name).isEqualTo(expected.shape());
    assertThat(actual.type()).as("type of " + name).isEqualTo(expected.type());
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.values().length; i++) {
      double value = expected.values()[i];
      assertThat(actual.values()[i]).as(name + "[" + i + "]").isNotNaN();
      largest = Math.max(largest, Math.abs(value));
      difference = Math.max(difference, Math.abs(value - actual.values()[i]));
    }
    double tolerance = leniency * TOLERANCE.getOrDefault(expected.type(), 0.0);
    assertThat(difference / Math.max(largest, 1e-30))
        .as("largest difference of %s, relative to its largest value %s", name, largest)
        .isLessThanOrEqualTo(tolerance);
  }

  /** Seeded inputs; sizes that the graph leaves open are {@code open}. */
  static Map<String, NdArray> inputs(ModelGraph model, long open) {
    return SeededInputs.of(model, open, 7 * open);
  }

  /** Numbers in [−2, 2). */
  static NdArray array(ElementType type, Shape shape, Random random) {
    return SeededInputs.array(type, shape, random);
  }
}
