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
package dev.fusewright.core.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verdict.SiteResult;
import dev.fusewright.core.verdict.Verdict;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Fusions that a report names are proven as well as those of the plan that it was made from. */
class RecordedPlanTest {
  private static final String TWO_LAYOUTS_AND_A_CHAIN =
      """
      g (float[6,5] x) => (float[2,8,3] y)
      <float[5,8] w = random(1), int64[3] s = {2,3,8}, float[8] p = random(2), float[8] v = random(3, 0.1, 2.0)>
      {
        [c] c = MatMul(x, w)
        [r] r = Reshape(c, s)
        [t] t = Transpose<perm=[0,2,1]>(r)
        [bn] y = BatchNormalization(t, p, p, p, v)
      }
      """;

  private static FusionPlan plan(String text) {
    return new FusionEngine(Rules.inference()).plan(GraphText.parse(text));
  }

  private static List<RecordedFusion> recorded(FusionPlan plan) {
    return plan.fusions().stream()
        .filter(fusion -> fusion.result() == Fusion.Result.FOLDED)
        .map(fusion -> new RecordedFusion(fusion.rule(), fusion.scope().text(), fusion.nodes()))
        .toList();
  }

  private static FusionProof replayed(FusionPlan plan, ModelGraph fused) {
    return FusionProof.of(plan.original(), recorded(plan), List.of(), fused, 1);
  }

  static Stream<Arguments> examples() {
    return Rules.inference().folds().stream()
        .map(Rule::info)
        .filter(info -> !info.example().isEmpty())
        .map(info -> Arguments.of(info.id(), info.example()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("examples")
  void the_example_of_a_rule_is_replayed_from_what_a_report_says_of_it(String rule, String text) {
    FusionPlan plan = plan(text);
    FusionProof first = FusionProof.of(plan, plan.apply(), 1);

    FusionProof again = replayed(plan, plan.apply());

    assertThat(plan.fusions()).extracting(Fusion::rule).contains(rule);
    assertThat(again.certificate().verdict())
        .as(again.certificate().reason())
        .isEqualTo(first.certificate().verdict());
    assertThat(again.site().verdict()).as(again.site().reason()).isEqualTo(first.site().verdict());
  }

  @Test
  void a_fold_behind_two_rearranging_nodes_carries_both_and_is_proven() {
    FusionPlan plan = plan(TWO_LAYOUTS_AND_A_CHAIN);

    FusionProof proof = FusionProof.of(plan, plan.apply(), 1);

    assertThat(proof.sites())
        .extracting(SiteResult::nodes)
        .containsExactly(List.of("c", "r", "t", "bn"));
    assertThat(proof.certificate().verdict())
        .as(proof.certificate().reason())
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(proof.site().verdict()).as(proof.site().reason()).isEqualTo(Verdict.EQUIVALENT);
  }

  private static final String TWO_CALLS =
      """
      <ir_version: 8, opset_import: ["" : 15, "my" : 1]>
      g (float[N,3,4,4] x) => (float[] z)
      <float[3,3,1,1] w = random(1), float[3,3,1,1] u = random(4), float[3] p = random(2), float[3] v = random(3, 0.1, 2.0)>
      {
        [a] y = my.Outer(x, w, p, v)
        [b] z = my.Outer(y, u, p, v)
      }
      <domain: "my", opset_import: ["" : 15]>
      CB (x, w, p, v) => (z)
      {
        y = Conv(x, w)
        z = BatchNormalization(y, p, p, p, v)
      }
      <domain: "my", opset_import: ["" : 15, "my" : 1]>
      Outer (a, b, c, d) => (e)
      {
        f = my.CB(a, b, c, d)
        e = Softmax<axis = 1>(f)
      }
      """;

  @Test
  void an_inlined_call_is_proven_and_replayed_against_the_call_of_the_original() {
    FusionPlan plan = plan(TWO_CALLS);
    ModelGraph fused = plan.apply();

    for (FusionProof proof : List.of(FusionProof.of(plan, fused, 1), replayed(plan, fused))) {
      assertThat(proof.sites())
          .extracting(SiteResult::nodes)
          .containsExactly(List.of("a"), List.of("b"));
      assertThat(proof.certificate().verdict())
          .as(proof.certificate().reason())
          .isEqualTo(Verdict.EQUIVALENT);
      assertThat(proof.site().verdict()).as(proof.site().reason()).isEqualTo(Verdict.EQUIVALENT);
    }
  }

  @Test
  void a_call_that_was_inlined_with_the_constants_of_another_is_told_from_it() {
    FusionPlan plan = plan(TWO_CALLS);
    ModelGraph swapped =
        plan(TWO_CALLS.replace("Outer(x, w,", "Outer(x, u,").replace("Outer(y, u,", "Outer(y, w,"))
            .apply();

    FusionProof proof = replayed(plan, swapped);

    assertThat(proof.certificate().verdict()).isEqualTo(Verdict.DIFFERENT);
    assertThat(proof.site().verdict()).isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void a_node_that_an_earlier_fusion_made_is_replayed_as_a_part_of_it() {
    FusionPlan plan = plan(TWO_LAYOUTS_AND_A_CHAIN);
    assertThat(plan.fusions()).hasSize(2);
    assertThat(plan.fusions().get(1).nodes()).contains("Add→c");

    FusionProof proof = replayed(plan, plan.apply());

    assertThat(proof.sites())
        .extracting(SiteResult::nodes)
        .containsExactly(List.of("c", "r", "t", "bn"));
    assertThat(proof.certificate().verdict())
        .as(proof.certificate().reason())
        .isEqualTo(Verdict.EQUIVALENT);
  }

  @Test
  void another_weight_behind_two_rearranging_nodes_is_different() {
    FusionPlan plan = plan(TWO_LAYOUTS_AND_A_CHAIN);
    ModelGraph other = plan(TWO_LAYOUTS_AND_A_CHAIN.replace("random(1)", "random(7)")).apply();

    assertThat(replayed(plan, other).certificate().verdict()).isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void a_node_that_no_earlier_fusion_can_have_made_is_refused() {
    FusionPlan plan = plan(TWO_LAYOUTS_AND_A_CHAIN);
    List<RecordedFusion> unknown =
        List.of(new RecordedFusion("mat-mul-add-gemm", "", List.of("c", "Add→c")));

    assertThatThrownBy(() -> FusionProof.of(plan.original(), unknown, List.of(), plan.apply(), 1))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining("has no node 'Add→c'");
  }
}
