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

import dev.fusewright.core.plan.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutBatchNormFoldTest {
  private static String graph(String input, int channels, String constants, String nodes) {
    return """
    g (float%s x) => (float[] z)
    <float[5,4] w = random(1), float[4] b = random(2), float[%2$d] scale = random(3), float[%2$d] shift = random(4),
     float[%2$d] mean = random(5), float[%2$d] var = random(6, 0.1, 2.0)%3$s>
    {
      %4$s
      [bn] z = BatchNormalization(t, scale, shift, mean, var)
    }
    """
        .formatted(input, channels, constants, nodes);
  }

  @Test
  void a_linear_on_sequences_takes_the_norm_behind_its_transpose() {
    Fusing.inference(
            graph(
                "[2,3,5]",
                4,
                "",
                "[mm] y = MatMul(x, w) [add] a = Add(y, b) [t] t = Transpose<perm=[0,2,1]>(a)"))
        .fuses("layout-batch-norm", "Linear", "mm", "add", "t", "bn")
        .leaves(
            "[mm] y = MatMul (x, w)",
            "[add] a = Add (y, b)",
            "[t] z = Transpose <perm = [0, 2, 1]> (a)");
  }

  @Test
  void a_product_without_a_bias_gets_an_addition_in_the_norms_stead() {
    Fusing.inference(
            graph("[2,3,5]", 4, "", "[mm] y = MatMul(x, w) t = Transpose<perm=[0,2,1]>(y)"))
        .fuses("layout-batch-norm", "Linear", "mm", "Transpose→t", "bn")
        .leaves(
            "[mm] unbiased = MatMul (x, w)",
            "y = Add (unbiased, w_bias)",
            "z = Transpose <perm = [0, 2, 1]> (y)");
  }

  @Test
  void before_opset_7_that_addition_says_that_it_broadcasts() {
    Fusing.inference(
            "<ir_version: 4, opset_import: [\"\" : 6]>"
                + graph("[2,3,5]", 4, "", "[mm] y = MatMul(x, w) t = Transpose<perm=[0,2,1]>(y)")
                    .replace("BatchNormalization", "BatchNormalization<is_test=1>"))
        .leaves(
            "[mm] unbiased = MatMul (x, w)",
            "y = Add <broadcast = 1> (unbiased, w_bias)",
            "z = Transpose <perm = [0, 2, 1]> (y)");
  }

  @Test
  void without_a_path_between_them_the_norm_must_work_on_the_columns() {
    Fusing.only("layout-batch-norm", graph("[3,5]", 4, "", "y = MatMul(x, w) t = Add(b, y)"))
        .fuses("layout-batch-norm", "Linear", "MatMul→y", "Add→t", "bn");
    Fusing.inference(graph("[2,4,5]", 4, "", "y = MatMul(x, w) t = Add(y, b)"))
        .refuses("layout-batch-norm", Reason.AXIS_MOVED);
  }

  @Test
  void behind_a_transposed_matrix_it_is_the_batch_that_is_normalized() {
    Fusing.inference(graph("[4,5]", 4, "", "y = Gemm(x, w, b) t = Transpose<perm=[1,0]>(y)"))
        .refuses("layout-batch-norm", Reason.AXIS_MOVED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{2}", "{2,3}", "{-1,-2}"})
  void unsqueeze_behind_the_channels_leaves_them_where_they_are(String axes) {
    String constant = ", int64[%d] axes = %s".formatted(axes.split(",").length, axes);

    Fusing.inference(graph("[3,5]", 4, constant, "y = Gemm(x, w, b) t = Unsqueeze(y, axes)"))
        .fuses("layout-batch-norm", "Linear", "Gemm→y", "Unsqueeze→t", "bn");
  }

  @Test
  void unsqueeze_before_them_moves_them() {
    Fusing.inference(
            graph("[3,5]", 3, ", int64[1] a = {0}", "y = Gemm(x, w, b) t = Unsqueeze(y, a)"))
        .refuses("layout-batch-norm", Reason.AXIS_MOVED);
  }

  @Test
  void what_is_moved_and_moved_back_has_not_moved() {
    Fusing.inference(
            graph(
                "[3,5]",
                4,
                ", int64[1] two = {2}, int64[1] zero = {0}",
                """
                y = Gemm(x, w, b)
                u = Unsqueeze(y, zero)
                v = Transpose<perm=[1,2,0]>(u)
                t = Squeeze(v, two)
                """))
        .leavesOperators("Gemm", "Unsqueeze", "Transpose", "Squeeze");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{0,4,-1}", "{0,0,1}", "{3,4,1}", "{-1,4,1}"})
  void a_reshape_that_provably_keeps_the_channels_is_passed(String target) {
    Fusing.inference(
            graph(
                "[3,5]",
                4,
                ", int64[3] target = " + target,
                "y = Gemm(x, w, b) t = Reshape(y, target)"))
        .fuses("layout-batch-norm", "Linear", "Gemm→y", "Reshape→t", "bn");
  }

  @Test
  void a_reshape_that_might_mix_channels_and_pixels_is_not_passed() {
    Fusing.inference(
            """
            g (float[2,3,6] x) => (float[] z)
            <float[4,3,1] w = random(1), int64[3] target = {3,4,-1}, float[4] p = random(3), float[4] var = random(6, 0.1, 2.0)>
            {
              y = Conv(x, w)
              t = Reshape(y, target)
              z = BatchNormalization(t, p, p, p, var)
            }
            """)
        .refuses("layout-batch-norm", Reason.AXIS_UNPROVEN);
  }

  /** PyTorch's {@code view(-1, C)} before a BatchNorm1d. */
  private static String view(String input, String target) {
    int rank = target.split(",").length;
    return graph(
        input,
        4,
        ", int64[%d] target = %s".formatted(rank, target),
        "[mm] y = MatMul(x, w) [add] a = Add(b, y) [v] t = Reshape(a, target)");
  }

  @Test
  void a_view_whose_last_axis_is_the_channels_is_passed() {
    Fusing.inference(view("[B,T,5]", "{-1,4}"))
        .fuses("layout-batch-norm", "Linear", "mm", "add", "v", "bn")
        .leaves("[mm] y = MatMul (x, w)", "[add] a = Add (b, y)", "[v] z = Reshape (a, target)");
  }

  @Test
  void a_view_of_another_form_is_not() {
    Fusing.inference(view("[2,4,5]", "{-1,0}"))
        .refuses("layout-batch-norm", Reason.AXIS_UNPROVEN); // 0 copies the axis before.
    Fusing.inference(view("[2,4,5]", "{-1,4,4}"))
        .refuses("layout-batch-norm", Reason.AXIS_MOVED); // Axis 1 is the sequence.
    Fusing.inference(view("[2,4,5]", "{-1,4,2}"))
        .refuses("layout-batch-norm", Reason.AXIS_UNPROVEN);
    Fusing.inference(view("[2,4,5]", "{4,-1}")).refuses("layout-batch-norm", Reason.AXIS_UNPROVEN);
  }

  /** A Conv of 8 channels, and a view for each of its pixels. */
  private static String pixels(String input, String target) {
    return """
    g (float%s x) => (float[] z)
    <float[8,6,1,1] w = random(1), int64[4] s = %s, float[8] p = random(3), float[8] var = random(6, 0.1, 2.0)>
    {
      c = Conv(x, w)
      r = Reshape(c, s)
      z = BatchNormalization(r, p, p, p, var)
    }
    """
        .formatted(input, target);
  }

  @Test
  void sizes_that_the_graph_declares_of_its_inputs_prove_an_axis_and_are_named() {
    Fusing.inference(pixels("[2,6,1,1]", "{-1,8,1,1}"))
        .fuses("layout-batch-norm", "Conv2d", "Conv→c", "Reshape→r", "BatchNormalization→z")
        .notes("it rests on the declared extents of the graph's inputs, by which 'c' is [2,8,1,1]");
    Fusing.inference(pixels("[N,6,1,1]", "{-1,8,1,1}"))
        .fuses("layout-batch-norm", "Conv2d", "Conv→c", "Reshape→r", "BatchNormalization→z")
        .notes("it rests on the declared extents of the graph's inputs, by which 'c' is [?,8,1,1]");
  }

  @Test
  void a_view_that_mixes_pixels_and_channels_is_refused_whatever_its_sizes() {
    Fusing.inference(pixels("[2,6,1,2]", "{-1,8,1,1}"))
        .refuses("layout-batch-norm", Reason.AXIS_UNPROVEN);
    Fusing.inference(pixels("[2,6,H,W]", "{-1,8,1,1}"))
        .refuses("layout-batch-norm", Reason.AXIS_UNPROVEN);
  }

  @Test
  void a_reshape_whose_shape_is_known_only_at_run_time_proves_nothing() {
    Fusing.inference(
            graph("[3,5]", 4, "", "y = Gemm(x, w, b) t = Reshape(y, s)")
                .replace("x) =>", "x, int64[3] s) =>"))
        .refuses("layout-batch-norm", Reason.AXIS_UNPROVEN);
  }

  @Test
  void a_conv_whose_only_pixel_is_squeezed_away_takes_the_norm() {
    Fusing.inference(
            """
            g (float[2,3,6] x) => (float[] z)
            <float[4,3,6] w = random(1), int64[1] last = {2}, float[4] p = random(3), float[4] var = random(6, 0.1, 2.0)>
            {
              y = Conv(x, w)
              t = Squeeze(y, last)
              z = BatchNormalization(t, p, p, p, var)
            }
            """)
        .fuses("layout-batch-norm", "Conv1d", "Conv→y", "Squeeze→t", "BatchNormalization→z");
  }

  @Test
  void a_sum_that_is_no_bias_is_none_of_this_rules() {
    Fusing.inference(graph("[2,4]", 4, "", "y = Sigmoid(x) t = Add(y, x)"))
        .refuses("batch-norm", Reason.NOTHING_TO_FOLD_INTO);
  }
}
