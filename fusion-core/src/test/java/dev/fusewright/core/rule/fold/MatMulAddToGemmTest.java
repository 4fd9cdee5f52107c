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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MatMulAddToGemmTest {
  private static String graph(String input, String bias, String sum) {
    return """
    g (float%s x) => (float[] z)
    <float[5,4] w = random(1), float%s b = random(2)>
    {
      [mm] y = MatMul(x, w)
      [add] z = Add(%s)
    }
    """
        .formatted(input, bias, sum);
  }

  @ParameterizedTest
  @ValueSource(strings = {"y, b", "b, y"})
  void on_whichever_side_the_bias_stands_it_becomes_that_of_a_gemm(String sum) {
    Fusing.inference(graph("[N,5]", "[4]", sum))
        .fuses("mat-mul-add-gemm", "Linear", "mm", "add")
        .leaves("[mm] z = Gemm (x, w, b)")
        .keepsInitializers("w", "b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[1]", "[1,4]"})
  void a_bias_that_gemm_can_broadcast_will_do(String bias) {
    Fusing.inference(graph("[N,5]", bias, "y, b")).fuses("mat-mul-add-gemm", "Linear", "mm", "add");
  }

  @Test
  void gemm_broadcasts_one_way_only() {
    Fusing.inference(graph("[3,5]", "[1,1,4]", "y, b")).leavesItAlone();
  }

  @Test
  void gemm_takes_no_three_axes() {
    Fusing.inference(graph("[2,3,5]", "[4]", "y, b")).leavesItAlone();
  }

  @Test
  void a_product_that_somebody_else_reads_stays() {
    Fusing.inference(graph("[3,5]", "[4]", "y, b").replace("(float[] z)", "(float[] z, float[] y)"))
        .leavesItAlone();
  }

  @Test
  void a_constant_on_the_left_stays_a_product() {
    Fusing.inference(
            """
            g (float[4,3] x) => (float[5,3] z)
            <float[5,4] w = random(1), float[3] b = random(2)>
            {
              y = MatMul(w, x)
              z = Add(y, b)
            }
            """)
        .leavesItAlone();
  }

  @Test
  void a_matrix_that_a_reshape_to_two_computed_sizes_makes_is_known_to_be_one() {
    Fusing.inference(
            """
            <ir_version: 8, opset_import: ["" : 13]>
            g (float[N,3,2,2] x) => (float[N,5] z)
            <float[12,5] w = random(1), float[5] b = random(2), int64[1] zero = {0}, int64[1] one = {1},
             int64[1] twelve = {12}>
            {
              s = Shape(x)
              n = Slice(s, zero, one, zero)
              t = Concat<axis=0>(n, twelve)
              m = Reshape(x, t)
              y = MatMul(m, w)
              z = Add(y, b)
            }
            """)
        .leavesOperators("Shape", "Slice", "Concat", "Reshape", "Gemm");
  }

  @Test
  void a_reshape_to_three_computed_sizes_makes_no_matrix() {
    Fusing.inference(
            """
            <ir_version: 8, opset_import: ["" : 13]>
            g (float[N,3,2,2] x) => (float[N,3,5] z)
            <float[4,5] w = random(1), float[5] b = random(2), int64[1] zero = {0}, int64[1] two = {2},
             int64[1] four = {4}>
            {
              s = Shape(x)
              n = Slice(s, zero, two, zero)
              t = Concat<axis=0>(n, four)
              m = Reshape(x, t)
              y = MatMul(m, w)
              z = Add(y, b)
            }
            """)
        .leavesItAlone();
  }
}
