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

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verdict.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands between a Pad and the layer that takes it over. */
final class PaddedValuesTest {
  private static ModelGraph model(String between) {
    return GraphText.parse(
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[1,2,5,5] x) => (float[] y)
        <float[3,2,3,3] w = random(1), int64[8] pads = {0,0,1,1,0,0,1,1}, float zero = {0},
         float half = {0.5}, float[7,7] zeros = fill(0)>
        {
          a = Pad(x, pads)
          b = %s
          c = Pad(b, pads)
          y = Conv(c, w)
        }
        """
            .formatted(between));
  }

  private static FusionPlan plan(ModelGraph model) {
    return new FusionEngine(Rules.inference()).plan(model);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Add(a, zero)", "Sub(a, zero)"})
  void zero_more_leaves_the_zeros_around_a_value(String between) {
    FusionPlan plan = plan(model(between));
    assertThat(plan.apply().graph().nodes()).hasSize(1);

    FusionProof proof = FusionProof.of(plan, plan.apply(), 7);

    assertThat(proof.certificate().verdict())
        .as(proof.certificate().reason())
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(proof.site().verdict()).as(proof.site().reason()).isEqualTo(Verdict.EQUIVALENT);
  }

  /** One half more is around the value too, and no padding of a Conv. */
  @Test
  void what_makes_something_of_zero_is_not_certified() {
    FusionPlan plan = plan(model("Add(a, zero)"));
    ModelGraph other = plan(model("Add(a, half)")).apply();

    assertThat(FusionProof.of(plan, other, 7).certificate().verdict())
        .isNotEqualTo(Verdict.EQUIVALENT);
    assertThat(other.graph().nodes()).extracting(node -> node.op().type()).contains("Add");
  }
}
