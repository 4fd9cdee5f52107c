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
package dev.fusewright.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.pattern.Capture;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.text.GraphText;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class FusionEngineTest {
  private static final Capture RELU = Capture.named("relu");

  private static final String CHAIN =
      """
      g (float[2,3] x) => (float[2,3] z)
      <float[3] k = random(1)>
      {
        a = Abs(x)
        [relu] r = Relu(a)
        z = Mul(r, k)
      }
      """;

  /** A rule at every Relu that does whatever it is told. */
  private record Told(Function<Node, Decision<Node>> check, Function<Node, Rewrite> rewrite)
      implements Rule<Node> {
    @Override
    public RuleInfo info() {
      return new RuleInfo("told", "Does what it is told", "x = x");
    }

    @Override
    public Pattern pattern() {
      return Pattern.node(OpKind.RELU).as(RELU);
    }

    @Override
    public Decision<Node> check(Match match) {
      return check.apply(match.node(RELU));
    }

    @Override
    public Rewrite rewrite(Match match, Node facts) {
      return rewrite.apply(facts);
    }
  }

  private static FusionPlan plan(Function<Node, Rewrite> rewrite) {
    return plan(new Told(Decision::sound, rewrite));
  }

  private static FusionPlan plan(Rule<?> rule) {
    return new FusionEngine(new RuleSet("told", List.of(rule), List.of()))
        .plan(GraphText.parse(CHAIN));
  }

  /** The one thing that a plan says of a rule that does what it must not. */
  private static String defect(Rule<?> rule) {
    FusionPlan plan = plan(rule);
    assertThat(plan.fusions()).isEmpty();
    assertThat(plan.refusals()).hasSize(1);
    assertThat(plan.refusals().get(0).reason()).isEqualTo(Reason.DEFECT);
    assertThat(plan.refusals().get(0).rule()).isEqualTo("told");
    return plan.refusals().get(0).message();
  }

  private static String defect(Function<Node, Rewrite> rewrite) {
    return defect(new Told(Decision::sound, rewrite));
  }

  @Test
  void a_rule_that_takes_away_what_is_still_read_costs_its_site_and_is_named() {
    assertThat(defect(relu -> Rewrite.of(List.of(relu)).remove(relu).into("X", "a")))
        .contains("rule told broke the graph")
        .contains("[relu]")
        .contains("'r' is still read");
  }

  @Test
  void a_rule_that_reads_what_nobody_computes_costs_its_site_and_is_named() {
    assertThat(
            defect(
                relu ->
                    Rewrite.of(List.of(relu)).replace(relu.withInput(0, "gone")).into("X", "r")))
        .contains("rule told")
        .contains("'gone', which nothing computes");
  }

  @Test
  void a_rule_that_computes_a_value_a_second_time_costs_its_site_and_is_named() {
    assertThat(
            defect(
                relu ->
                    Rewrite.of(List.of(relu))
                        .insert(relu.withId(-1).withOutputs(List.of("z")), relu)
                        .into("X", "r")))
        .contains("rule told");
  }

  @Test
  void a_rule_that_changes_the_type_of_a_parameter_costs_its_site_and_is_named() {
    assertThat(
            defect(
                relu -> {
                  Node mul =
                      new Node(
                          2, "", OpKind.MUL, List.of("r", "k"), List.of("z"), java.util.Map.of());
                  return Rewrite.of(List.of(mul))
                      .replace(mul)
                      .parameter(mul, 1, new FilledTensor(ElementType.DOUBLE, Shape.of(3), 1), "k")
                      .into("X", "z");
                }))
        .contains("'k' is float, and would become double");
  }

  @Test
  void a_rule_that_throws_when_it_checks_costs_its_site_and_is_named() {
    assertThat(
            defect(
                new Told(
                    relu -> {
                      throw new ArithmeticException("overflow");
                    },
                    relu -> Rewrite.of(List.of(relu)).into("X", "r"))))
        .contains("rule told failed to check [relu]: overflow; this is a defect of the rule");
  }

  @Test
  void a_rule_that_throws_when_it_rewrites_costs_its_site_and_is_named() {
    assertThat(
            defect(
                relu -> {
                  throw new ArithmeticException("overflow");
                }))
        .contains("failed to rewrite what it had found sound: [relu]: overflow");
  }

  @Test
  void a_rule_that_recurses_without_end_costs_its_site() {
    assertThat(defect(FusionEngineTest::endless)).contains("[relu]: StackOverflowError");
  }

  @SuppressWarnings("InfiniteRecursion") // That is the fault that is injected.
  private static Rewrite endless(Node relu) {
    return endless(relu);
  }

  @Test
  void a_lack_of_memory_is_no_defect_of_a_rule() {
    assertThatThrownBy(
            () ->
                plan(
                    relu -> {
                      throw new OutOfMemoryError("heap");
                    }))
        .isInstanceOf(OutOfMemoryError.class);
  }

  @Test
  void a_parameter_that_cannot_be_read_is_no_defect_of_a_rule() {
    assertThatThrownBy(
            () ->
                plan(
                    relu -> {
                      throw new TensorReadException("w.bin", new java.io.IOException("gone"));
                    }))
        .isInstanceOf(TensorReadException.class);
  }

  private static final String TWO =
      """
      g (float[1,3,4,4] x) => (float[] z)
      <float[4,3,1,1] w = random(1), float[4] p = random(2), float[4] v = random(3, 0.1, 2.0)>
      {
        [a] a = Conv(x, w)
        [b] b = BatchNormalization(a, p, p, p, v)
        [relu] r = Relu(b)
        [c] c = Conv(r, w)
        [d] z = BatchNormalization(c, p, p, p, v)
      }
      """;

  @Test
  void what_other_rules_fuse_is_the_same_beside_a_rule_that_broke_the_graph() {
    Rule<?> breaking =
        new Told(
            Decision::sound,
            relu ->
                Rewrite.of(List.of(relu))
                    .insert(relu.withId(-1).withOutputs(List.of("z")), relu)
                    .remove(relu)
                    .into("X", "r"));
    List<Rule<?>> all = new java.util.ArrayList<>(List.of(breaking));
    all.addAll(Rules.inference().folds());
    ModelGraph model = GraphText.parse(TWO);

    FusionPlan beside = new FusionEngine(new RuleSet("all", all, List.of())).plan(model);
    FusionPlan alone =
        new FusionEngine(new RuleSet("own", Rules.inference().folds(), List.of())).plan(model);

    assertThat(alone.fusions()).hasSize(2);
    assertThat(GraphText.print(beside.apply())).isEqualTo(GraphText.print(alone.apply()));
    assertThat(beside.refusals())
        .filteredOn(refusal -> refusal.reason() == Reason.DEFECT)
        .extracting(Refusal::nodes)
        .containsExactly(List.of("relu"));
  }

  @Test
  void a_rule_that_never_has_enough_ends_with_the_budget_and_that_is_reported() {
    FusionPlan plan = plan(relu -> Rewrite.of(List.of(relu)).replace(relu).into("X", "r"));

    assertThat(plan.fusions()).hasSize(4 * 3 + 1);
    assertThat(plan.refusals()).extracting(Refusal::reason).contains(Reason.BUDGET);
    assertThat(plan.refusals())
        .extracting(Refusal::message)
        .anyMatch(message -> message.endsWith("Applied most often: told 13 times."));
  }

  @Test
  void the_same_model_gives_the_same_plan() {
    String text =
        """
        g (float[1,3,4,4] x) => (float[] z)
        <float[4,3,1,1] w = random(1), float[4] p = random(2), float[4] v = random(3, 0.1, 2.0), float[4,1,1] k = random(4)>
        {
          a = Conv(x, w)
          b = BatchNormalization(a, p, p, p, v)
          c = Conv(x, w)
          d = Mul(c, k)
          z = Add(b, d)
        }
        """;

    assertThat(describe(text)).isEqualTo(describe(text)).hasSize(2);
  }

  private static List<String> describe(String text) {
    return new FusionEngine(Rules.inference())
        .plan(GraphText.parse(text)).fusions().stream()
            .map(f -> f.rule() + f.nodes() + f.output() + f.touched().stream().sorted().toList())
            .toList();
  }

  @Test
  void a_model_with_a_cycle_is_refused_before_any_rule_sees_it() {
    assertThatThrownBy(
            () ->
                new FusionEngine(Rules.inference())
                    .plan(GraphText.parse("g (float x) => (float a) { a = Abs(b) b = Neg(a) }")))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining("cycle");
  }

  private static final String SHARED =
      """
      g (float[1,3,4,4] x) => (float[] z, float[] c)
      <float[4,3,1,1] w = random(1), float[4] p = random(2), float[4] v = random(3, 0.1, 2.0)>
      {
        [a] a = Conv(x, w)
        [b] z = BatchNormalization(a, p, p, p, v)
        [c] c = Conv(x, w)
      }
      """;

  @Test
  void a_copy_beyond_the_budget_is_refused_with_its_size() {
    long bytes = 4 * 3 * 4;
    FusionEngine engine = new FusionEngine(Rules.inference());

    assertThat(engine.withCloneBudget(bytes).plan(GraphText.parse(SHARED)).changesModel()).isTrue();
    FusionPlan refused = engine.withCloneBudget(bytes - 1).plan(GraphText.parse(SHARED));
    assertThat(refused.fusions()).isEmpty();
    assertThat(refused.refusals())
        .anySatisfy(
            refusal -> {
              assertThat(refusal.reason()).isEqualTo(Reason.CLONE_BUDGET);
              assertThat(refusal.nodes()).containsExactly("a", "b");
              assertThat(refusal.message()).contains("48 bytes", "47 bytes are left");
            });
  }

  @Test
  void what_was_shared_at_first_is_copied_for_everybody_so_that_each_fusion_can_be_dropped() {
    String both =
        SHARED
            .replace("float[] c)", "float[] y)")
            .replace(
                "[c] c = Conv(x, w)",
                "[c] c = Conv(x, w) [d] y = BatchNormalization(c, p, p, p, v)");
    FusionPlan plan = new FusionEngine(Rules.inference()).plan(GraphText.parse(both));

    assertThat(plan.fusions()).hasSize(2);
    assertThat(plan.fusions().get(0).touched())
        .doesNotContainAnyElementsOf(plan.fusions().get(1).touched());
    for (Fusion fusion : plan.fusions()) {
      FusionPlan rest = plan.without(java.util.Set.of(fusion.id()));
      assertThat(rest.fusions()).hasSize(1);
      assertThat(GraphText.print(rest.apply())).contains("float[4,3,1,1] w =");
    }
  }

  private static List<Refusal> leftOver(String nodes) {
    return new FusionEngine(Rules.inference())
        .plan(
            GraphText.parse(
                """
                g (float[1,3,4,4] x, float[1,4,4,4] y) => (float[] z)
                <float[4,3,1,1] w = random(1), float[4] p = random(2), int64[3] s = {1,4,16}>
                { %s }
                """
                    .formatted(nodes)))
        .refusals();
  }

  @Test
  void an_add_that_stays_behind_a_layer_says_which_operand_is_no_constant() {
    assertThat(leftOver("[c] c = Conv(x, w) [add] z = Add(c, y)"))
        .singleElement()
        .satisfies(
            refusal -> {
              assertThat(refusal.nodes()).containsExactly("add");
              assertThat(refusal.reason()).isEqualTo(Reason.RUNTIME_INPUT);
              assertThat(refusal.message()).contains("behind Conv 'c'", "'y'");
            });
  }

  @Test
  void an_add_behind_nodes_that_only_pass_a_layers_values_on_has_a_reason_too() {
    assertThat(
            leftOver(
                "[c] c = Conv(x, w) [r] r = Reshape(c, s) [q] q = Reshape(y, s) [add] z = Add(q, r)"))
        .anyMatch(refusal -> refusal.nodes().equals(List.of("add")));
  }

  @Test
  void an_add_behind_no_layer_needs_no_reason() {
    assertThat(leftOver("[c] c = Relu(y) [add] z = Add(c, y)")).isEmpty();
  }

  /** A weight of 16.8 MB that is stored as one number. */
  private static String computedWeight(long outputs) {
    return """
        g (float[1,1024,1,1] x) => (float[] z)
        <int64[4] extents = {%d,1024,1,1}, float[%d] p = random(2), float[%d] v = random(3, 0.1, 2.0)>
        {
          w = ConstantOfShape(extents)
          [a] a = Conv(x, w)
          [b] z = BatchNormalization(a, p, p, p, v)
        }
        """
        .formatted(outputs, outputs, outputs);
  }

  @Test
  void a_site_that_would_make_a_small_file_large_is_refused_with_both_sizes() {
    FusionPlan plan =
        new FusionEngine(Rules.inference()).plan(GraphText.parse(computedWeight(4096)));

    assertThat(plan.fusions()).isEmpty();
    assertThat(plan.refusals())
        .anySatisfy(
            refusal -> {
              assertThat(refusal.reason()).isEqualTo(Reason.GROWTH);
              assertThat(refusal.nodes()).containsExactly("a", "b");
              assertThat(refusal.message()).contains("16793568 bytes", "took 32800");
            });
  }

  @Test
  void what_grows_by_less_than_16_MB_is_folded_and_said() {
    FusionPlan plan =
        new FusionEngine(Rules.inference()).plan(GraphText.parse(computedWeight(3072)));

    assertThat(plan.fusions())
        .singleElement()
        .satisfies(
            fusion ->
                assertThat(fusion.notes())
                    .contains(
                        "the file grows by 12.6 MB: parameters are stored that were computed or shared"));
  }

  @Test
  void the_bound_holds_for_all_sites_together_and_another_factor_lifts_it() {
    String both =
        """
        g (float[1,1024,1,1] x) => (float[] z, float[] y)
        <int64[4] extents = {2048,1024,1,1}, float[2048] p = random(2), float[2048] v = random(3, 0.1, 2.0)>
        {
          w = ConstantOfShape(extents)
          [a] a = Conv(x, w)
          [b] z = BatchNormalization(a, p, p, p, v)
          u = ConstantOfShape(extents)
          [c] c = Conv(x, u)
          [d] y = BatchNormalization(c, p, p, p, v)
        }
        """;
    FusionEngine engine = new FusionEngine(Rules.inference());
    FusionPlan bounded = engine.plan(GraphText.parse(both));

    assertThat(bounded.fusions()).hasSize(1);
    assertThat(bounded.refusals())
        .anySatisfy(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.GROWTH));
    assertThat(engine.withMaxGrowth(2000).plan(GraphText.parse(both)).fusions()).hasSize(2);
  }

  @Test
  void a_large_weight_that_is_scaled_in_place_is_no_growth() {
    String stored =
        computedWeight(4096)
            .replace("int64[4] extents = {4096,1024,1,1}", "float[4096,1024,1,1] w = random(1)")
            .replace("w = ConstantOfShape(extents)", "");

    assertThat(new FusionEngine(Rules.inference()).plan(GraphText.parse(stored)).fusions())
        .singleElement()
        .satisfies(fusion -> assertThat(fusion.notes()).isEmpty());
  }
}
