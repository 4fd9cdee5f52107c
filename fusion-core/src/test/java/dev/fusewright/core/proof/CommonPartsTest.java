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
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Sites that reach beyond what was folded: a node that only takes over a name, a call whose
 * arguments another fusion took, several layers in one inlined call, and nothing but constants.
 */
class CommonPartsTest {
  private static final String RENAMED_IF =
      """
      <ir_version: 8, opset_import: ["" : 13]>
      g (float[2,3] x, bool k) => (float[] z)
      <float[3] p = random(1), float[3] q = random(2), float[3] v = random(3, 0.1, 2.0),
       float[2,3] other = random(4), int64[1] axes = {2}>
      {
        s = Sigmoid(x)
        c = If(k) <then_branch = a () => (float[] t)
          {
            b = BatchNormalization(s, p, q, p, v)
            m = BatchNormalization(b, q, p, q, v)
            t = Tanh(m)
          }, else_branch = b () => (float[] e)
          {
            e = Identity(other)
          }>
        u = Unsqueeze(c, axes)
        z = Squeeze(u, axes)
      }
      """;

  private static final String CALLED =
      """
      <ir_version: 8, opset_import: ["" : 13, "my" : 1]>
      g (float[N,3] x) => (float[] z)
      <float[3,3] w = random(1), float[3] p = random(2), float[3] q = random(3),
       float[3] v = random(4, 0.1, 2.0)>
      {
        s = Sigmoid(x)
        i = Identity(s)
        c = my.F(i, w, p, q, v)
        z = Tanh(c)
      }

      <domain: "my", opset_import: ["" : 13]>
      F (a, w, p, q, v) => (n)
      {
        m = MatMul(a, w)
        n = BatchNormalization(m, p, q, p, v)
      }
      """;

  private static final String ONE_VALUE =
      """
      <ir_version: 8, opset_import: ["" : 13]>
      g (float[N,3] x) => (float[] z)
      <float[3,1] w = random(1), int64[1] axes = {2}>
      {
        a = MatMul(x, w)
        s = Softmax(a)
        u = Unsqueeze(s, axes)
        z = Squeeze(u, axes)
      }
      """;

  /** What its body computes has no certificate, and is the same word by word. */
  private static final String LOOP =
      """
      <ir_version: 8, opset_import: ["" : 13]>
      g (float[2,3] x) => (float[] z)
      <int64 trips = {2}, bool go = {1}, float one = {1}, int64[1] first = {0}, int64[1] last = {1}>
      {
        s = Sigmoid(x)
        r = Loop(trips, go, s) <body = b (int64 i, bool c, float[2,3] a) => (bool d, float[2,3] e)
          {
            d = Identity(c)
            t = Transpose<perm = [1, 0]>(a)
            n = Shape(t)
            k = Cast<to = 1>(n)
            f = Slice(k, first, last)
            e = Add(a, f)
          }>
        z = Mul(r, one)
      }
      """;

  private static FusionProof proof(String text, UnaryOperator<String> change) {
    FusionPlan plan = new FusionEngine(Rules.inference()).plan(GraphText.parse(text));
    String fused = GraphText.print(plan.apply());
    String candidate = change.apply(fused);
    assertThat(plan.changesModel()).isTrue();
    ModelGraph read = GraphText.parse(candidate);
    return FusionProof.of(plan, read, 1);
  }

  private static void isProven(String text) {
    FusionProof proof = proof(text, UnaryOperator.identity());
    assertThat(proof.culprits()).as("%s", proof.sites()).isEmpty();
  }

  private static void isRefused(String text, String from, String to) {
    FusionProof proof =
        proof(
            text,
            fused -> {
              assertThat(fused).contains(from);
              return fused.replace(from, to);
            });
    assertThat(proof.culprits()).as("%s", proof.sites()).isNotEmpty();
  }

  @Test
  void an_if_may_take_over_the_name_of_an_output_while_its_body_is_folded() {
    isProven(RENAMED_IF);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "then_branch = a | then_branch = exchanged",
        "Identity (other) | Neg (other)",
        "Tanh (m) | Sigmoid (m)",
        "BatchNormalization (s, | BatchNormalization (x,",
        "If (k) | If (off)"
      })
  void an_if_with_another_body_or_condition_is_refused(String from, String to) {
    FusionProof proof =
        proof(
            RENAMED_IF,
            fused -> {
              if (to.endsWith("exchanged")) {
                return fused
                    .replace("then_branch =", "neither =")
                    .replace("else_branch =", "then_branch =")
                    .replace("neither =", "else_branch =");
              }
              assertThat(fused).contains(from);
              return fused.replace(from, to).replace("bool k)", "bool k, bool off)");
            });
    assertThat(proof.culprits()).as("%s", proof.sites()).isNotEmpty();
  }

  @Test
  void a_call_may_lose_arguments_to_another_fusion() {
    isProven(CALLED);
  }

  @Test
  void a_call_of_something_else_is_refused() {
    isRefused(CALLED, "my.F (s", "my.F (x");
  }

  @Test
  void a_weight_that_the_call_passes_is_compared() {
    FusionProof proof =
        proof(CALLED, fused -> fused.replaceFirst("(float\\[3,3\\] w = \\{)", "$11"));
    assertThat(proof.culprits()).as("%s", proof.sites()).isNotEmpty();
  }

  @Test
  void minus_zero_is_told_from_zero_where_somebody_divides_by_it() {
    String text =
        """
        <ir_version: 8, opset_import: ["" : 13]>
        g (float[2,3] x) => (float[] z)
        <float zero = {0}>
        {
          s = Relu(x)
          y = Add(s, zero)
          z = Tanh(y)
        }
        """;
    isProven(text);
    FusionProof proof = proof(text.replace("Tanh(y)", "Reciprocal(y)"), UnaryOperator.identity());
    assertThat(proof.culprits()).as("%s", proof.sites()).isNotEmpty();
  }

  @Test
  void a_loop_whose_body_is_the_same_word_by_word_may_take_over_a_name() {
    isProven(LOOP);
    isRefused(LOOP, "perm = [1, 0]", "perm = [0, 1]");
    isRefused(LOOP, "last = {1}", "last = {2}");
  }

  @Test
  void a_softmax_over_one_value_is_vacuous_and_over_several_is_not() {
    String text =
        """
        <ir_version: 8, opset_import: ["" : 13]>
        g (float[N,%s] x) => (float[] z)
        <int64[1] axes = {2}>
        {
          s = Softmax(x)
          u = Unsqueeze(s, axes)
          z = Squeeze(u, axes)
        }
        """;
    assertThat(proof(text.formatted("3"), UnaryOperator.identity()).sites().get(0).site().reason())
        .contains("ulp of the largest value");
    // One column is left: its Softmax is 1, whatever it is.
    FusionProof vacuous = proof(ONE_VALUE, UnaryOperator.identity());
    assertThat(vacuous.site().doubt()).isEqualTo(InconclusiveReason.VACUOUS);
    assertThat(vacuous.certificate().verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(vacuous.culprits()).isEmpty();
  }

  @Test
  void a_constant_that_is_worked_on_is_the_same_on_both_sides() {
    String text =
        """
        <ir_version: 8, opset_import: ["" : 13]>
        g () => (float[] z)
        <float[2,3] c = {1,-2,3,4,5,-6}, int64[1] axes = {2}>
        {
          s = Sigmoid(c)
          u = Unsqueeze(s, axes)
          q = Squeeze(u, axes)
          z = Tanh(q)
        }
        """;
    isProven(text);
    isRefused(text, "{1.0, -2.0", "{1.5, -2.0");
  }

  /** What a node that both sides have makes of a value has other extents than the value. */
  @Test
  void who_asks_for_the_extents_of_another_value_is_refused() {
    String text =
        """
        <ir_version: 8, opset_import: ["" : 13]>
        g (float[1,3,H,W] x) => (float[] z, int64[] s)
        <float one = {1}>
        {
          a = MaxPool<kernel_shape=[2,2], strides=[2,2]>(x)
          m = Mul(a, one)
          z = Tanh(m)
          s = Shape(m)
        }
        """;
    isRefused(text, "Shape (a)", "Shape (x)");
  }

  @Test
  void equal_operators_of_other_opsets_are_no_equal_nodes() {
    String text =
        """
        <ir_version: 8, opset_import: ["" : 12]>
        g (float[2,3,4] x) => (float[] z)
        {
          s = Softmax(x)
          u = Unsqueeze<axes=[3]>(s)
          z = Squeeze<axes=[3]>(u)
        }
        """;
    isProven(text);
    isRefused(text, "\"\" : 12", "\"\" : 11");
  }
}
