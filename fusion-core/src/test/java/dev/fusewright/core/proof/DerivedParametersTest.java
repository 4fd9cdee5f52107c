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

/** Parameters that a graph computes from constants: the proof computes them too. */
final class DerivedParametersTest {
  private static ModelGraph writtenOut(String bias, String mean, String eps) {
    return GraphText.parse(
        """
        <ir_version: 8, opset_import: ["" : 13]>
        g (float[1,3,5,5] x) => (float[] z)
        <float[2,3,1,1] w = random(1), float[2,1,1] g = {1.3, 0.8}, float[2,1,1] b = {%s},
         float[2,1,1] m = {%s}, float[2,1,1] v = {0.39, 0.95}, float eps = {%s}>
        {
          e = Add(v, eps)
          d = Sqrt(e)
          s = Div(g, d)
          ms = Mul(m, s)
          t = Sub(b, ms)
          y = Conv(x, w)
          p = Mul(y, s)
          z = Add(p, t)
        }
        """
            .formatted(bias, mean, eps));
  }

  private static FusionProof proof(ModelGraph original, ModelGraph fused) {
    FusionPlan plan = new FusionEngine(Rules.inference()).plan(original);
    assertThat(plan.changesModel()).isTrue();
    return FusionProof.of(plan, fused, 7);
  }

  private static ModelGraph fused(ModelGraph model) {
    return new FusionEngine(Rules.inference()).plan(model).apply();
  }

  /** In float64 the second bias would be many units in the last place away. */
  @ParameterizedTest
  @ValueSource(strings = {"0.3, -1", "0.3, 1000", "0.3, 0.12184"})
  void a_batch_norm_that_is_written_out_is_proven_though_its_terms_cancel(String mean) {
    ModelGraph model = writtenOut("0.7, 0.1", mean, "1e-5");

    FusionProof proof = proof(model, fused(model));

    assertThat(proof.certificate().verdict())
        .as(proof.certificate().reason())
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(proof.site().verdict()).as(proof.site().reason()).isEqualTo(Verdict.EQUIVALENT);
  }

  @Test
  void a_fold_that_forgot_its_eps_is_not() {
    FusionProof proof =
        proof(
            writtenOut("0.7, 0.1", "0.3, -1", "1e-5"),
            fused(writtenOut("0.7, 0.1", "0.3, -1", "0")));

    assertThat(proof.certificate().verdict()).isEqualTo(Verdict.DIFFERENT);
  }
}
