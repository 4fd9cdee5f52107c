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
package dev.fusewright.core.rule.qat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceEvaluator;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.testing.SeededInputs;
import dev.fusewright.core.text.GraphText;
import java.util.LinkedHashMap;
import java.util.Map;

/** Builds QAT modules in a graph given as text, and evaluates both in float64. */
final class Building {
  private final ModelGraph original;
  private final FusionPlan plan;
  private final ModelGraph built;

  private Building(ModelGraph original, RuleSet rules) {
    this.original = original;
    this.plan = new FusionEngine(rules).plan(original);
    this.built = plan.apply();
  }

  static Building by(RuleSet rules, String text) {
    return new Building(GraphText.parse(text), rules);
  }

  static Building by(RuleSet rules, ModelGraph model) {
    return new Building(model, rules);
  }

  /** Both graphs have the same outputs, the updated statistics among them. */
  Building computesTheSame() {
    return computesTheSame(1e-12);
  }

  Building computesTheSame(double tolerance) {
    Map<String, double[]> before = evaluate(original);
    evaluate(built)
        .forEach(
            (name, values) ->
                assertThat(differenceOf(before.get(name), values)).as(name).isLessThan(tolerance));
    return this;
  }

  /** The largest difference of a value between the two, relative to its largest element. */
  static double differenceOf(double[] expected, double[] actual) {
    assertThat(actual).hasSameSizeAs(expected);
    double largest = 1e-30;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).isNotNaN();
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
    }
    return difference / largest;
  }

  static Map<String, double[]> evaluate(ModelGraph model) {
    Map<String, double[]> results = new LinkedHashMap<>();
    ReferenceEvaluator.evaluate(model, inputs(model))
        .forEach((name, array) -> results.put(name, array.values()));
    return results;
  }

  static Map<String, NdArray> inputs(ModelGraph model) {
    return SeededInputs.of(model, /* open= */ 3, /* seed= */ 5);
  }

  Building makes(String... modules) {
    assertThat(plan.fusions()).extracting(Fusion::module).containsExactlyInAnyOrder(modules);
    return this;
  }

  Building leavesOperators(String... operators) {
    assertThat(built.graph().nodes().stream().map(node -> node.op().toString()))
        .containsExactly(operators);
    return this;
  }

  Building brings(String... functions) {
    assertThat(built.functions().stream().map(Function::op).map(Object::toString))
        .containsExactlyInAnyOrder(functions);
    return this;
  }

  Building refuses(Reason reason, String... parts) {
    assertThat(plan.refusals())
        .as("fusions: %s", plan.fusions())
        .anySatisfy(
            refusal -> {
              assertThat(refusal.reason()).isEqualTo(reason);
              assertThat(refusal.message()).contains(parts);
            });
    return this;
  }

  Building notes(String part) {
    assertThat(plan.fusions().stream().flatMap(fusion -> fusion.notes().stream()))
        .anySatisfy(note -> assertThat(note).contains(part));
    return this;
  }

  ModelGraph built() {
    return built;
  }

  FusionPlan plan() {
    return plan;
  }
}
