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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Channels that training has switched off: scales that are nothing beside their shifts. */
final class FaintChannelsTest {
  private static ModelGraph model(String scale, String shift, String mean, String variance) {
    return GraphText.parse(
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[1,3,5,5] x) => (float[] y)
        <float[2,3,1,1] w = random(1), float[2] scale = {%s}, float[2] shift = {%s},
         float[2] mean = {%s}, float[2] var = {%s}>
        {
          a = Conv(x, w)
          y = BatchNormalization(a, scale, shift, mean, var)
        }
        """
            .formatted(scale, shift, mean, variance));
  }

  private static FusionProof proof(ModelGraph model, ModelGraph fused) {
    FusionPlan plan = new FusionEngine(Rules.torch()).plan(model);
    assertThat(plan.changesModel()).isTrue();
    return FusionProof.of(plan, fused, 7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"4.2e-17, 1", "-3e-25, 1", "1e-30, 2e-12"})
  void a_scale_far_below_its_shift_is_proven_to_the_last_places(String scale) {
    ModelGraph model = model(scale, "0.25, -3", "0.5, 100", "1, 2");
    ModelGraph fused = new FusionEngine(Rules.torch()).plan(model).apply();

    FusionProof proof = proof(model, fused);

    assertThat(proof.certificate().verdict())
        .as(proof.certificate().reason())
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(proof.site().verdict()).as(proof.site().reason()).isEqualTo(Verdict.EQUIVALENT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"4.20001e-17, 1", "0, 1"})
  void another_scale_is_not_however_faint(String other) {
    ModelGraph model = model("4.2e-17, 1", "0.25, -3", "0.5, 100", "1, 2");
    ModelGraph fused =
        new FusionEngine(Rules.torch()).plan(model(other, "0.25, -3", "0.5, 100", "1, 2")).apply();

    assertThat(proof(model, fused).certificate().verdict()).isEqualTo(Verdict.DIFFERENT);
  }
}
