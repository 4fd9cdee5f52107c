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
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.testing.TakesLong;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@TakesLong
class LargeSiteTest {
  @Test
  void a_weight_larger_than_the_heap_is_proven_in_a_part_of_it() {
    long side = (long) Math.sqrt(1.01 * Runtime.getRuntime().maxMemory() / Double.BYTES);
    FusionPlan plan = plan(side, "fill(0.75)");

    FusionProof proof = FusionProof.of(plan, plan.apply(), 1);

    assertThat(plan.fusions()).hasSize(1);
    assertThat(proof.certificate().verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(proof.site().verdict()).isEqualTo(Verdict.EQUIVALENT);
  }

  @Test
  void a_fault_in_a_weight_of_many_blocks_is_seen_by_both_proofs() {
    FusionProof proof =
        FusionProof.of(plan(2000, "fill(0.75)"), plan(2000, "fill(0.751)").apply(), 1);

    assertThat(proof.certificate().verdict()).isEqualTo(Verdict.DIFFERENT);
    assertThat(proof.site().verdict()).isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void a_weight_that_is_computed_and_too_large_leaves_its_site_without_a_certificate() {
    long side = (long) Math.sqrt(Runtime.getRuntime().maxMemory() / 64.0);
    ModelGraph model =
        GraphText.parse(
            "g (x) => (y) <float[%1$d, %1$d] a = fill(1)> { w = Neg (a) y = MatMul (x, w) }"
                .formatted(side));
    Subgraph computed = new Subgraph(model.graph(), model.opsets(), List.of(), Map.of());
    Iterable<Map<String, Shape>> shapes =
        InputShapes.candidates(computed, ExtentSolver.Spread.NARROW);

    LevelVerdict site = SiteCheck.of(computed, computed, shapes, 1);
    LevelVerdict certificate = Certificate.of(computed, computed, shapes).verdict();

    assertThat(site.verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(certificate.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    assertThat(certificate.reason()).contains("'w' is computed and too large to hold");
  }

  private static FusionPlan plan(long side, String scale) {
    return new FusionEngine(Rules.inference())
        .plan(
            GraphText.parse(
                """
                g (float[N, %1$d] x) => (float[N, %1$d] y)
                <float[%1$d, %1$d] w = fill(0.25), float[%1$d] s = %2$s, float[%1$d] v = fill(2)>
                { t = Gemm <transB = 1> (x, w) y = BatchNormalization (t, s, s, s, v) }
                """
                    .formatted(side, scale)));
  }
}
