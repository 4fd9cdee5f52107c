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
package dev.fusewright.core.rule.fold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.plan.SiteKey;
import dev.fusewright.core.text.GraphText;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Calls of a function that pass different constants: each is inlined, and folded by itself. */
class InlinedCallsTest {
  private static final String INLINE = "inline-call";
  private static final String FOLD = "conv-batch-norm";

  /** A model whose function is a Conv and a BatchNormalization. */
  private static String model(String nodes) {
    return """
    <ir_version: 8, opset_import: ["" : 15, "my" : 1]>
    g (float[1,2,4,4] x, bool c) => (float[] z)
    <float[2,2,1,1] w = random(1), float[2] p = random(2), float[2] q = random(5), float[2] var = random(3, 0.1, 2.0), float[2] neg = random(3, -2.0, -1.0)>
    {
      %s
    }
    <domain: "my", opset_import: ["" : 15]>
    CB (x, w, p, var) => (z)
    {
      [conv] y = Conv(x, w)
      [bn] z = BatchNormalization(y, p, p, p, var)
    }
    """
        .formatted(nodes);
  }

  private static FusionPlan plan(String text) {
    return new FusionEngine(Rules.inference()).plan(GraphText.parse(text));
  }

  private static List<String> operators(ModelGraph model) {
    return model.graph().nodes().stream().map(node -> node.op().toString()).toList();
  }

  @Test
  void calls_that_pass_different_constants_are_inlined_and_the_function_goes() {
    var fusing = Fusing.inference(model("[a] u = my.CB(x, w, p, var) [b] v = my.CB(u, w, q, var) z = Sigmoid(v)"));

    fusing
        .fuses(INLINE, "CB", "a")
        .fuses(INLINE, "CB", "b")
        .fuses(FOLD, "Conv2d", "a/conv", "a/bn")
        .fuses(FOLD, "Conv2d", "b/conv", "b/bn")
        .leavesOperators("Conv", "Conv", "Sigmoid");
    assertThat(fusing.fused().functions()).isEmpty();
    assertThat(fusing.plan().refusals()).isEmpty();
  }

  @Test
  void calls_that_agree_stay_calls() {
    Fusing.inference(model("u = my.CB(x, w, p, var) v = my.CB(u, w, p, var) z = Sigmoid(v)"))
        .leavesOperators("my.CB", "my.CB", "Sigmoid");
  }

  @Test
  void a_call_to_which_a_parameter_is_given_at_run_time_stays_and_its_function_as_it_is() {
    var fusing =
        Fusing.inference(
            model(
                "u = my.CB(x, w, p, var) v = my.CB(u, w, q, var) r = Relu(p) [late] z = my.CB(v, w, r, var)"));

    fusing.says(INLINE, Reason.COMPUTED).leavesOperators("Conv", "Conv", "Relu", "my.CB");
    assertThat(fusing.fused().functions()).isEqualTo(fusing.plan().original().functions());
  }

  @Test
  void a_call_in_which_nothing_would_be_folded_stays() {
    FusionPlan plan =
        plan(model("[a] u = my.CB(x, w, p, var) s = Sigmoid(u) [b] z = my.CB(s, w, q, neg)"));

    assertThat(plan.fusions()).extracting(Fusion::rule).containsExactly(INLINE, FOLD);
    assertThat(operators(plan.apply())).containsExactly("Conv", "Sigmoid", "my.CB");
  }

  @Test
  void without_the_fold_that_verification_dropped_the_call_is_not_inlined_either() {
    FusionPlan plan =
        new FusionEngine(Rules.inference())
            .plan(
                GraphText.parse(model("[a] u = my.CB(x, w, p, var) s = Sigmoid(u) [b] z = my.CB(s, w, q, var)")),
                Set.of(new SiteKey(FOLD, ScopePath.MAIN, List.of("a/conv", "a/bn"))));

    assertThat(plan.fusions())
        .filteredOn(fusion -> fusion.result() == Fusion.Result.FOLDED)
        .extracting(Fusion::nodes)
        .containsExactly(List.of("b"), List.of("b/conv", "b/bn"));
    assertThat(operators(plan.apply())).containsExactly("my.CB", "Sigmoid", "Conv");
  }

  @Test
  void a_function_that_passes_its_arguments_on_is_inlined_with_what_it_calls() {
    String nested =
        model("[a] u = my.Outer(x, w, p, var) [b] z = my.Outer(u, w, q, var)")
            + """
            <domain: "my", opset_import: ["" : 15, "my" : 1]>
            Outer (a, b, c, d) => (e)
            {
              [in] f = my.CB(a, b, c, d)
              e = Relu(f)
            }
            """;

    var fusing = Fusing.inference(nested);

    fusing
        .fuses(FOLD, "ConvReLU2d", "a/in/conv", "a/in/bn", "a/Relu→e")
        .fuses(FOLD, "ConvReLU2d", "b/in/conv", "b/in/bn", "b/Relu→e")
        .leavesOperators("Conv", "Relu", "Conv", "Relu");
    assertThat(fusing.fused().functions()).isEmpty();
  }

  @Test
  void a_call_in_a_body_is_inlined_there() {
    var fusing =
        Fusing.inference(
            model(
                """
                u = my.CB(x, w, p, var)
                z = If(c) <
                  then_branch = t () => (float[] n) { n = my.CB(u, w, q, var) },
                  else_branch = e () => (float[] o) { o = Neg(u) }>
                """));

    fusing.leavesOperators("Conv", "If");
    assertThat(fusing.fused().functions()).isEmpty();
  }

  @Test
  void what_is_new_gets_names_that_are_free() {
    var fusing =
        Fusing.inference(
            model(
                """
                ["a/conv"] k = Neg(x)
                ["a/bn"] "a/y" = Neg(k)
                [a] u = my.CB("a/y", w, p, var)
                s = Sigmoid(u)
                [b] z = my.CB(s, w, q, var)
                """));

    fusing
        .fuses(FOLD, "Conv2d", "a/conv_1", "a/bn_1")
        .leavesOperators("Neg", "Neg", "Conv", "Sigmoid", "Conv");
  }

  @Test
  void a_function_that_says_what_an_operator_of_the_runtime_computes_is_not_inlined() {
    for (String domain : List.of("com.microsoft", "com.microsoft.nchwc", "ai.onnx.ml")) {
      Fusing.inference(
              model("u = my.CB(x, w, p, var) z = my.CB(u, w, q, var)").replace("my", domain))
          .refuses(FOLD, Reason.CALL_SITES_DISAGREE);
    }
  }

  @Test
  void a_function_with_operators_of_another_version_is_not_inlined() {
    Fusing.inference(
            model("u = my.CB(x, w, p, var) z = my.CB(u, w, q, var)")
                .replace(
                    "<domain: \"my\", opset_import: [\"\" : 15]>",
                    "<domain: \"my\", opset_import: [\"\" : 14]>"))
        .refuses(FOLD, Reason.CALL_SITES_DISAGREE);
  }

  @Test
  void a_function_to_which_calls_pass_attributes_is_not_inlined() {
    Fusing.inference(
            model("u = my.CB<g = 0.5>(x, w, p, var) z = my.CB<g = 0.5>(u, w, q, var)")
                .replace("CB (x, w", "CB <g> (x, w")
                .replace("Conv(x, w)", "Conv(t, w)")
                .replace("[conv]", "t = LeakyRelu<alpha: float = @g>(x) [conv]"))
        .says(FOLD, Reason.CALL_SITES_DISAGREE)
        .leavesItAlone();
  }

  @Test
  void functions_that_call_one_another_in_a_ring_are_left_alone() {
    String ring =
        model("u = my.CB(x, w, p, var) z = my.CB(u, w, q, var)")
            .replace("[conv] y = Conv(x, w)", "[conv] s = Conv(x, w) y = my.Back(s, w, p, var)")
            .replace("<domain: \"my\", opset_import: [\"\" : 15]>", "<domain: \"my\", opset_import: [\"\" : 15, \"my\" : 1]>")
            + """
            <domain: "my", opset_import: ["" : 15, "my" : 1]>
            Back (a, b, c, d) => (e)
            {
              f = Conv(a, b)
              g = BatchNormalization(f, c, c, c, d)
              e = my.CB(g, b, c, d)
            }
            """;

    assertThat(plan(ring).fusions()).extracting(Fusion::rule).doesNotContain(INLINE);
  }

  @Test
  void calls_that_nest_are_inlined_within_a_budget() {
    StringBuilder functions = new StringBuilder();
    for (int depth = 0; depth < 10; depth++) {
      functions.append(
          """
          <domain: "my", opset_import: ["" : 15, "my" : 1]>
          F%d (x, w, p, q, var) => (z)
          {
            a = my.F%d(x, w, p, q, var)
            z = my.F%d(a, w, q, p, var)
          }
          """
              .formatted(depth, depth + 1, depth + 1));
    }
    functions.append(
        """
        <domain: "my", opset_import: ["" : 15, "my" : 1]>
        F10 (x, w, p, q, var) => (z)
        {
          z = my.CB(x, w, p, var)
        }
        """);

    FusionPlan plan = plan(model("z = my.F0(x, w, p, q, var)") + functions);

    assertThat(plan.refusals())
        .filteredOn(refusal -> refusal.rule().equals(INLINE))
        .anySatisfy(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.CLONE_BUDGET));
    assertThat(plan.apply().functions()).isNotEmpty();
  }
}
