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

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.text.GraphText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Fuses a graph given as text and looks at what came of it. Whatever else a test asks, both graphs
 * are evaluated in float64 on the same seeded inputs, so that no test of a rule can forget to prove
 * it.
 */
final class Fusing {
  private final ModelGraph original;
  private final FusionPlan plan;
  private final ModelGraph fused;

  private Fusing(ModelGraph original, RuleSet rules) {
    this.original = original;
    this.plan = new FusionEngine(rules).plan(original);
    this.fused = plan.apply();
    FoldProof.same(original, fused);
  }

  /** By the default rules. */
  static Fusing inference(String text) {
    return new Fusing(GraphText.parse(text), Rules.inference());
  }

  /** By PyTorch's rules. */
  static Fusing torch(String text) {
    return new Fusing(GraphText.parse(text), Rules.torch());
  }

  /** By some of the default rules alone, separated by commas. */
  static Fusing only(String rules, String text) {
    return new Fusing(GraphText.parse(text), Rules.named(rules));
  }

  /** By the default rules, on a model that was not written as text. */
  static Fusing inference(ModelGraph model) {
    return new Fusing(model, Rules.inference());
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

  /** Some fusion says this to people. */
  Fusing notes(String sentence) {
    assertThat(plan.fusions().stream().flatMap(fusion -> fusion.notes().stream()))
        .contains(sentence);
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
