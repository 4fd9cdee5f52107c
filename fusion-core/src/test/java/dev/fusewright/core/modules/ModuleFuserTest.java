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
package dev.fusewright.core.modules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.text.GraphText;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers are those of the acceptance table in spec/torch-fusion.md, §6. */
class ModuleFuserTest {
  private static final String PARAMETERS =
      """
      <float[4,4,3,3] "conv1.weight" = random(1), float[4] "conv1.bias" = random(2),
       float[4,4,3,3] "conv2.weight" = random(3),
       float[4] "bn1.weight" = random(4), float[4] "bn1.bias" = random(5),
       float[4] "bn1.running_mean" = random(6), float[4] "bn1.running_var" = random(7, 0.1, 2.0),
       float[4] "bn2.weight" = random(8), float[4] "bn2.bias" = random(9),
       float[4] "bn2.running_mean" = random(10), float[4] "bn2.running_var" = random(11, 0.1, 2.0)>
      """;

  private static final String CONV1 =
      "[\"/conv1/Conv\"] c1 = Conv<pads=[1,1,1,1]>(%s, \"conv1.weight\", \"conv1.bias\")\n";
  private static final String CONV2 =
      "[\"/conv2/Conv\"] c2 = Conv<pads=[1,1,1,1]>(%s, \"conv2.weight\")\n";
  private static final String BN1 =
      "[\"/bn1/BatchNormalization\"] %s = BatchNormalization(%s, \"bn1.weight\", \"bn1.bias\", \"bn1.running_mean\", \"bn1.running_var\")\n";
  private static final String BN2 =
      "[\"/bn2/BatchNormalization\"] %s = BatchNormalization(%s, \"bn2.weight\", \"bn2.bias\", \"bn2.running_mean\", \"bn2.running_var\")\n";
  private static final String RELU = "[\"/relu/Relu\"] %s = Relu(%s)\n";

  private static String graph(String... nodes) {
    return """
        <ir_version: 7, opset_import: ["" : 13]>
        g (float[2,4,5,5] x) => (float[2,4,5,5] y)
        """
        + PARAMETERS
        + "{"
        + String.join("", nodes)
        + "}";
  }

  private static final String CHAIN =
      graph(CONV1.formatted("x"), BN1.formatted("b1", "c1"), RELU.formatted("y", "b1"));

  @Test
  void the_first_module_becomes_the_fused_one_and_keeps_name_and_place() {
    Listing.eval(CHAIN, "[\"conv1\", \"bn1\", \"relu\"]")
        .makes("ConvReLU2d")
        .leaves(
            "[\"/conv1/Conv\"] b1 = Conv <pads = [1, 1, 1, 1]> (x, \"conv1.weight\", \"conv1.bias\")",
            "[\"/relu/Relu\"] y = Relu (b1)");
  }

  private static String wrapped(String graph) {
    return graph
        .replace("[\"/", "[\"/model/")
        .replaceAll("\"(conv[12]|bn[12])\\.", "\"model.$1.");
  }

  @Test
  void a_list_works_behind_the_prefix_that_all_modules_of_a_graph_have() {
    String wrapped = wrapped(CHAIN);

    Listing.eval(wrapped, "[\"conv1\", \"bn1\", \"relu\"]")
        .makes("ConvReLU2d")
        .notes("the names of the list stand behind 'model.'");
    Listing named = Listing.eval(wrapped, "[\"model.conv1\", \"model.bn1\", \"model.relu\"]");
    assertThat(named.plan().fusions().get(0).notes())
        .noneMatch(note -> note.contains("stand behind"));
    Listing.refused(wrapped, "[\"conv1\", \"bn7\"]").because(Reason.NO_SUCH_MODULE);
  }

  @Test
  void only_what_is_listed_is_fused_and_named_by_what_is_listed() {
    Listing.eval(CHAIN, "[\"conv1\", \"bn1\"]").makes("Conv2d").leavesOperators("Conv", "Relu");
    Listing.eval(
            graph(
                CONV1.formatted("x"),
                BN1.formatted("b1", "c1"),
                CONV2.formatted("b1"),
                BN2.formatted("y", "c2")),
            "[\"conv2\", \"bn2\"]")
        .makes("Conv2d")
        .leavesOperators("Conv", "BatchNormalization", "Conv");
  }

  @Test
  void a_container_in_eval_mode_changes_nothing() {
    Listing.eval(graph(CONV1.formatted("x"), RELU.formatted("y", "c1")), "[\"conv1\", \"relu\"]")
        .makes("ConvReLU2d")
        .leavesItAlone();
  }

  @Test
  void number_11_and_13_an_eval_model_of_all_kinds_with_submodules_and_sequentials() {
    Listing.eval(
            """
            <ir_version: 7, opset_import: ["" : 13]>
            g (float[2,3,4,6,6] x, float[2,3,9] s, float[2,3,7,7] f) => (float[2,4,3,5,5] a, float[2,4,7] b, float[2,4,5,5] c, float[2,5] e)
            <float[4,3,2,2,2] "conv3.weight" = random(1), float[4,3,3] "conv1.weight" = random(2),
             float[4,3,3,3] "features.0.weight" = random(3), float[4] "features.0.bias" = random(4),
             float[4,3,3,3] "sub1.conv.weight" = random(5), float[5,3] "classifier.0.weight" = random(6), float[5] "classifier.0.bias" = random(7),
             float[4] "bn3.weight" = random(8), float[4] "bn3.bias" = random(9), float[4] "bn3.running_mean" = random(10), float[4] "bn3.running_var" = random(11, 0.1, 2.0),
             float[4] "bn1.weight" = random(12), float[4] "bn1.bias" = random(13), float[4] "bn1.running_mean" = random(14), float[4] "bn1.running_var" = random(15, 0.1, 2.0),
             float[4] "features.1.weight" = random(16), float[4] "features.1.bias" = random(17), float[4] "features.1.running_mean" = random(18), float[4] "features.1.running_var" = random(19, 0.1, 2.0),
             float[4] "bn2.weight" = random(20), float[4] "bn2.bias" = random(21), float[4] "bn2.running_mean" = random(22), float[4] "bn2.running_var" = random(23, 0.1, 2.0),
             float[4] "sub1.bn.weight" = random(24), float[4] "sub1.bn.bias" = random(25), float[4] "sub1.bn.running_mean" = random(26), float[4] "sub1.bn.running_var" = random(27, 0.1, 2.0)>
            {
              ["/conv3/Conv"] v0 = Conv(x, "conv3.weight")
              ["/bn3/BatchNormalization"] v1 = BatchNormalization(v0, "bn3.weight", "bn3.bias", "bn3.running_mean", "bn3.running_var")
              ["/relu4/Relu"] v2 = Relu(v1)
              ["/bn2/BatchNormalization"] v3 = BatchNormalization(v2, "bn2.weight", "bn2.bias", "bn2.running_mean", "bn2.running_var")
              ["/relu3/Relu"] a = Relu(v3)
              ["/conv1/Conv"] s0 = Conv(s, "conv1.weight")
              ["/bn1/BatchNormalization"] s1 = BatchNormalization(s0, "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var")
              ["/relu1/Relu"] b = Relu(s1)
              ["/features/features.0/Conv"] f0 = Conv(f, "features.0.weight", "features.0.bias")
              ["/features/features.1/BatchNormalization"] f1 = BatchNormalization(f0, "features.1.weight", "features.1.bias", "features.1.running_mean", "features.1.running_var")
              ["/features/features.2/Relu"] c = Relu(f1)
              ["/sub1/conv/Conv"] g0 = Conv(f, "sub1.conv.weight")
              ["/sub1/bn/BatchNormalization"] g1 = BatchNormalization(g0, "sub1.bn.weight", "sub1.bn.bias", "sub1.bn.running_mean", "sub1.bn.running_var")
              ["/GlobalAveragePool"] g2 = GlobalAveragePool(f)
              ["/Flatten"] g3 = Flatten(g2)
              ["/classifier/classifier.0/Gemm"] e0 = Gemm<transB=1>(g3, "classifier.0.weight", "classifier.0.bias")
              ["/classifier/classifier.1/Relu"] e = Relu(e0)
              ["/sub2/Sigmoid"] unread = Sigmoid(g1)
            }
            """,
            """
            [["conv3", "bn3", "relu4"], ["conv1", "bn1", "relu1"], ["bn2", "relu3"], ["sub1.conv", "sub1.bn"],
             ["features.0", "features.1", "features.2"], ["classifier.0", "classifier.1"]]
            """)
        .makes("ConvReLU3d", "ConvReLU1d", "BNReLU3d", "Conv2d", "ConvReLU2d", "LinearReLU");
  }

  @Test
  void number_6_a_conv_transpose_takes_its_norm_along_axis_1() {
    Listing.eval(
            graph(
                CONV1
                    .formatted("x")
                    .replace("Conv<", "ConvTranspose<")
                    .replace("/Conv\"", "/ConvTranspose\""),
                BN1.formatted("y", "c1")),
            "[\"conv1\", \"bn1\"]")
        .makes("ConvTranspose2d")
        .leavesOperators("ConvTranspose");
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void number_5_groups_and_depthwise(int groups) {
    int width = 4 / groups;
    Listing.eval(
            graph(
                    CONV1.formatted("x").replace("Conv<", "Conv<group=" + groups + ", "),
                    BN1.formatted("y", "c1"))
                .replace("float[4,4,3,3] \"conv1", "float[4," + width + ",3,3] \"conv1"),
            "[\"conv1\", \"bn1\"]")
        .makes("Conv2d")
        .leavesOperators("Conv");
  }

  @ParameterizedTest
  @CsvSource({"6, 3, 2", "4, 1, 4"})
  void number_7_a_grouped_conv_transpose_is_folded_by_the_right_rule(
      int out, int perGroup, int groups) {
    Listing.eval(
            graph(
                    CONV1
                        .formatted("x")
                        .replace("Conv<", "ConvTranspose<group=" + groups + ", ")
                        .replace("/Conv\"", "/ConvTranspose\""),
                    BN1.formatted("y", "c1"))
                .replace("float[4,4,3,3] \"conv1", "float[4," + perGroup + ",3,3] \"conv1")
                .replace("float[4] \"bn1", "float[" + out + "] \"bn1")
                .replace("float[4] \"conv1", "float[" + out + "] \"conv1")
                .replace("(float[2,4,5,5] y)", "(float[2," + out + ",5,5] y)"),
            "[\"conv1\", \"bn1\"]")
        .makes("ConvTranspose2d")
        .leavesOperators("ConvTranspose");
  }

  @Test
  void number_32_a_conv_and_norm_before_an_addition_are_folded_and_the_rest_stays() {
    Listing.eval(
            graph(
                "[\"/pool/MaxPool\"] p = MaxPool<kernel_shape=[1,1]>(x)\n",
                CONV1.formatted("p"),
                BN1.formatted("b1", "c1"),
                "[\"/Add\"] s = Add(b1, p)\n",
                RELU.formatted("y", "s")),
            "[\"conv1\", \"bn1\"]")
        .makes("Conv2d")
        .leavesOperators("MaxPool", "Conv", "Add", "Relu");
  }

  @Test
  void number_33_a_linear_and_norm_before_a_leaky_relu_are_folded_and_it_stays() {
    Listing.eval(
            linear("2,5", GEMM, 4)
                .replace("y = BatchNormalization", "b = BatchNormalization")
                .replace(
                    "\"bn.running_var\") }",
                    "\"bn.running_var\") [\"/act/LeakyRelu\"] y = LeakyRelu(b) }"),
            "[\"fc\", \"bn\"]")
        .makes("Linear")
        .leavesOperators("Gemm", "LeakyRelu");
  }

  private static final String TRAINING_BN1 =
      BN1.replace(
          "] %s = BatchNormalization(", "] %s, m1, v1 = BatchNormalization<training_mode=1>(");

  private static FusionPlan qat(String graph, String list) {
    return new ModuleFuser(
            ModuleList.parse(list),
            FusionMode.QAT,
            dev.fusewright.core.rule.qat.QatRules.listed(java.util.Optional.empty()),
            Fusers.builtIn())
        .plan(GraphText.parse(graph.replace(": 13", ": 15")));
  }

  @Test
  void number_12_listed_modules_in_training_form_become_qat_modules() {
    String graph =
        graph(CONV1.formatted("x"), TRAINING_BN1.formatted("b1", "c1"), RELU.formatted("y", "b1"));

    assertThat(qat(graph, "[\"conv1\", \"bn1\", \"relu\"]").apply().graph().nodes())
        .extracting(node -> node.op().toString())
        .containsExactly("torch.ao.nn.intrinsic.ConvBnReLU2d");
    assertThat(qat(graph, "[\"conv1\", \"bn1\"]").apply().graph().nodes())
        .extracting(node -> node.op().toString())
        .containsExactly("torch.ao.nn.intrinsic.ConvBn2d", "Relu");
  }

  @Test
  void number_18_and_19_what_qat_refuses_is_refused_for_lists_too() {
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () ->
                qat(
                    graph(
                        CONV1
                            .formatted("x")
                            .replace("Conv<", "ConvTranspose<")
                            .replace("/Conv\"", "/ConvTranspose\""),
                        TRAINING_BN1.formatted("y", "c1")),
                    "[\"conv1\", \"bn1\"]"))
        .hasMessageContaining(
            "group 1 [conv1, bn1]: Fusing ConvTranspose+BatchNorm not yet supported in QAT");
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () ->
                qat(
                    graph(CONV1.formatted("x"), TRAINING_BN1.formatted("y", "c1"))
                        .replace("float[4] \"bn1", "float[5] \"bn1"),
                    "[\"conv1\", \"bn1\"]"))
        .hasMessageContaining("Output channel of Conv2d must match num_features of BatchNorm2d");
  }

  private static String linear(String input, String nodes, int channels) {
    return """
        <ir_version: 7, opset_import: ["" : 13]>
        g (float[%s] x) => (float[%s] y)
        <float[4,5] "fc.weight" = random(1), float[4] "fc.bias" = random(2),
         float[%4$d] "bn.weight" = random(4), float[%4$d] "bn.bias" = random(5),
         float[%4$d] "bn.running_mean" = random(6), float[%4$d] "bn.running_var" = random(7, 0.1, 2.0)>
        { %3$s
          ["/bn/BatchNormalization"] y = BatchNormalization(h, "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var") }
        """
        .formatted(input, input.replace(",5", ",4"), nodes, channels);
  }

  private static final String GEMM =
      "[\"/fc/Gemm\"] h = Gemm<transB=1>(x, \"fc.weight\", \"fc.bias\")";

  @Test
  void number_8_a_linear_takes_its_norm_as_a_gemm_and_as_a_mat_mul() {
    Listing.eval(linear("2,5", GEMM, 4), "[\"fc\", \"bn\"]")
        .makes("Linear")
        .leavesOperators("Gemm");
    Listing.eval(
            linear(
                "2,5",
                "[\"/fc/Transpose\"] t = Transpose<perm=[1,0]>(\"fc.weight\") [\"/fc/MatMul\"] h = MatMul(x, t)",
                4),
            "[\"fc\", \"bn\"]")
        .makes("Linear");
  }

  @Test
  void number_9_a_norm_whose_axis_is_not_the_feature_axis_is_refused() {
    Listing.refused(
            linear(
                "2,4,5",
                "[\"/fc/Transpose\"] t = Transpose<perm=[1,0]>(\"fc.weight\") [\"/fc/MatMul\"] m = MatMul(x, t) [\"/fc/Add\"] h = Add(\"fc.bias\", m)",
                4),
            "[\"fc\", \"bn\"]")
        .because(Reason.AXIS_MOVED)
        .saying("group 1 [fc, bn]", "'bn' normalizes axis 1", "axis 2");
  }

  @Test
  void number_10_other_features_than_the_norm_has_are_refused_in_torchs_words() {
    Listing.refused(linear("2,5", GEMM, 3), "[\"fc\", \"bn\"]")
        .because(Reason.CHANNEL_MISMATCH)
        .saying(
            "To fuse, linear.out_features == bn.num_features", "out_features=4", "num_features=3");
  }

  @Test
  void number_15_a_norm_in_training_form_is_refused_in_torchs_words() {
    Listing.refused(
            CHAIN
                .replace(": 13", ": 15")
                .replace(
                    "b1 = BatchNormalization(",
                    "b1, m1, v1 = BatchNormalization<training_mode=1>("),
            "[\"conv1\", \"bn1\"]")
        .because(Reason.TRAINING_MODE)
        .saying("Fusion only for eval!", "/bn1/BatchNormalization");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Clip<min=0.0, max=6.0>        | (Conv2d, BatchNorm2d, ReLU6)     | 'act' is a ReLU6; without it the group can be fused",
        "LeakyRelu                     | (Conv2d, BatchNorm2d, LeakyReLU) | 'act' is a LeakyReLU",
        "Sigmoid                       | (Conv2d, BatchNorm2d, Sigmoid)   | 'act' is a Sigmoid",
        "Dropout                       | (Conv2d, BatchNorm2d, Dropout)   | 'act' is a Dropout",
      })
  void number_20_a_sequence_without_a_fuser_is_refused_with_its_types(
      String operator, String types, String culprit) {
    String act = "[\"/act/%s\"] y = %s(b1)\n".formatted(operator.split("<")[0], operator);
    String graph = graph(CONV1.formatted("x"), BN1.formatted("b1", "c1"), act);
    Listing.refused(
            operator.startsWith("Clip") ? graph.replace(": 13", ": 10") : graph,
            "[\"conv1\", \"bn1\", \"act\"]")
        .because(Reason.NOT_FUSABLE_SEQUENCE)
        .saying("did not find fuser method for: " + types, culprit);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "['conv1']              | (Conv2d): a single module",
        "['bn1', 'conv1']       | (BatchNorm2d, Conv2d): 'bn1' is a BatchNorm2d and 'conv1' a Conv2d",
        "['relu', 'bn1']        | (ReLU, BatchNorm2d)",
        "['conv1', 'conv1']     | (Conv2d, Conv2d)",
      },
      quoteCharacter = '`')
  void number_20_single_and_reversed_modules_are_refused(String list, String message) {
    Listing.refused(CHAIN, list.replace('\'', '"'))
        .because(Reason.NOT_FUSABLE_SEQUENCE)
        .saying("did not find fuser method for: " + message);
  }

  @Test
  void number_21_a_subclass_is_another_type_where_the_file_names_classes() {
    ModelGraph plain = GraphText.parse(CHAIN);
    List<Node> nodes =
        plain.graph().nodes().stream()
            .map(
                node ->
                    node.is(dev.fusewright.core.graph.OpKind.CONV)
                        ? node.withDocumentation(
                            "",
                            Map.of(
                                "pkg.torch.onnx.name_scopes", "['', 'conv1', 'conv2d']",
                                "pkg.torch.onnx.class_hierarchy",
                                    "['net.Net', 'net.MyConv', 'aten']"))
                        : node)
            .toList();
    ModelGraph model =
        plain.withGraph(
            new Graph(
                "g",
                nodes,
                plain.graph().initializers(),
                plain.graph().inputs(),
                plain.graph().outputs()));
    ModuleFuser fuser = ModuleFuser.eval(ModuleList.parse("[\"conv1\", \"bn1\"]"));

    org.assertj.core.api.Assertions.assertThatThrownBy(() -> fuser.plan(model))
        .hasMessageContaining("did not find fuser method for: (net.MyConv, BatchNorm2d)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "['conv1', 'bn7']         | no module 'bn7': it has no 'bn7', but bn1, conv1, relu",
        "['layer1.conv1', 'bn1']  | no module 'layer1.conv1': it has no 'layer1'",
        "['conv1.weird', 'bn1']   | no module 'conv1.weird': 'conv1' has no 'weird'",
      },
      quoteCharacter = '`')
  void number_22_a_missing_name_is_an_error_that_names_the_missing_token(
      String list, String message) {
    Listing.refused(CHAIN, list.replace('\'', '"'))
        .because(Reason.NO_SUCH_MODULE)
        .saying("the model has " + message);
  }

  @Test
  void number_23_a_failing_group_changes_nothing_and_every_failing_group_is_named() {
    Listing.refused(
            graph(
                CONV1.formatted("x"),
                BN1.formatted("b1", "c1"),
                CONV2.formatted("b1"),
                BN2.formatted("b2", "c2"),
                RELU.formatted("y", "b2")),
            "[[\"conv1\", \"bn1\"], [\"conv2\", \"relu\"], [\"bn2\", \"conv2\"]]")
        .saying("group 2 [conv2, relu]: 'relu' does not follow 'conv2'", "group 3 [bn2, conv2]");
  }

  @Test
  void number_25_the_same_list_twice_is_refused_since_the_norm_is_an_identity_by_then() {
    Listing.refused(CHAIN, "[[\"conv1\", \"bn1\"], [\"conv1\", \"bn1\"]]")
        .because(Reason.SHARED_MODULE)
        .saying("group 2", "(Conv2d, Identity): 'bn1' became an Identity in group 1");
  }

  @Test
  void number_26_conv_and_norm_and_later_conv_and_relu_make_a_ConvReLU2d() {
    Listing.eval(CHAIN, "[[\"conv1\", \"bn1\"], [\"conv1\", \"relu\"]]")
        .makes("Conv2d", "ConvReLU2d")
        .leavesOperators("Conv", "Relu");
  }

  private static final String SHARED_RELU =
      graph(
          CONV1.formatted("x"),
          BN1.formatted("b1", "c1"),
          RELU.formatted("r1", "b1"),
          CONV2.formatted("r1"),
          BN2.formatted("b2", "c2"),
          "[\"/Add\"] s = Add(b2, x)\n",
          RELU.formatted("y", "s").replace("/relu/", "/relu_1/"));

  @Test
  void number_27_a_relu_shared_by_two_groups_is_refused_on_the_second() {
    Listing.refused(
            graph(
                CONV1.formatted("x"),
                BN1.formatted("b1", "c1"),
                RELU.formatted("r1", "b1"),
                CONV2.formatted("r1"),
                BN2.formatted("b2", "c2"),
                RELU.formatted("y", "b2").replace("/relu/", "/relu_1/")),
            "[[\"conv1\", \"bn1\", \"relu\"], [\"conv2\", \"bn2\", \"relu\"]]")
        .because(Reason.SHARED_MODULE)
        .saying("group 2", "'relu' became an Identity in group 1");
  }

  @Test
  void number_28_a_relu_used_twice_and_listed_once_is_kept_where_it_is_still_used() {
    Listing.eval(SHARED_RELU, "[[\"conv1\", \"bn1\", \"relu\"], [\"conv2\", \"bn2\"]]")
        .makes("ConvReLU2d", "Conv2d")
        .leavesOperators("Conv", "Relu", "Conv", "Add", "Relu")
        .notes("'relu' is called elsewhere too, and stays there: /relu_1/Relu");
  }

  @Test
  void number_29_a_conv_called_twice_with_one_norm_is_refused() {
    Listing.refused(
            graph(
                CONV1.formatted("x"),
                BN1.formatted("b1", "c1"),
                CONV1.formatted("b1").replace("c1 =", "y =").replace("/conv1/", "/conv1_1/")),
            "[\"conv1\", \"bn1\"]")
        .because(Reason.SHARED_MODULE)
        .saying("'conv1' is called 2 times", "at '/conv1_1/Conv' it is not followed by 'bn1'");
  }

  @Test
  void a_whole_block_called_twice_is_fused_at_both_calls() {
    Listing.eval(
            graph(
                CONV1.formatted("x"),
                BN1.formatted("b1", "c1"),
                CONV1.formatted("b1").replace("c1 =", "c2 =").replace("/conv1/", "/conv1_1/"),
                BN1.formatted("y", "c2").replace("/bn1/", "/bn1_1/")),
            "[\"conv1\", \"bn1\"]")
        .makes("Conv2d", "Conv2d")
        .leavesOperators("Conv", "Conv");
  }

  @Test
  void number_30_a_conv_whose_output_has_two_users_is_refused() {
    Listing.refused(
            graph(CONV1.formatted("x"), BN1.formatted("b1", "c1"), "[\"/Add\"] y = Add(b1, c1)\n"),
            "[\"conv1\", \"bn1\"]")
        .because(Reason.OTHER_USES)
        .saying("what 'conv1' gives is not only read by 'bn1'", "Add '/Add'");
  }

  @Test
  void one_norm_after_two_convs_is_folded_into_both() {
    String graph =
        graph(
            CONV1.formatted("x"),
            BN1.formatted("b1", "c1"),
            CONV2.formatted("b1"),
            BN1.formatted("y", "c2").replace("/bn1/", "/bn1_1/"));
    Listing.eval(graph, "[[\"conv1\", \"bn1\"], [\"conv2\", \"bn1\"]]")
        .makes("Conv2d", "Conv2d")
        .leavesOperators("Conv", "Conv");
    Listing.eval(graph, "[[\"conv1\", \"bn1\"]]")
        .leavesOperators("Conv", "Conv", "BatchNormalization")
        .notes("'bn1' is called elsewhere too");
  }

  @Test
  void tied_weights_are_copied_for_the_fused_module_and_reported() {
    Listing.eval(
            graph(
                CONV1.formatted("x"),
                BN1.formatted("b1", "c1"),
                "[\"/tied/Conv\"] y = Conv<pads=[1,1,1,1]>(b1, \"conv1.weight\")\n"),
            "[\"conv1\", \"bn1\"]")
        .notes("'conv1.weight' is shared", "Conv '/tied/Conv'", "stored beside it")
        .leaves(
            "[\"/conv1/Conv\"] b1 = Conv <pads = [1, 1, 1, 1]> (x, \"conv1.weight_1\", \"conv1.bias\")",
            "[\"/tied/Conv\"] y = Conv <pads = [1, 1, 1, 1]> (b1, \"conv1.weight\")");
  }

  @Test
  void number_34_a_norm_without_running_statistics_is_refused() {
    Listing.refused(
            graph(
                CONV1.formatted("x"),
                "[\"/bn1/ReduceMean\"] m = ReduceMean<axes=[0,2,3], keepdims=0>(c1)\n",
                BN1.formatted("y", "c1").replace("\"bn1.running_mean\"", "m")),
            "[\"conv1\", \"bn1\"]")
        .because(Reason.NO_RUNNING_STATISTICS)
        .saying("running_mean and bn.running_var must not be None", "track_running_stats=False");
  }

  @Test
  void without_scopes_a_relu_is_the_only_reader_of_what_stands_before_it_and_that_is_said() {
    Listing.eval(
            CHAIN
                .replace("/conv1/Conv", "Conv_0")
                .replace("/bn1/BatchNormalization", "Bn_1")
                .replace("/relu/Relu", "Relu_2"),
            "[\"conv1\", \"bn1\", \"relu\"]")
        .makes("ConvReLU2d")
        .notes("does not say which nodes are 'relu'", "Relu_2");
  }

  @Test
  void what_the_last_module_carries_moves_and_what_one_in_the_middle_carried_is_noted() {
    ModelGraph plain = GraphText.parse(CHAIN);
    List<Node> nodes =
        plain.graph().nodes().stream()
            .map(
                node ->
                    node.withDocumentation(
                        "about " + node.op(),
                        Map.of("owner", node.op().type(), node.op().type(), "1")))
            .toList();
    ModelGraph model =
        plain.withGraph(
            new Graph(
                "g",
                nodes,
                plain.graph().initializers(),
                plain.graph().inputs(),
                plain.graph().outputs()));

    Node fused =
        ModuleFuser.eval(ModuleList.parse("[\"conv1\", \"bn1\"]"))
            .plan(model)
            .apply()
            .graph()
            .nodes()
            .get(0);
    assertThat(fused.docString()).isEqualTo("about Conv\nabout BatchNormalization");
    assertThat(fused.metadata())
        .containsEntry("owner", "Conv")
        .containsEntry("BatchNormalization", "1");

    FusionPlan plan =
        ModuleFuser.eval(ModuleList.parse("[\"conv1\", \"bn1\", \"relu\"]")).plan(model);
    assertThat(plan.fusions().get(0).notes())
        .singleElement()
        .asString()
        .contains("with '/bn1/BatchNormalization' went:", "about BatchNormalization");
  }
}
