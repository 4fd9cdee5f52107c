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
import dev.fusewright.core.plan.Edit;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.text.GraphText;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ApplicablePlanTest {
  private static final ModelGraph MODEL =
      GraphText.parse(
          """
          g (float[1,3,4,4] x) => (float[] z)
          <float[4,3,1,1] w = random(1), float[4] p = random(2), float[4] v = random(3, 0.1, 2.0)>
          {
            [a] a = Conv(x, w)
            [b] b = BatchNormalization(a, p, p, p, v)
            [z] z = Relu(b)
          }
          """);

  private static final FusionPlan RIGHT = new FusionEngine(Rules.inference()).plan(MODEL);

  @Test
  void fusions_that_break_the_graph_are_refused_as_defects_and_the_rest_stays() throws Exception {
    int relu = MODEL.graph().nodes().get(2).id();
    Fusion breaking =
        new Fusion(
            RIGHT.fusions().size(),
            "told",
            "X",
            ScopePath.MAIN,
            List.of("z"),
            List.of(relu),
            "z",
            Fusion.Result.FOLDED,
            List.of(new Edit.RemoveNode(relu)),
            Set.of("node " + relu),
            List.of());
    List<Fusion> all = new ArrayList<>(RIGHT.fusions());
    all.add(breaking);

    FusionPlan plan =
        ApplicablePlan.of(new FusionPlan(MODEL, all, RIGHT.refusals(), RIGHT.dropped()));

    assertThat(plan.fusions()).isEqualTo(RIGHT.fusions());
    assertThat(plan.refusals())
        .filteredOn(refusal -> refusal.reason() == Reason.DEFECT)
        .extracting(Refusal::nodes)
        .containsExactly(List.of("z"));
  }

  @Test
  void a_plan_that_can_be_carried_out_stays_as_it_is() throws Exception {
    assertThat(RIGHT.changesModel()).isTrue();
    assertThat(ApplicablePlan.of(RIGHT)).isSameAs(RIGHT);
  }
}
