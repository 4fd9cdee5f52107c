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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutElementwiseFoldTest {
  /** A Conv of 4 channels on values of 4×4 pixels in a batch of 4: every axis has the size 4. */
  private static String conv(String permutation, String constant, String follower) {
    return """
    <ir_version: 8, opset_import: ["" : 13]>
    g (float[4,3,4,4] x) => (float[] z)
    <float[4,3,1,1] w = random(1), float[4] b = random(2), float%s k = random(3, 0.5, 2.0)>
    {
      [conv] y = Conv(x, w, b)
      [t] t = Transpose<perm=[%s]>(y)
      [op] z = %s
    }
    """
        .formatted(constant, permutation, follower);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Add(t, k)",
        "Add(k, t)",
        "Sub(t, k)",
        "Sub(k, t)",
        "Mul(t, k)",
        "Mul(k, t)",
        "Div(t, k)"
      })
  void each_operation_is_folded_with_the_constant_on_either_side(String follower) {
    for (String shape : new String[] {"", "[1]", "[4]", "[1,4]", "[1,1,1,4]", "[1,1,1,1]"}) {
      Fusing.inference(conv("0,2,3,1", shape, follower))
          .fuses("layout-elementwise", "Conv2d", "conv", "t", "op")
          .leavesOperators("Conv", "Transpose");
    }
  }

  @Test
  void a_constant_divided_by_the_value_is_not_affine() {
    Fusing.inference(conv("0,2,3,1", "[4]", "Div(k, t)"))
        .refuses("layout-elementwise", Reason.NOT_AFFINE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0,2,3,1|[4,1,1]", // one per row of pixels
        "0,2,3,1|[4,1]", // one per column
        "0,2,3,1|[4,4]",
        "0,2,3,1|[4,1,1,1]", // one per sample
        "0,1,3,2|[4]", // the channels stay where they are
        "1,2,3,0|[4]", // the batch is last
        "0,2,3,1|[1,1,1,1,4]", // five axes
        "0,2,3,1|[1,1,1,1,1]"
      })
  void the_constant_is_aligned_behind_the_transpose(String permutation, String constant) {
    Fusing.inference(conv(permutation, constant, "Mul(t, k)"))
        .refuses("layout-elementwise", Reason.BROADCAST);
  }

  @Test
  void mul_and_add_in_nhwc_both_end_up_in_the_conv() {
    Fusing.inference(
            """
            g (float[N,5,5,3] x) => (float[] z)
            <float[4,3,3,3] w = random(1), float[4] k = random(2), float[4] d = random(3)>
            {
              t = Transpose<perm=[0,3,1,2]>(x)
              c = Conv<pads=[1,1,1,1]>(t, w)
              u = Transpose<perm=[0,2,3,1]>(c)
              m = Mul(u, k)
              a = Add(m, d)
              z = Relu(a)
            }
            """)
        .leavesOperators("Transpose", "Conv", "Transpose", "Relu")
        .keepsInitializers("w", "w_bias");
  }

  @Test
  void a_transpose_without_permutation_reverses_and_two_transposes_are_one() {
    Fusing.inference(
            """
            g (float[3,5] x) => (float[] z)
            <float[5,4] w = random(1), float[4] b = random(2), float[4,1] k = random(3)>
            {
              y = Gemm<beta=2.0>(x, w, b)
              t = Transpose(y)
              z = Sub(k, t)
            }
            """)
        .fuses("layout-elementwise", "Linear", "Gemm→y", "Transpose→t", "Sub→z");
    Fusing.inference(
            """
            g (float[2,3,5] x) => (float[] z)
            <float[5,4] w = random(1), float[4] b = random(2), float[4,1,1] k = random(3)>
            {
              y = MatMul(x, w)
              a = Add(y, b)
              t = Transpose<perm=[0,2,1]>(a)
              u = Transpose<perm=[1,0,2]>(t)
              z = Add(u, k)
            }
            """)
        .fuses(
            "layout-elementwise",
            "Linear",
            "MatMul→y",
            "Add→a",
            "Transpose→t",
            "Transpose→u",
            "Add→z");
  }

  @Test
  void a_product_without_a_bias_takes_only_what_scales() {
    String text =
        """
        g (float[2,3,5] x) => (float[] z)
        <float[5,4] w = random(1), float[4,1] k = random(3, 0.5, 2.0)>
        {
          y = MatMul(x, w)
          t = Transpose<perm=[0,2,1]>(y)
          z = Div(t, k)
        }
        """;
    Fusing.inference(text)
        .fuses("layout-elementwise", "Linear", "MatMul→y", "Transpose→t", "Div→z");
    Fusing.inference(text.replace("Div(", "Sub(")).leavesItAlone();
  }

  @Test
  void whoever_else_reads_the_value_on_either_side_of_the_transpose_needs_it_unscaled() {
    String text = conv("0,2,3,1", "[4]", "Mul(t, k)");

    Fusing.inference(text.replace("(float[] z)", "(float[] z, float[] t)"))
        .refuses("layout-elementwise", Reason.GRAPH_OUTPUT);
    Fusing.inference(
            text.replace("(float[] z)", "(float[] z, float[] s)")
                .replace("[op]", "s = Sigmoid(y) [op]"))
        .refuses("layout-elementwise", Reason.OTHER_USES);
  }

  @Test
  void a_full_size_constant_behind_a_transpose_is_one_value_per_channel_too() {
    String text =
        """
        g (float[N,3,1,2] x) => (float[] z)
        <float[2,3,1,1] w = random(1), float[1,1,2,2] k = {3.0, 4.0, 3.0, 4.0}>
        {
          y = Conv(x, w)
          t = Transpose<perm=[0,2,3,1]>(y)
          z = Mul(t, k)
        }
        """;
    Fusing.inference(text).fuses("layout-elementwise", "Conv2d", "Conv→y", "Transpose→t", "Mul→z");
    Fusing.inference(text.replace("{3.0, 4.0, 3.0, 4.0}", "{3.0, 3.0, 4.0, 4.0}"))
        .refuses("layout-elementwise", Reason.BROADCAST);
  }
}
