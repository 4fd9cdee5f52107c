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
package dev.fusewright.core.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceEvaluator;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.text.GraphText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Fuses a graph given as text and looks at what came of it. Whatever else a test asks, both graphs
 * are evaluated in float64 on the same seeded inputs, so that no test of a rule can forget to prove
 * it.
 */
final class Fusing {
  private static final Map<ElementType, Double> TOLERANCE =
      Map.of(
          ElementType.FLOAT, 2e-6,
          ElementType.DOUBLE, 1e-12,
          ElementType.FLOAT16, 4e-3,
          ElementType.BFLOAT16, 3e-2);

  private final ModelGraph original;
  private final FusionPlan plan;
  private final ModelGraph fused;

  private Fusing(ModelGraph original, RuleSet rules) {
    this.original = original;
    this.plan = new FusionEngine(rules).plan(original);
    this.fused = plan.apply();
    prove();
  }

  /** By the default rules. */
  static Fusing inference(String text) {
    return new Fusing(GraphText.parse(text), Rules.inference());
  }

  /** By PyTorch's rules. */
  static Fusing torch(String text) {
    return new Fusing(GraphText.parse(text), Rules.torch());
  }

  /** By the default rules, on a model that was not written as text. */
  static Fusing inference(ModelGraph model) {
    return new Fusing(model, Rules.inference());
  }

  private void prove() {
    if (fused == original) {
      return;
    }
    for (long size = 2; size <= 3; size++) {
      Map<String, NdArray> inputs = inputs(original, size);
      Map<String, NdArray> before = ReferenceEvaluator.evaluate(original, inputs);
      Map<String, NdArray> after = ReferenceEvaluator.evaluate(fused, inputs);
      assertThat(after.keySet()).containsExactlyElementsOf(before.keySet());
      before.forEach((name, expected) -> compare(name, expected, after.get(name)));
    }
  }

  private static void compare(String name, NdArray expected, NdArray actual) {
    assertThat(actual.shape()).as("shape of " + name).isEqualTo(expected.shape());
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.values().length; i++) {
      double value = expected.values()[i];
      assertThat(actual.values()[i]).as(name + "[" + i + "]").isNotNaN();
      largest = Math.max(largest, Math.abs(value));
      difference = Math.max(difference, Math.abs(value - actual.values()[i]));
    }
    double tolerance = TOLERANCE.getOrDefault(expected.type(), 0.0);
    assertThat(difference / Math.max(largest, 1e-30))
        .as("largest difference of %s, relative to its largest value %s", name, largest)
        .isLessThanOrEqualTo(tolerance);
  }

  /** Seeded inputs; sizes that the graph leaves open are {@code open}. */
  static Map<String, NdArray> inputs(ModelGraph model, long open) {
    Set<String> constants = new HashSet<>();
    model.graph().initializers().forEach(initializer -> constants.add(initializer.name()));
    Random random = new Random(7 * open);
    Map<String, NdArray> inputs = new LinkedHashMap<>();
    for (ValueInfo input : model.graph().inputs()) {
      if (!constants.contains(input.name())) {
        List<Dim> dims = input.dims() == null ? List.of() : input.dims();
        Shape shape =
            new Shape(
                dims.stream()
                    .map(dim -> dim instanceof Dim.Fixed fixed ? fixed.size() : open)
                    .toList());
        double[] values = random.doubles(shape.elementCount(), -2, 2).toArray();
        inputs.put(input.name(), NdArray.of(input.type(), shape, values));
      }
    }
    return inputs;
  }

  /** The nodes afterwards are these, in order, each as the printer shows it. */
  Fusing leaves(String... nodes) {
    assertThat(fused.graph().nodes().stream().map(GraphText::printShort)).containsExactly(nodes);
    return this;
  }

  /** The operators afterwards are these, in order. */
  Fusing leavesOperators(String... operators) {
    assertThat(fused.graph().nodes().stream().map(node -> node.op().toString()))
        .containsExactly(operators);
    return this;
  }

  /** The plan has a fusion by this rule that makes this module of these nodes. */
  Fusing fuses(String rule, String module, String... nodes) {
    assertThat(plan.fusions())
        .as("fusions: %s", describe())
        .anySatisfy(
            fusion -> {
              assertThat(fusion.rule()).isEqualTo(rule);
              assertThat(fusion.module()).isEqualTo(module);
              assertThat(fusion.nodes()).containsExactly(nodes);
            });
    return this;
  }

  /** Nothing has changed, and this rule says why. */
  Fusing refuses(String rule, Reason reason) {
    assertThat(fused).isSameAs(original);
    return says(rule, reason);
  }

  /** This rule refused a site for this reason; others may have been fused. */
  Fusing says(String rule, Reason reason) {
    assertThat(plan.refusals().stream().map(refusal -> refusal.rule() + " " + refusal.reason()))
        .as("refusals: %s", plan.refusals())
        .contains(rule + " " + reason);
    return this;
  }

  /** Nothing has changed. */
  Fusing leavesItAlone() {
    assertThat(fused).as(describe()).isSameAs(original);
    return this;
  }

  private String describe() {
    return Stream.concat(
            plan.fusions().stream().map(Fusion::toString),
            plan.refusals().stream().map(Refusal::toString))
        .reduce("", (a, b) -> a + "\n" + b);
  }

  /** The names of the initializers afterwards are these, in any order. */
  Fusing keepsInitializers(String... names) {
    List<String> kept = new ArrayList<>();
    fused.graph().initializers().forEach(initializer -> kept.add(initializer.name()));
    assertThat(kept).containsExactlyInAnyOrder(names);
    return this;
  }

  ModelGraph fused() {
    return fused;
  }

  FusionPlan plan() {
    return plan;
  }

  /** How many nodes of each operator there are in the main graph. */
  static Map<String, Integer> count(ModelGraph model) {
    Map<String, Integer> counts = new HashMap<>();
    for (Node node : model.graph().nodes()) {
      counts.merge(node.op().toString(), 1, Integer::sum);
    }
    return counts;
  }
}
