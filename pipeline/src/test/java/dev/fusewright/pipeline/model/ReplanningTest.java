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
package dev.fusewright.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.text.GraphText;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ReplanningTest {
  private static final ModelGraph MODEL =
      GraphText.parse(
          """
          g (float[1,3,4,4] x) => (float[] z, float[] e)
          <float[4,3,1,1] w = random(1), float[4,3,1,1] u = random(4), float[4] p = random(2), float[4] v = random(3, 0.1, 2.0)>
          {
            [id] i = Identity(x)
            [conv] c = Conv(i, w)
            [bn] z = BatchNormalization(c, p, p, p, v)
            [other] d = Conv(x, u)
            [norm] e = BatchNormalization(d, p, p, p, v)
          }
          """);
  private static final FusionEngine ENGINE = new FusionEngine(Rules.inference());
  private static final FusionPlan PLAN = ENGINE.plan(MODEL);

  private static FusionPlan without(Replanning.Proof proof) throws Exception {
    return new Replanning(sites -> ENGINE.plan(MODEL, sites), proof).without(PLAN, merged());
  }

  /** The fusions at the Identity and at the norm behind it, which are one site. */
  private static Set<Integer> merged() {
    Set<Integer> merged =
        PLAN.fusions().stream()
            .filter(fusion -> !fusion.nodes().contains("norm"))
            .map(Fusion::id)
            .collect(Collectors.toSet());
    assertThat(merged).hasSize(2);
    return merged;
  }

  private static boolean has(FusionPlan plan, String rule) {
    return plan.fusions().stream().anyMatch(fusion -> fusion.rule().equals(rule));
  }

  @Test
  void a_norm_keeps_its_fold_where_only_the_identity_before_it_is_not_proven() throws Exception {
    FusionPlan plan = without(part -> !has(part, "identity"));

    assertThat(plan.fusions())
        .extracting(Fusion::rule)
        .containsExactlyInAnyOrder("conv-batch-norm", "conv-batch-norm");
    assertThat(plan.dropped()).extracting(Fusion::rule).containsExactly("identity");
    assertThat(plan.refusals())
        .filteredOn(refusal -> refusal.reason() == Reason.DROPPED_BY_VERIFICATION)
        .extracting(Refusal::rule)
        .containsExactly("identity");
    assertThat(plan.apply().graph().nodes()).hasSize(3);
  }

  @Test
  void an_identity_stays_removed_where_only_the_norm_behind_it_is_not_proven() throws Exception {
    FusionPlan plan = without(part -> !has(part, "conv-batch-norm"));

    assertThat(plan.dropped()).extracting(Fusion::nodes).hasSize(1);
    assertThat(plan.dropped().get(0).nodes()).contains("bn");
    assertThat(has(plan, "identity")).isTrue();
  }

  @Test
  void all_fusions_of_a_site_are_dropped_where_no_fewer_are_proven() throws Exception {
    FusionPlan plan = without(part -> false);

    assertThat(plan.dropped()).hasSize(2);
    assertThat(plan.fusions()).hasSize(1);
    assertThat(plan.fusions().get(0).nodes()).contains("norm");
  }

  @Test
  void an_attempt_proves_what_is_at_the_site_and_nothing_else() throws Exception {
    without(
        part -> {
          assertThat(part.fusions()).noneMatch(fusion -> fusion.nodes().contains("norm"));
          return false;
        });
  }
}
