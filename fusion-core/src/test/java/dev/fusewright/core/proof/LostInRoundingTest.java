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
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.Verdict;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Originals that round away what their layers compute, which a fold would bring back. */
final class LostInRoundingTest {
  private static final String SUMS =
      """
      <ir_version: 8, opset_import: ["" : 17]>
      g (float[N,3,5,5] x) => (float[] z)
      <float[2,3,3,3] w = random(1), float a = {%1$s}, float b = {-%1$s}>
      {
        y = Conv(x, w)
        s = Add(y, a)
        z = Add(s, b)
      }
      """;
  private static final String NORM =
      """
      <ir_version: 8, opset_import: ["" : 17]>
      g (float[N,3,5,5] x) => (float[] z)
      <float[2,3,3,3] w = random(1), float[2] b = {%1$s, %1$s}, float[2] scale = {1, 1},
       float[2] shift = {0, 0}, float[2] mean = {%1$s, %1$s}, float[2] var = {1, 1}>
      {
        y = Conv(x, w, b)
        z = BatchNormalization(y, scale, shift, mean, var)
      }
      """;

  private static FusionProof proof(String text) {
    ModelGraph model = GraphText.parse(text);
    FusionPlan plan = new FusionEngine(Rules.inference()).plan(model);
    assertThat(plan.changesModel()).isTrue();
    return FusionProof.of(plan, plan.apply(), 7);
  }

  @ParameterizedTest
  @ValueSource(strings = {SUMS, NORM})
  void a_fold_that_brings_back_what_the_original_rounds_away_is_not_the_same(String text) {
    FusionProof proof = proof(text.formatted("1e8"));

    assertThat(proof.site().doubt()).isEqualTo(InconclusiveReason.NOISE);
    assertThat(proof.site().reason()).contains("the original itself rounds away");
    assertThat(proof.culprits()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {SUMS, NORM})
  void a_fold_of_terms_that_cancel_and_cost_the_original_its_last_bits_is_proven(String text) {
    FusionProof proof = proof(text.formatted("1e3"));

    assertThat(proof.site().verdict()).as(proof.site().reason()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(proof.culprits()).isEmpty();
  }
}
