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

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Miss;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.text.GraphText;
import java.util.List;
import org.junit.jupiter.api.Test;

class RuleStatisticsTest {
  private static final String NET =
      """
      g (float[1,3,4,4] x) => (float[] z)
      <float[4,3,1,1] w = random(1), float[4,4,1,1] u = random(5), float[4] p = random(2), float[4] v = random(3, 0.1, 2.0), float[4,1,1] k = random(4)>
      {
        a = Conv(x, w)
        b = BatchNormalization(a, p, p, p, v)
        r = Relu(b)
        c = Conv(r, u)
        d = Mul(c, k)
        e = Conv(d, u)
        f = Add(e, d)
        z = Relu(f)
      }
      """;

  private final RuleStatistics statistics = new RuleStatistics();

  private FusionPlan plan(RuleSet rules) {
    return new FusionEngine(rules).withListener(statistics).plan(GraphText.parse(NET));
  }

  private RuleStatistics.Figures of(String rule) {
    return statistics.figures().stream()
        .filter(figures -> figures.rule().equals(rule))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void what_became_of_the_tries_adds_up() {
    plan(Rules.inference());

    assertThat(statistics.figures())
        .allSatisfy(
            figures -> {
              assertThat(figures.noMatches() + figures.matches()).isEqualTo(figures.tries());
              assertThat(figures.refusals() + figures.passedOver() + figures.applications())
                  .isEqualTo(figures.matches());
              assertThat(figures.nanoseconds()).isNotNegative();
            });
    assertThat(of("conv-elementwise").tries()).isPositive();
  }

  @Test
  void applications_are_the_fusions_of_the_plan() {
    FusionPlan plan = plan(Rules.inference());

    assertThat(plan.fusions()).isNotEmpty();
    for (RuleStatistics.Figures figures : statistics.figures()) {
      assertThat(figures.applications())
          .as(figures.rule())
          .isEqualTo(
              plan.fusions().stream().filter(it -> it.rule().equals(figures.rule())).count());
    }
  }

  @Test
  void every_tried_rule_hears_one_end_of_each_try() {
    long[] open = {0};
    RuleListener pairing =
        new RuleListener() {
          @Override
          public void onTried(Rule<?> rule, Node root) {
            assertThat(open[0]++).as("an end of the try before").isZero();
          }

          @Override
          public void onNoMatch(Rule<?> rule, Node root, Miss nearest) {
            open[0]--;
          }

          @Override
          public void onPassedOver(Rule<?> rule, Match match, String why) {
            open[0]--;
          }

          @Override
          public void onRefused(Rule<?> rule, Match match, Reason reason, String message) {
            open[0]--;
          }

          @Override
          public void onApplied(Fusion fusion) {
            open[0]--;
          }
        };
    new FusionEngine(Rules.inference())
        .withListener(new Listeners(List.of(pairing, statistics)))
        .plan(GraphText.parse(NET));

    assertThat(open[0]).isZero();
    assertThat(statistics.figures().stream().mapToLong(RuleStatistics.Figures::tries).sum())
        .isPositive();
  }

  @Test
  void a_rule_that_was_never_tried_is_listed_with_nothing() {
    plan(Rules.inference());

    assertThat(of("mat-mul-batch-norm").rule()).isEqualTo("mat-mul-batch-norm");
    assertThat(of("dropout").tries()).isZero();
    assertThat(statistics.figures()).hasSize((int) Rules.inference().stream().count());
  }

  @Test
  void a_plan_is_the_same_with_a_listener_and_without() {
    FusionPlan heard = plan(Rules.inference());
    FusionPlan unheard = new FusionEngine(Rules.inference()).plan(GraphText.parse(NET));

    assertThat(heard.fusions().stream().map(it -> it.rule() + it.nodes()))
        .containsExactlyElementsOf(
            unheard.fusions().stream().map(it -> it.rule() + it.nodes()).toList());
    assertThat(heard.refusals()).isEqualTo(unheard.refusals());
  }
}
