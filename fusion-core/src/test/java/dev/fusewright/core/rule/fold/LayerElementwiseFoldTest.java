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
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.text.GraphText;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerElementwiseFoldTest {
  /** A Conv of 4 channels on values of 4×4 pixels in a batch of 4: every axis has the size 4. */
  private static String conv(String constant, String follower) {
    return """
    <ir_version: 8, opset_import: ["" : 13]>
    g (float[4,3,4,4] x) => (float[] z)
    <float[4,3,1,1] w = random(1), float[4] b = random(2), float%s k = random(3, 0.5, 2.0)>
    {
      [conv] y = Conv(x, w, b)
      [op] z = %s
    }
    """
        .formatted(constant, follower);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Add(y, k)",
        "Add(k, y)",
        "Sub(y, k)",
        "Sub(k, y)",
        "Mul(y, k)",
        "Mul(k, y)",
        "Div(y, k)"
      })
  void each_operation_is_folded_with_the_constant_on_either_side(String follower) {
    for (String shape : new String[] {"", "[1]", "[1,1]", "[4,1,1]", "[1,4,1,1]", "[1,1,1,1]"}) {
      Fusing.inference(conv(shape, follower))
          .fuses("conv-elementwise", "Conv2d", "conv", "op")
          .leavesOperators("Conv");
    }
  }

  @Test
  void a_constant_divided_by_the_conv_is_not_affine() {
    Fusing.inference(conv("[4,1,1]", "Div(k, y)")).refuses("conv-elementwise", Reason.NOT_AFFINE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"[4]", "[4,4,4]", "[1,4,1]", "[4,1,1,1]", "[4,4,1,1]", "[1,1,4,1]", "[4,4]"})
  void a_constant_along_pixels_or_the_batch_is_refused_though_its_size_is_that_of_the_channels(
      String shape) {
    Fusing.inference(conv(shape, "Mul(y, k)")).refuses("conv-elementwise", Reason.BROADCAST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[1,1,1,1,1]", "[1,1,4,1,1]", "[2,1,4,1,1]"})
  void a_constant_of_five_axes_would_give_the_result_five(String shape) {
    Fusing.inference(conv(shape, "Add(y, k)")).refuses("conv-elementwise", Reason.BROADCAST);
  }

  @Test
  void a_constant_that_enlarges_the_batch_is_refused() {
    Fusing.inference(conv("[2,4,1,1]", "Add(y, k)").replace("float[4,3,4,4]", "float[1,3,4,4]"))
        .refuses("conv-elementwise", Reason.BROADCAST);
  }

  @Test
  void a_sum_of_two_layers_is_no_near_miss() {
    Fusing.inference(conv("[4,1,1]", "Add(y, s)").replace("[op]", "s = Sigmoid(y) [op]"))
        .leavesItAlone();
  }

  @Test
  void a_division_by_zero_is_refused() {
    Fusing.inference(
            conv("[4,1,1]", "Div(y, k)").replace("random(3, 0.5, 2.0)", "{1.0, 0.0, 1.0, 1.0}"))
        .refuses("conv-elementwise", Reason.NON_FINITE_PARAMETER);
  }

  @Test
  void a_computed_constant_that_is_not_finite_is_refused() {
    Fusing.inference(
            conv("[4,1,1]", "Add(y, r)")
                .replace("random(3, 0.5, 2.0)", "{1.0, -1.0, 1.0, 1.0}")
                .replace("[op]", "r = Sqrt(k) [op]"))
        .refuses("conv-elementwise", Reason.NON_FINITE_PARAMETER);
  }

  @Test
  void a_constant_that_callers_may_override_is_kept() {
    Fusing.inference(
            conv("[4,1,1]", "Add(y, k)")
                .replace("float[4,3,4,4] x)", "float[4,3,4,4] x, float[4,1,1] k)"))
        .refuses("conv-elementwise", Reason.OVERRIDABLE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"axis=1, broadcast=1|[4]", "broadcast=1|[1]", "axis=1, broadcast=1|[4,1,1]"})
  void before_opset_7_attributes_say_where_the_constant_is_aligned(String form, String shape) {
    Fusing.inference(conv(shape, "Mul<%s>(y, k)".formatted(form)).replace(": 13", ": 6"))
        .fuses("conv-elementwise", "Conv2d", "conv", "op");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "axis=0, broadcast=1|[4]",
        "axis=2, broadcast=1|[4]",
        "broadcast=1|[4]",
        "axis=3, broadcast=1|[4]"
      })
  void before_opset_7_another_axis_is_refused(String form, String shape) {
    Fusing.inference(conv(shape, "Add<%s>(y, k)".formatted(form)).replace(": 13", ": 6"))
        .refuses("conv-elementwise", Reason.BROADCAST);
  }

  @Test
  void an_addition_leaves_the_weight_untouched() {
    var fusing = Fusing.inference(conv("[4,1,1]", "Add(y, k)"));

    fusing.leaves("[conv] z = Conv (x, w, b)").keepsInitializers("w", "b");
    assertThat(fusing.fused().graph().initializers().get(0))
        .isSameAs(fusing.plan().original().graph().initializers().get(0));
  }

  @Test
  void a_multiplication_needs_no_bias_where_there_was_none() {
    Fusing.inference(conv("[4,1,1]", "Mul(y, k)").replace("x, w, b", "x, w"))
        .leaves("[conv] z = Conv (x, w)")
        .keepsInitializers("w", "b");
  }

  @Test
  void conv_transpose_and_gemm_take_what_follows_them_too() {
    Fusing.inference(
            """
            g (float[2,4,3] x) => (float[] z)
            <float[4,3,2] w = random(1), float[6,1] k = random(3)>
            {
              y = ConvTranspose<group=2>(x, w)
              z = Sub(k, y)
            }
            """)
        .fuses("conv-transpose-elementwise", "ConvTranspose1d", "ConvTranspose→y", "Sub→z");
    Fusing.inference(
            """
            g (float[3,5] x) => (float[] z)
            <float[5,4] w = random(1), float[4] b = random(2), float[4] k = random(3)>
            {
              y = Gemm<beta=2.0, alpha=0.5>(x, w, b)
              z = Mul(y, k)
            }
            """)
        .fuses("gemm-elementwise", "Linear", "Gemm→y", "Mul→z")
        .leaves("y = Gemm <beta = 1.0, alpha = 0.5> (x, w, b)".replace("y =", "z ="));
  }

  @Test
  void a_column_of_one_value_per_sample_after_a_gemm_is_refused() {
    Fusing.inference(
            """
            g (float[4,5] x) => (float[] z)
            <float[5,4] w = random(1), float[4,1] k = random(3)>
            {
              y = Gemm(x, w)
              z = Mul(y, k)
            }
            """)
        .refuses("gemm-elementwise", Reason.BROADCAST);
  }

  @Test
  void conv_mul_add_norm_relu_is_one_conv_and_a_relu_after_one_pass() {
    Fusing.inference(
            """
            g (float[N,3,5,5] x) => (float[] r)
            <float[4,3,3,3] w = random(1), float[4,1,1] k = random(2), float[1,4,1,1] d = random(3),
             float[4] p = random(4), float[4] var = random(6, 0.1, 2.0)>
            {
              a = Conv(x, w)
              m = Mul(a, k)
              s = Add(d, m)
              n = BatchNormalization(s, p, p, p, var)
              r = Relu(n)
            }
            """)
        .fuses("conv-batch-norm", "ConvReLU2d", "Conv→a", "BatchNormalization→n", "Relu→r")
        .leavesOperators("Conv", "Relu")
        .keepsInitializers("w", "w_bias");
  }

  /** A constant that an importer has broadcast, after a Conv of 4 channels. */
  private static String broadcast(String input, String constant, String values) {
    return """
    g (float%s x) => (float[] z)
    <float[4,3,1,1] w = random(1), float[4] b = random(2), float%s k = %s>
    {
      [conv] y = Conv(x, w, b)
      [op] z = Mul(y, k)
    }
    """
        .formatted(input, constant, values);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1,4,2,2]|{1,1,1,1,2,2,2,2,3,3,3,3,4,4,4,4}",
        "[4,2,2]|{1,1,1,1,2,2,2,2,3,3,3,3,4,4,4,4}",
        "[1,4,1,2]|{1,1,2,2,3,3,4,4}",
        "[1,1,2,2]|{3,3,3,3}",
        "[2,2]|{3,3,3,3}",
        "[2]|{3,3}"
      })
  void a_constant_that_fills_the_value_and_is_the_same_all_over_is_one_per_channel(
      String shape, String values) {
    Fusing.inference(broadcast("[N,3,2,2]", shape, floats(values)))
        .fuses("conv-elementwise", "Conv2d", "conv", "op")
        .leavesOperators("Conv");
  }

  @Test
  void the_fold_of_such_a_constant_says_on_which_extents_it_rests() {
    Fusing.inference(broadcast("[1,3,2,2]", "[2,2]", "{3.0,3.0,3.0,3.0}"))
        .notes("it rests on the declared extents of the graph's inputs, by which 'y' is [1,4,2,2]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1,3,1,1]|[2,2]|{3,3,3,3}", // makes four pixels of one
        "[1,3,H,W]|[2,2]|{3,3,3,3}", // may do so
        "[1,3,2,2]|[2,2]|{3,3,3,4}", // is not the same all over
        "[1,3,2,2]|[2,2]|{0,0,0,-0.0}", // nor this, by a bit
        "[1,3,2,2]|[1,4,2,2]|{1,1,1,1,2,2,2,2,3,3,3,3,4,4,4,5}",
        "[2,3,1,1]|[2,1,1,1]|{3,3}", // along the batch
        "[1,3,2,2]|[2,1,2,2]|{3,3,3,3,3,3,3,3}"
      })
  void one_that_enlarges_or_varies_is_refused(String input, String shape, String values) {
    Fusing.inference(broadcast(input, shape, floats(values)))
        .refuses("conv-elementwise", Reason.BROADCAST);
  }

  private static String floats(String integers) {
    return integers.replaceAll("(\\d)([,}])", "$1.0$2").replace(".0.0", ".0");
  }

  private static String matMul(String input, String constant, String follower) {
    return """
    g (float%s x) => (float[] z)
    <float[5,4] w = random(1), float%s k = random(3, 0.5, 2.0)>
    {
      [mm] y = MatMul(x, w)
      [op] z = %s
    }
    """
        .formatted(input, constant, follower);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[3,5]||Mul(y, k)",
        "[3,5]|[1]|Mul(k, y)",
        "[3,5]|[1,1]|Div(y, k)",
        "[3,5]|[4]|Mul(y, k)",
        "[2,3,5]|[1,1,1]|Mul(y, k)",
        "[2,3,5]|[4]|Mul(y, k)",
        "[5]|[1]|Mul(y, k)"
      })
  void a_product_takes_what_only_scales(String input, String constant, String follower) {
    Fusing.inference(matMul(input, constant == null ? "" : constant, follower))
        .fuses("mat-mul-elementwise", "Linear", "mm", "op")
        .leavesOperators("MatMul");
  }

  @Test
  void where_the_rank_of_a_product_is_not_known_one_axis_is_the_last_and_two_may_be_too_many() {
    String open = matMul("[2,3,5]", "[4]", "Mul(y, k)").replace("float[2,3,5] x", "float[] x");

    ModelGraph original = GraphText.parse(open);
    ModelGraph fused = new FusionEngine(Rules.inference()).plan(original).apply();
    assertThat(fused.graph().nodes()).hasSize(1);
    FoldProof.same(
        original,
        fused,
        Map.of("x", FoldProof.array(ElementType.FLOAT, Shape.of(2, 3, 5), new Random(7))),
        1);
    Fusing.inference(open.replace("float[4] k", "float[1,4] k"))
        .refuses("mat-mul-elementwise", Reason.UNKNOWN_RANK);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[3,5]|[1,1,1]|BROADCAST", // a result of three axes
        "[3,5]|[3,1]|BROADCAST", // one value per row
        "[2,4,5]|[4,1]|BROADCAST"
      })
  void a_constant_that_enlarges_a_product_or_is_one_per_row_is_refused(
      String input, String constant, Reason reason) {
    Fusing.inference(matMul(input, constant, "Mul(y, k)")).refuses("mat-mul-elementwise", reason);
  }

  @Test
  void a_constant_divided_by_a_product_is_not_affine_and_a_sum_is_its_bias_already() {
    Fusing.inference(matMul("[3,5]", "[1]", "Div(k, y)"))
        .refuses("mat-mul-elementwise", Reason.NOT_AFFINE);
    Fusing.inference(matMul("[2,3,5]", "[4]", "Add(y, k)")).leavesItAlone();
    Fusing.inference(matMul("[2,3,5]", "[4]", "Sub(k, y)")).leavesItAlone();
  }

  @Test
  void mat_mul_times_a_scalar_unsqueezed_and_normalized_is_one_gemm() {
    String text =
        """
        g (float[1,6] x) => (float[] z)
        <float[6,5] w = random(1), float[1] k = {0.031}, int64[1] axes = {2}, float[5] p = random(4), float[5] v = random(6, 0.1, 2.0)>
        {
          c = MatMul(x, w)
          m = Mul(c, k)
          u = Unsqueeze(m, axes)
          z = BatchNormalization(u, p, p, p, v)
        }
        """;
    Fusing.inference(text)
        .fuses("mat-mul-elementwise", "Linear", "MatMul→c", "Mul→m")
        .leavesOperators("Gemm", "Unsqueeze");
    Fusing.inference(
            text.replace("axes = {2}", "axes = {1}")
                .replace("float[6,5]", "float[6,1]")
                .replace("float[5]", "float[1]"))
        .says("layout-batch-norm", Reason.AXIS_MOVED);
  }
}
