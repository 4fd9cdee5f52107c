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

import dev.fusewright.core.engine.Explanation.Status;
import dev.fusewright.core.modules.Fusers;
import dev.fusewright.core.modules.FusionMode;
import dev.fusewright.core.modules.ModuleFuser;
import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.rule.qat.QatRules;
import dev.fusewright.core.text.GraphText;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplanationsTest {
  private static List<Explanation> explain(RuleSet rules, String node, String text) {
    Explanations explanations = new Explanations(node);
    new FusionEngine(rules).withListener(explanations).plan(GraphText.parse(text));
    assertThat(explanations.isFound()).isTrue();
    return explanations.list();
  }

  private static Explanation explain(String rule, String node, String text) {
    return only(rule, explain(Rules.inference(), node, text));
  }

  private static Explanation only(String rule, List<Explanation> explanations) {
    List<Explanation> found =
        explanations.stream().filter(explanation -> explanation.rule().equals(rule)).toList();
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  private static String convNet(String nodes) {
    return """
    g (float[1,3,4,4] x) => (float[] z)
    <float[4,3,1,1] w = random(1), float[4] p = random(2), float[4] v = random(3, 0.1, 2.0), float[4] gone = fill(-1.0), float[4,1,1] k = random(4)>
    {
      [conv] a = Conv(x, w)
      %s
    }
    """
        .formatted(nodes);
  }

  private static final String FOLDABLE =
      convNet("[bn] b = BatchNormalization(a, p, p, p, v) [relu] z = Relu(b)");

  @Test
  void a_rule_that_fuses_the_node_says_what_it_became() {
    Explanation conv = explain("conv-batch-norm", "conv", FOLDABLE);

    assertThat(conv.status()).isEqualTo(Status.FIRED);
    assertThat(conv.nodes()).containsExactly("conv", "bn", "relu");
    assertThat(conv.message()).isEqualTo("became ConvReLU2d");
    assertThat(explain("conv-batch-norm", "bn", FOLDABLE).status()).isEqualTo(Status.FIRED);
  }

  @Test
  void a_container_that_is_only_listed_has_fired_too() {
    Explanation conv = explain("conv-relu", "conv", convNet("[relu] z = Relu(a)"));

    assertThat(conv.status()).isEqualTo(Status.FIRED);
    assertThat(conv.message()).isEqualTo("is listed as ConvReLU2d, unchanged");
  }

  @Test
  void a_node_that_another_rule_took_away_is_said_to_be_taken_by_it() {
    Explanation norm = explain("batch-norm-relu", "bn", FOLDABLE);

    assertThat(norm.status()).isEqualTo(Status.TAKEN);
    assertThat(norm.message())
        .isEqualTo("conv-batch-norm has taken 'bn' already: conv + bn + relu became ConvReLU2d");
  }

  @Test
  void a_container_of_which_a_fold_has_a_part_is_taken() {
    Explanation relu = explain("conv-relu", "relu", FOLDABLE);

    assertThat(relu.status()).isEqualTo(Status.TAKEN);
    assertThat(relu.message()).startsWith("conv-batch-norm has taken 'relu' already");
  }

  @Test
  void a_kind_that_is_none_of_the_patterns_is_said_to_have_no_part_in_it() {
    Explanation conv = explain("gemm-batch-norm", "conv", FOLDABLE);

    assertThat(conv.status()).isEqualTo(Status.NO_MATCH);
    assertThat(conv.message()).isEqualTo("Conv 'conv' has no part in Gemm → BatchNormalization");
  }

  @Test
  void another_kind_of_neighbour_is_named_with_the_one_that_is_expected() {
    String text = convNet("[pool] b = MaxPool<kernel_shape=[2,2]>(a) z = Relu(b)");

    assertThat(explain("conv-batch-norm", "conv", text))
        .satisfies(
            conv -> {
              assertThat(conv.status()).isEqualTo(Status.NO_MATCH);
              assertThat(conv.message())
                  .isEqualTo(
                      "the output of 'conv' is read by MaxPool 'pool', expected BatchNormalization");
            });
    assertThat(explain("conv-relu", "z", text).message())
        .isEqualTo("input 0 of 'Relu→z' is the output of MaxPool 'pool', expected that of Conv");
  }

  @Test
  void a_second_reader_is_a_refusal_with_its_reason() {
    Explanation conv =
        explain(
            "conv-batch-norm",
            "conv",
            convNet("[bn] b = BatchNormalization(a, p, p, p, v) z = Add(a, b)"));

    assertThat(conv.status()).isEqualTo(Status.REFUSED);
    assertThat(conv.reason()).isEqualTo(Reason.OTHER_USES);
    assertThat(conv.nodes()).containsExactly("conv", "bn");
    assertThat(conv.message()).contains("'a' has 2 readers: bn, Add→z");
  }

  @Test
  void a_condition_that_does_not_hold_is_a_refusal_with_its_reason() {
    Explanation norm =
        explain("conv-batch-norm", "bn", convNet("[bn] z = BatchNormalization(a, p, p, p, gone)"));

    assertThat(norm.status()).isEqualTo(Status.REFUSED);
    assertThat(norm.reason()).isEqualTo(Reason.NON_POSITIVE_VARIANCE);
  }

  @Test
  void the_graph_is_looked_at_as_it_is_when_all_is_done() {
    // The Mul follows the Conv only once the norm between them is gone.
    Explanation mul =
        explain(
            "conv-elementwise",
            "mul",
            convNet("[bn] b = BatchNormalization(a, p, p, p, v) [mul] z = Mul(b, k)"));

    assertThat(mul.status()).isEqualTo(Status.FIRED);
    assertThat(mul.nodes()).containsExactly("conv", "mul");
  }

  @Test
  void a_site_that_is_none_on_a_closer_look_says_why() {
    Explanation add = explain("conv-elementwise", "add", convNet("[add] z = Add(a, x)"));

    assertThat(add.status()).isEqualTo(Status.PASSED_OVER);
    assertThat(add.message()).contains("the other operand of 'add' is no constant");
  }

  @Test
  void every_rule_of_the_set_answers_once_and_in_order() {
    assertThat(explain(Rules.inference(), "conv", FOLDABLE))
        .extracting(Explanation::rule)
        .containsExactlyElementsOf(
            Rules.inference().stream().map(rule -> rule.info().id()).toList());
  }

  @Test
  void a_node_that_became_a_module_of_another_kind_is_taken() {
    Explanation conv = only("qat-conv-relu", explain(QatRules.construction(), "conv", FOLDABLE));

    assertThat(conv.status()).isEqualTo(Status.TAKEN);
    assertThat(conv.message()).startsWith("qat-conv-bn-relu has taken 'conv' already");
  }

  @Test
  void nodes_of_functions_and_bodies_are_explained_in_their_scope() {
    List<Explanation> explanations =
        explain(
            Rules.inference(),
            "inner",
            """
            g (float[1,3,4,4] x, bool c) => (float[] z)
            <float[4,3,1,1] w = random(1)>
            {
              z = If(c) <
                then_branch = then () => (float[] r) { [inner] r = Conv(x, w) },
                else_branch = else () => (float[] s) { s = Identity(x) }>
            }
            """);

    assertThat(explanations).isNotEmpty().allMatch(it -> it.scope().text().contains("then_branch"));
  }

  @Test
  void a_name_that_no_node_has_is_not_found() {
    Explanations explanations = new Explanations("nobody");
    new FusionEngine(Rules.inference()).withListener(explanations).plan(GraphText.parse(FOLDABLE));

    assertThat(explanations.isFound()).isFalse();
    assertThat(explanations.list()).isEmpty();
  }

  @Test
  void a_module_list_leaves_what_it_does_not_name() {
    String text =
        """
        g (float[1,3,4,4] x) => (float[] z)
        <float[4,3,1,1] "c.weight" = random(1), float[4] "n.weight" = random(2), float[4] "n.bias" = random(2), float[4] "n.running_mean" = random(2), float[4] "n.running_var" = random(3, 0.1, 2.0),
         float[4,4,1,1] "d.weight" = random(1), float[4] "m.weight" = random(2), float[4] "m.bias" = random(2), float[4] "m.running_mean" = random(2), float[4] "m.running_var" = random(3, 0.1, 2.0)>
        {
          ["/c/Conv"] a = Conv(x, "c.weight")
          ["/n/BatchNormalization"] b = BatchNormalization(a, "n.weight", "n.bias", "n.running_mean", "n.running_var")
          ["/d/Conv"] d = Conv(b, "d.weight")
          ["/m/BatchNormalization"] z = BatchNormalization(d, "m.weight", "m.bias", "m.running_mean", "m.running_var")
        }
        """;
    Explanations named = new Explanations("/c/Conv");
    Explanations unnamed = new Explanations("/d/Conv");
    new ModuleFuser(
            ModuleList.parse("[\"c\", \"n\"]"), FusionMode.EVAL, Rules.torch(), Fusers.builtIn())
        .withListener(new Listeners(List.of(named, unnamed)))
        .plan(GraphText.parse(text));

    assertThat(only("conv-batch-norm", named.list()).status()).isEqualTo(Status.FIRED);
    assertThat(only("conv-batch-norm", unnamed.list()).message())
        .isEqualTo("it applies here, and was not asked for");
  }
}
