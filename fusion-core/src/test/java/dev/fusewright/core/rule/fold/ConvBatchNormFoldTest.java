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

import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.plan.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConvBatchNormFoldTest {
  private static String graph(String outputs, String constants, String nodes) {
    return """
        <ir_version: 8, opset_import: ["" : 13]>
        g (float[N,3,5,5] x) => (%s)
        <float[4,3,3,3] w = random(1), float[4] b = random(2),
         float[4] scale = random(3), float[4] shift = random(4),
         float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)%s>
        {
          %s
        }
        """
        .formatted(outputs, constants, nodes);
  }

  private static final String SITE =
      """
      [conv] y = Conv(x, w, b)
      [bn] z = BatchNormalization(y, scale, shift, mean, var)
      """;

  @Test
  void a_norm_after_a_conv_is_folded_into_weight_and_bias() {
    Fusing.inference(graph("float[N,4,3,3] z", "", SITE))
        .fuses("conv-batch-norm", "Conv2d", "conv", "bn")
        .leaves("[conv] z = Conv (x, w, b)")
        .keepsInitializers("w", "b");
  }

  @Test
  void a_bias_is_created_where_there_is_none_and_named_like_the_weight() {
    Fusing.inference(
            """
            <ir_version: 8, opset_import: ["" : 13]>
            g (float[2,3,9] x) => (float[2,4,7] z)
            <float[4,3,3] "conv1.weight" = random(1), float[4] scale = random(3), float[4] shift = random(4),
             float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)>
            {
              y = Conv(x, "conv1.weight")
              z = BatchNormalization(y, scale, shift, mean, var)
            }
            """)
        .fuses("conv-batch-norm", "Conv1d", "Conv→y", "BatchNormalization→z")
        .keepsInitializers("conv1.weight", "conv1.bias");
  }

  @Test
  void with_a_relu_behind_it_the_site_is_a_ConvReLU2d_and_the_relu_stays() {
    Fusing.torch(graph("float[N,4,3,3] r", "", SITE + "[relu] r = Relu(z)"))
        .fuses("conv-batch-norm", "ConvReLU2d", "conv", "bn", "relu")
        .leavesOperators("Conv", "Relu");
  }

  @Test
  void a_grouped_conv_in_three_dimensions_is_folded_too() {
    Fusing.inference(
            """
            <ir_version: 8, opset_import: ["" : 15]>
            g (double[2,4,3,4,3] x) => (double[2,6,2,2,2] z)
            <double[6,2,2,2,2] w = random(1), double[6] scale = random(3), double[6] shift = random(4),
             double[6] mean = random(5), double[6] var = random(6, 0.1, 2.0)>
            {
              y = Conv<group=2, strides=[1,2,1]>(x, w)
              z = BatchNormalization<epsilon=0.001>(y, scale, shift, mean, var)
            }
            """)
        .fuses("conv-batch-norm", "Conv3d", "Conv→y", "BatchNormalization→z");
  }

  @Test
  void a_second_reader_of_the_conv_would_see_normalized_values() {
    Fusing.inference(graph("float[N,4,3,3] z, float[N,4,3,3] u", "", SITE + "u = Sigmoid(y)"))
        .refuses("conv-batch-norm", Reason.OTHER_USES);
  }

  @Test
  void an_inner_value_that_is_an_output_stays() {
    Fusing.inference(graph("float[N,4,3,3] z, float[N,4,3,3] y", "", SITE))
        .refuses("conv-batch-norm", Reason.GRAPH_OUTPUT);
  }

  @Test
  void a_norm_in_training_form_uses_the_statistics_of_the_batch() {
    Fusing.inference(
            graph(
                    "float[N,4,3,3] z",
                    "",
                    """
                y = Conv(x, w, b)
                z, m1, v1 = BatchNormalization<training_mode=1>(y, scale, shift, mean, var)
                """)
                .replace(": 13", ": 15"))
        .refuses("conv-batch-norm", Reason.TRAINING_MODE);
  }

  @Test
  void a_weight_that_another_conv_uses_is_cloned_and_never_changed_in_place() {
    Fusing.inference(
            graph("float[N,4,3,3] z, float[N,4,3,3] u", "", SITE + "[other] u = Conv(x, w, b)"))
        .fuses("conv-batch-norm", "Conv2d", "conv", "bn")
        .leaves("[conv] z = Conv (x, w_1, b_1)", "[other] u = Conv (x, w, b)");
  }

  @Test
  void a_norm_with_one_channel_after_a_conv_with_four_is_refused() {
    Fusing.torch(
            """
            <ir_version: 8, opset_import: ["" : 13]>
            g (float[2,3,5,5] x) => (float[2,4,3,3] z)
            <float[4,3,3,3] w = random(1), float[1] one = random(3), float[1] var = random(6, 0.1, 2.0)>
            {
              y = Conv(x, w)
              z = BatchNormalization(y, one, one, one, var)
            }
            """)
        .refuses("conv-batch-norm", Reason.CHANNEL_MISMATCH);
  }

  @Test
  void a_variance_of_minus_epsilon_refuses_the_site_alone() {
    Fusing.inference(
            """
            <ir_version: 8, opset_import: ["" : 13]>
            g (float[2,3,5,5] x) => (float[2,4,3,3] u)
            <float[4,3,3,3] w = random(1), float[4] p = random(3), float[4] var = random(6, 0.1, 2.0),
             float[4] bad = {0.5, -0.25, 1.0, 1.0}>
            {
              y = Conv(x, w)
              z = BatchNormalization<epsilon=0.25>(y, p, p, p, bad)
              v = Sigmoid(x)
              a = Conv(v, w)
              u = BatchNormalization(a, p, p, p, var)
            }
            """)
        .says("conv-batch-norm", Reason.NON_POSITIVE_VARIANCE)
        .fuses("conv-batch-norm", "Conv2d", "Conv→a", "BatchNormalization→u");
  }

  @Test
  void an_initializer_that_callers_may_override_is_kept_from_ir_4_on_and_constant_before() {
    String text =
        """
        <ir_version: 4, opset_import: ["" : 9]>
        g (float[2,3,5,5] x, float[4,3,3,3] w) => (float[2,4,3,3] z)
        <float[4,3,3,3] w = random(1), float[4] p = random(3), float[4] var = random(6, 0.1, 2.0)>
        {
          y = Conv(x, w)
          z = BatchNormalization(y, p, p, p, var)
        }
        """;

    Fusing.inference(text).refuses("conv-batch-norm", Reason.OVERRIDABLE);
    Fusing.inference(text.replace("ir_version: 4", "ir_version: 3"))
        .fuses("conv-batch-norm", "Conv2d", "Conv→y", "BatchNormalization→z");
  }

  private static final String IR3 =
      """
      <ir_version: 3, opset_import: ["" : 9]>
      g (float[2,3,5,5] x, float[4,3,3,3] w, float[4] p, float[4] var, float[4] idle) => (float[2,4,3,3] z)
      <float[4,3,3,3] w = random(1), float[4] p = random(3), float[4] var = random(6, 0.1, 2.0),
       float[4] idle = random(7)>
      {
        [conv] y = Conv(x, w)
        [bn] z = BatchNormalization(y, p, p, p, var)
      }
      """;

  private static List<String> inputs(Fusing fused) {
    return fused.fused().graph().inputs().stream().map(ValueInfo::name).toList();
  }

  @Test
  void parameters_that_ir_3_lists_as_inputs_go_with_the_norm_that_read_them() {
    Fusing fused = Fusing.inference(IR3).keepsInitializers("w", "w_bias", "idle");

    assertThat(inputs(fused)).containsExactly("x", "w", "idle", "w_bias");
  }

  @Test
  void a_parameter_that_something_else_reads_or_the_graph_puts_out_stays_an_input_in_ir_3() {
    assertThat(
            inputs(
                Fusing.inference(
                    IR3.replace("=> (float[2,4,3,3] z)", "=> (float[2,4,3,3] z, float[4] p)"))))
        .containsExactly("x", "w", "p", "idle", "w_bias");
    String body =
        " u = If<then_branch = t () => (float[4] a) { a = Abs(var) },"
            + " else_branch = e () => (float[4] b) { b = Neg(var) }>(c)\n}";
    assertThat(
            inputs(
                Fusing.inference(
                    IR3.replace("float[2,3,5,5] x,", "float[2,3,5,5] x, bool c,")
                        .replace("=> (float[2,4,3,3] z)", "=> (float[2,4,3,3] z, float[4] u)")
                        .replace("\n}", "\n" + body))))
        .containsExactly("x", "c", "w", "var", "idle", "w_bias");
  }
}
