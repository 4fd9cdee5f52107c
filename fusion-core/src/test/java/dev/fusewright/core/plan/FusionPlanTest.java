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
package dev.fusewright.core.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.text.GraphText;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FusionPlanTest {
  /** Three fusions: Mul into the first Conv, the norm into what that made, and the second pair. */
  private static final ModelGraph MODEL =
      GraphText.parse(
          """
          g (float[1,3,4,4] x) => (float[] z)
          <float[4,3,1,1] w = random(1), float[4,1,1] k = random(2), float[4] p = random(3),
           float[4] v = random(4, 0.1, 2.0), float[4,4,1,1] u = random(5), float[2] unread = random(6),
           float[1,4,4,4] m, float[1,4,4,4] r>
          {
            [conv] y = Conv(x, w)
            [mul] m = Mul(y, k)
            [bn] n = BatchNormalization(m, p, p, p, v)
            r = Relu(n)
            [conv2] c = Conv(r, u)
            [bn2] z = BatchNormalization(c, p, p, p, v)
          }
          """);

  private static final FusionPlan PLAN = new FusionEngine(Rules.inference()).plan(MODEL);

  private static int folded(FusionPlan plan) {
    return (int) plan.fusions().stream().filter(f -> f.result() == Fusion.Result.FOLDED).count();
  }

  @Test
  void applying_it_removes_what_is_no_longer_read_and_keeps_what_never_was() {
    ModelGraph fused = PLAN.apply();

    assertThat(folded(PLAN)).isEqualTo(3);
    assertThat(fused.graph().nodes())
        .extracting(node -> node.op().type())
        .containsExactly("Conv", "Relu", "Conv");
    assertThat(fused.graph().initializers())
        .extracting(initializer -> initializer.name())
        .containsExactlyInAnyOrder("w", "w_bias", "u", "u_bias", "unread");
  }

  @Test
  void what_one_fusion_puts_in_goes_where_the_next_needs_it_no_more() {
    // p is two parameters, so that the first fusion needs a name of its own for one of them.
    ModelGraph model =
        GraphText.parse(
            """
            g (float[1,4,4,4] x) => (float[] z)
            <float[4] p = random(1, 0.5, 2.0), float[4] q = random(2, 0.5, 2.0),
             float[4] v = random(4, 0.1, 2.0), float[4,4,1,1] u = random(5)>
            {
              m = BatchNormalization(x, p, q, p, v)
              n = BatchNormalization(m, q, p, q, v)
              z = Conv(n, u)
            }
            """);
    FusionPlan plan = new FusionEngine(Rules.inference()).plan(model);
    assertThat(folded(plan)).isEqualTo(2);

    assertThat(plan.apply().graph().initializers())
        .extracting(initializer -> initializer.name())
        .containsExactlyInAnyOrder("u", "u_bias");
  }

  @Test
  void the_types_of_values_that_have_gone_go_and_those_of_others_stay() {
    assertThat(PLAN.apply().graph().valueInfos())
        .extracting(info -> info.name())
        .containsExactly("r");
  }

  @Test
  void what_no_fusion_touches_is_the_same_instance() {
    ModelGraph fused = PLAN.apply();

    assertThat(fused.graph().nodes().get(1)).isSameAs(MODEL.graph().nodes().get(3));
    assertThat(MODEL.graph().nodes()).hasSize(6);
  }

  @Test
  void dropping_a_fusion_drops_those_that_build_on_it_and_no_others() {
    FusionPlan rest = PLAN.without(Set.of(PLAN.fusions().get(0).id()));

    assertThat(rest.fusions())
        .extracting(Fusion::nodes)
        .hasSize(1)
        .first()
        .asString()
        .contains("conv2", "bn2");
    assertThat(rest.dropped()).hasSize(2);
    assertThat(rest.refusals())
        .extracting(Refusal::reason)
        .filteredOn(reason -> reason == Reason.DROPPED_BY_VERIFICATION)
        .hasSize(2);
    assertThat(rest.apply().graph().nodes())
        .extracting(node -> node.op().type())
        .containsExactly("Conv", "Mul", "BatchNormalization", "Relu", "Conv");
  }

  @Test
  void dropping_the_last_of_a_chain_keeps_what_it_built_on() {
    int last =
        PLAN.fusions().stream()
            .filter(f -> f.nodes().contains("bn"))
            .mapToInt(Fusion::id)
            .findFirst()
            .orElseThrow();

    assertThat(PLAN.without(Set.of(last)).apply().graph().nodes())
        .extracting(node -> node.op().type())
        .containsExactly("Conv", "BatchNormalization", "Relu", "Conv");
  }

  @Test
  void without_any_of_them_the_model_is_the_same_instance() {
    Set<Integer> all =
        PLAN.fusions().stream().map(Fusion::id).collect(java.util.stream.Collectors.toSet());

    assertThat(PLAN.without(all).apply()).isSameAs(MODEL);
    assertThat(PLAN.without(all).changesModel()).isFalse();
  }
}
