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
package dev.fusewright.core.rule.qat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.text.GraphText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Numbers are those of the acceptance table in spec/torch-fusion.md, §6. */
class QatFusionTest {
  private static final RuleSet QAT = QatRules.construction();

  private static String conv(int dims, boolean bias, String norm, String nodes) {
    String space = ",3".repeat(dims);
    return """
        <ir_version: 8, opset_import: ["" : 15]>
        g (float[N,3%s] x) => (float[N,4] y, float[4] new_mean, float[4] new_var)
        <float[4,3%s] "conv.weight" = random(1), float[4] "conv.bias" = random(2),
         float[4] "bn.weight" = random(3, 0.5, 2.0), float[4] "bn.bias" = random(4),
         float[4] "bn.running_mean" = random(5), float[4] "bn.running_var" = random(6, 0.1, 2.0)>
        {
          ["/conv/Conv"] c = Conv<strides=[%s]>(x, "conv.weight"%s)
          ["/bn/BatchNormalization"] %s(c, "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")
          %s
        }
        """
        .formatted(
            ",7".repeat(dims),
            space,
            "2, ".repeat(dims - 1) + "2",
            bias ? ", \"conv.bias\"" : "",
            norm,
            nodes);
  }

  private static final String TRAINING =
      "b, new_mean, new_var = BatchNormalization<training_mode=1, epsilon=0.001, momentum=0.8>";
  private static final String RELU = "[\"/relu/Relu\"] y = Relu(b)";
  private static final String NO_RELU = "y = Sigmoid(b)";

  @Test
  void number_12_conv_norm_and_relu_in_training_form_become_a_ConvBnReLU2d() {
    Building.by(QAT, conv(2, /* bias= */ true, TRAINING, RELU))
        .makes("ConvBnReLU2d")
        .leavesOperators("torch.ao.nn.intrinsic.ConvBnReLU2d")
        .brings("torch.ao.nn.intrinsic.ConvBnReLU2d")
        .computesTheSame();
  }

  @Test
  void conv_and_norm_become_a_ConvBn_in_one_two_and_three_dimensions_with_and_without_bias() {
    for (int dims = 1; dims <= 3; dims++) {
      for (boolean bias : new boolean[] {false, true}) {
        Building.by(QAT, conv(dims, bias, TRAINING, NO_RELU))
            .makes("ConvBn" + dims + "d")
            .leavesOperators("torch.ao.nn.intrinsic.ConvBn" + dims + "d", "Sigmoid")
            .computesTheSame();
      }
    }
  }

  @Test
  void number_14_two_biased_layers_give_the_unfused_output_and_statistics() {
    Building.by(
            QAT,
            """
            <ir_version: 8, opset_import: ["" : 15]>
            g (float[5,3,6,6] x) => (float[5,4,2,2] y, float[4] m1, float[4] v1, float[4] m2, float[4] v2)
            <float[4,3,3,3] w1 = random(1), float[4] b1 = random(2), float[4,4,3,3] w2 = random(3), float[4] b2 = random(4),
             float[4] g = random(5, 0.5, 2.0), float[4] s = random(6), float[4] m = random(7), float[4] v = random(8, 0.1, 2.0)>
            {
              c = Conv(x, w1, b1)
              n, m1, v1 = BatchNormalization<training_mode=1>(c, g, s, m, v)
              d = Conv(n, w2, b2)
              y, m2, v2 = BatchNormalization<training_mode=1>(d, g, s, m, v)
            }
            """)
        .makes("ConvBn2d", "ConvBn2d")
        .brings("torch.ao.nn.intrinsic.ConvBn2d")
        .computesTheSame();
  }

  @Test
  void behind_a_module_that_was_just_built_the_rank_is_still_known() {
    String text =
        """
        <ir_version: 8, opset_import: ["" : 15]>
        g (float[N,3] x) => (float[N,4] y)
        <float[4,3] w1 = random(1), float[4,4] w2 = random(2), float[4] g = random(5, 0.5, 2.0),
         float[4] s = random(6), float[4] m = random(7), float[4] v = random(8, 0.1, 2.0)>
        {
          a = Gemm<transB=1>(x, w1)
          n = BatchNormalization(a, g, s, m, v)
          t = Transpose<perm=[1,0]>(w2)
          p = MatMul(n, t)
          y = BatchNormalization(p, g, s, m, v)
        }
        """;

    Building.by(QAT, text).makes("LinearBn1d", "LinearBn1d").computesTheSame();
  }

  @Test
  void the_function_is_the_unfused_computation_and_the_call_passes_the_attributes() {
    ModelGraph built = Building.by(QAT, conv(2, true, TRAINING, RELU)).built();

    assertThat(GraphText.print(built))
        .contains(
            "(x, \"conv.weight\", \"bn.weight\", \"bn.bias\", \"bn.running_mean\", \"bn.running_var\", \"conv.bias\")",
            "strides = [2, 2]",
            "c = Conv",
            "training_mode = 1",
            "y = Relu (normalized)");
    assertThat(built.opsets()).containsEntry("torch.ao.nn.intrinsic", 1L);
  }

  @Test
  void a_model_in_inference_form_is_built_too_as_fuse_modules_qat_does() {
    Building.by(
            QAT,
            conv(2, true, "b = BatchNormalization<epsilon=0.001>", RELU)
                .replace(", float[4] new_mean, float[4] new_var)", ")")
                .replace("ir_version: 8", "ir_version: 7")
                .replace("\"\" : 15", "\"\" : 13"))
        .makes("ConvBnReLU2d")
        .brings("torch.ao.nn.intrinsic.ConvBnReLU2d_eval")
        .computesTheSame();
  }

  @Test
  void an_older_ir_version_is_raised_to_the_first_with_functions() {
    String text =
        conv(2, true, "b = BatchNormalization", RELU)
            .replace(", float[4] new_mean, float[4] new_var)", ")");
    assertThat(Building.by(QAT, text.replace("ir_version: 8", "ir_version: 4")).built().irVersion())
        .isEqualTo(8);
    Building.by(QAT, text.replace("ir_version: 8", "ir_version: 3"))
        .refuses(Reason.UNSUPPORTED_OPSET, "IR version 3")
        .makes();
  }

  @Test
  void containers_of_a_layer_and_a_relu_are_built_too() {
    Building.by(
            QAT,
            """
            <ir_version: 8, opset_import: ["" : 15]>
            g (float[N,3,7] s, float[N,3,5,5] x) => (float[N,4,5] a, float[N,5] e, float[N,3,5,5] y)
            <float[4,3,3] w1 = random(1), float[5,3] w2 = random(2), float[5] b2 = random(3),
             float[3] p = random(4), float[3] v = random(5, 0.1, 2.0)>
            {
              c = Conv(s, w1)
              a = Relu(c)
              m = GlobalAveragePool(x)
              f = Flatten(m)
              l = Gemm<transB=1>(f, w2, b2)
              e = Relu(l)
              b = BatchNormalization(x, p, p, p, v)
              y = Relu(b)
            }
            """)
        .makes("ConvReLU1d", "LinearReLU", "BNReLU2d")
        .leavesOperators(
            "torch.ao.nn.intrinsic.ConvReLU1d",
            "GlobalAveragePool",
            "Flatten",
            "torch.ao.nn.intrinsic.LinearReLU",
            "torch.ao.nn.intrinsic.BNReLU2d_eval")
        .computesTheSame();
  }

  private static String linear(String layer) {
    return """
        <ir_version: 8, opset_import: ["" : 15]>
        g (float[6,5] x) => (float[6,4] y, float[4] new_mean, float[4] new_var)
        <float[4,5] w = random(1), float[4] b = random(2), float[4] scale = random(3, 0.5, 2.0),
         float[4] shift = random(4), float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)>
        {
          %s
          y, new_mean, new_var = BatchNormalization<training_mode=1>(l, scale, shift, mean, var)
        }
        """
        .formatted(layer);
  }

  @Test
  void a_linear_and_a_norm_become_a_LinearBn1d_also_where_the_linear_is_a_mat_mul() {
    Building.by(QAT, linear("l = Gemm<transB=1>(x, w, b)")).makes("LinearBn1d").computesTheSame();
    Building.by(QAT, linear("t = Transpose<perm=[1,0]>(w) l = MatMul(x, t)"))
        .makes("LinearBn1d")
        .leavesOperators("torch.ao.nn.intrinsic.LinearBn1d")
        .computesTheSame();
  }

  @Test
  void number_18_the_three_preconditions_are_checked_in_torchs_order() {
    String wrong =
        conv(2, false, TRAINING, NO_RELU)
            .replace("float[4] \"bn.", "float[5] \"bn.")
            .replace("float[4] new", "float[5] new");
    String plain =
        """
        s = Constant<value = float[4] {1.0, 1.0, 1.0, 1.0}>()
        z = Constant<value = float[4] {0.0, 0.0, 0.0, 0.0}>()
        m = ReduceMean<axes=[0,2,3], keepdims=0>(x0)
        """;
    String notAffine =
        conv(2, false, TRAINING, NO_RELU)
            .replace(
                "[\"/bn/",
                plain.replace("m = ReduceMean<axes=[0,2,3], keepdims=0>(x0)", "") + "[\"/bn/")
            .replace("(c, \"bn.weight\", \"bn.bias\"", "(c, s, z");
    String noStatistics =
        conv(2, false, TRAINING, NO_RELU)
            .replace(
                "[\"/bn/",
                "q = Conv<strides=[2,2]>(x, \"conv.weight\") m = ReduceMean<axes=[0,2,3], keepdims=0>(q) [\"/bn/")
            .replace("\"bn.running_mean\", \"bn.r", "m, \"bn.r");

    Building.by(QAT, wrong)
        .refuses(
            Reason.CHANNEL_MISMATCH,
            "Output channel of Conv2d must match num_features of BatchNorm2d",
            "'/conv/Conv' has 4 and '/bn/BatchNormalization' has 5");
    Building.by(QAT, notAffine)
        .refuses(
            Reason.NOT_AFFINE_MODULE, "Only support fusing BatchNorm2d with affine set to True");
    Building.by(QAT, noStatistics)
        .refuses(
            Reason.NO_RUNNING_STATISTICS,
            "Only support fusing BatchNorm2d with tracking_running_stats set to True");
  }

  @Test
  void number_19_a_conv_transpose_and_a_norm_have_no_module() {
    Building.by(
            QAT,
            conv(2, false, TRAINING, NO_RELU)
                .replace("Conv<", "ConvTranspose<")
                .replace("float[4,3,3,3] \"conv", "float[3,4,3,3] \"conv"))
        .refuses(Reason.QAT_UNSUPPORTED, "Fusing ConvTranspose+BatchNorm not yet supported in QAT")
        .makes();
  }

  @Test
  void a_training_form_before_opset_14_is_refused_with_what_to_do() {
    Building.by(
            QAT,
            conv(2, false, TRAINING.replace("training_mode=1, ", ""), NO_RELU)
                .replace("\"\" : 15", "\"\" : 13"))
        .refuses(Reason.UNSUPPORTED_OPSET, "export the model with opset 14 or later");
  }

  @Test
  void number_16_preparing_a_model_in_inference_form_is_refused_in_torchs_words() {
    Building.by(
            QatRules.prepared(QatBackend.FBGEMM),
            conv(2, true, "b = BatchNormalization", RELU)
                .replace(", float[4] new_mean, float[4] new_var)", ")"))
        .refuses(Reason.MODE_MISMATCH, "prepare_qat only works on models in training mode");
  }

  @ParameterizedTest
  @EnumSource(QatBackend.class)
  void a_prepared_module_computes_what_torchs_approximate_forward_does(QatBackend backend) {
    for (int dims = 1; dims <= 3; dims++) {
      for (boolean bias : new boolean[] {false, true}) {
        Building prepared =
            Building.by(QatRules.prepared(backend), conv(dims, bias, TRAINING, RELU));
        prepared.makes("ConvBnReLU" + dims + "d");
        ModelGraph expected =
            TorchForward.approximate(
                GraphText.parse(conv(dims, bias, TRAINING, RELU)), backend.weightQuantizer());
        java.util.Map<String, double[]> torch = Building.evaluate(expected);
        Building.evaluate(prepared.built())
            .forEach(
                (name, values) ->
                    assertThat(Building.differenceOf(torch.get(name), values))
                        .as(name)
                        .isLessThan(1e-6));
        // And it does quantize.
        assertThat(
                Building.differenceOf(
                    Building.evaluate(GraphText.parse(conv(dims, bias, TRAINING, RELU))).get("y"),
                    Building.evaluate(prepared.built()).get("y")))
            .isBetween(1e-4, 1e-1);
      }
    }
  }

  @Test
  void scale_and_zero_point_are_named_as_torch_names_them() {
    ModelGraph built =
        Building.by(QatRules.prepared(QatBackend.FBGEMM), conv(2, true, TRAINING, RELU)).built();

    assertThat(built.graph().initializers())
        .extracting(initializer -> initializer.name())
        .contains("conv.weight_fake_quant.scale", "conv.weight_fake_quant.zero_point");
    assertThat(built.graph().nodes().get(0).op().toString())
        .isEqualTo("torch.ao.nn.intrinsic.qat.ConvBnReLU2d_bias");
  }

  @Test
  void number_41_a_gamma_of_zero_takes_the_slow_path_which_is_finite() {
    for (boolean bias : new boolean[] {false, true}) {
      String text =
          conv(2, bias, TRAINING, NO_RELU)
              .replace(
                  "\"bn.weight\" = random(3, 0.5, 2.0)", "\"bn.weight\" = {0.0, 0.5, 1.0, 2.0}");
      Building prepared = Building.by(QatRules.prepared(QatBackend.FBGEMM), text);

      prepared.makes("ConvBn2d").notes("a weight of the BatchNorm is 0");
      // Only the weight's rounding to 8 bits lies between the two.
      prepared.computesTheSame(2e-2);
      assertThat(
              Building.differenceOf(
                  Building.evaluate(GraphText.parse(text)).get("new_var"),
                  Building.evaluate(prepared.built()).get("new_var")))
          .isLessThan(1e-12);
    }
  }

  @Test
  void number_44_a_ConvReLU1d_is_not_swapped_and_a_ConvReLU2d_is() {
    String text =
        """
        <ir_version: 8, opset_import: ["" : 15]>
        g (float[N,3,7] s, float[N,3,7,7] x) => (float[N,4,5] a, float[N,4,5,5] y)
        <float[4,3,3] w1 = random(1), float[4,3,3,3] w2 = random(2), float[4] b = random(3)>
        { c = Conv(s, w1) a = Relu(c) d = Conv(x, w2, b) y = Relu(d) }
        """;
    Building.by(QatRules.prepared(QatBackend.QNNPACK), text)
        .leavesOperators(
            "torch.ao.nn.intrinsic.ConvReLU1d", "torch.ao.nn.intrinsic.qat.ConvReLU2d_per_tensor")
        .computesTheSame(2e-2);
  }

  @Test
  void layers_that_stand_alone_are_prepared_as_well() {
    Building.by(
            QatRules.prepared(QatBackend.FBGEMM),
            """
            <ir_version: 8, opset_import: ["" : 15]>
            g (float[2,3,3,3] x) => (float[2,5] y)
            <float[4,3,3,3] w = random(1), float[5,4] v = random(2), float[5] b = random(3)>
            { c = Conv(x, w) f = Flatten(c) y = Gemm<transB=1>(f, v, b) }
            """)
        .leavesOperators("torch.ao.nn.qat.Conv2d", "Flatten", "torch.ao.nn.qat.Linear")
        .computesTheSame(2e-2);
  }

  @ParameterizedTest
  @EnumSource(QatBackend.class)
  void to_float_folds_a_prepared_module_back_into_what_the_eval_model_folds_to(QatBackend backend) {
    for (boolean bias : new boolean[] {false, true}) {
      String text =
          conv(2, bias, TRAINING, RELU).replace(", float[4] new_mean, float[4] new_var)", ")");
      ModelGraph prepared = Building.by(QatRules.prepared(backend), text).built();
      Building back = Building.by(QatRules.toFloat(), prepared).leavesOperators("Conv", "Relu");
      ModelGraph folded =
          Building.by(
                  dev.fusewright.core.rule.fold.Rules.torch(),
                  text.replace(
                      "b, new_mean, new_var = BatchNormalization<training_mode=1, ",
                      "b = BatchNormalization<"))
              .built();

      assertThat(weight(back.built(), 1)).containsExactly(weight(folded, 1));
      assertThat(weight(back.built(), 2)).containsExactly(weight(folded, 2));
    }
  }

  private static double[] weight(ModelGraph model, int input) {
    Node conv = model.graph().nodes().get(0);
    return Tensors.doubles(
        model.graph().initializers().stream()
            .filter(initializer -> initializer.name().equals(conv.input(input)))
            .findFirst()
            .orElseThrow()
            .tensor(),
        1000);
  }

  @Test
  void to_float_refuses_where_somebody_reads_the_updated_statistics() {
    ModelGraph built = Building.by(QAT, conv(2, true, TRAINING, RELU)).built();
    Building.by(QatRules.toFloat(), built).refuses(Reason.EXTRA_OUTPUTS, "'new_mean'");
  }
}
