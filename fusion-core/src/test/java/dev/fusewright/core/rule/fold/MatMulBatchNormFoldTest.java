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

class MatMulBatchNormFoldTest {
  private static String graph(String input) {
    return """
    g (float%s x) => (float[] z)
    <float[5,4] w = random(1), float[4] scale = random(3), float[4] shift = random(4),
     float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)>
    {
      [mm] y = MatMul(x, w)
      [bn] z = BatchNormalization(y, scale, shift, mean, var)
    }
    """
        .formatted(input);
  }

  @Test
  void a_product_of_matrices_becomes_a_gemm_with_the_norm_inside() {
    Fusing.inference(graph("[N,5]"))
        .fuses("mat-mul-batch-norm", "Linear", "mm", "bn")
        .leaves("[mm] z = Gemm (x, w, w_bias)")
        .keepsInitializers("w", "w_bias");
  }

  @Test
  void with_three_axes_axis_1_is_the_sequence_even_where_the_sizes_agree() {
    Fusing.inference(graph("[2,4,5]")).refuses("mat-mul-batch-norm", Reason.AXIS_MOVED);
  }

  @Test
  void where_the_rank_is_not_known_nothing_is_assumed() {
    Fusing.inference(graph("[]")).refuses("mat-mul-batch-norm", Reason.UNKNOWN_RANK);
  }

  @Test
  void a_constant_on_the_left_is_multiplied_along_the_other_axis() {
    Fusing.inference(
            """
            g (float[5,4] x) => (float[3,4] z)
            <float[3,5] w = random(1), float[4] p = random(3), float[4] var = random(6, 0.1, 2.0)>
            {
              y = MatMul(w, x)
              z = BatchNormalization(y, p, p, p, var)
            }
            """)
        .refuses("mat-mul-batch-norm", Reason.RUNTIME_INPUT);
  }

  @Test
  void before_opset_7_the_gemm_says_that_it_broadcasts() {
    Fusing.inference(
            "<ir_version: 3, opset_import: [\"\" : 6]>"
                + graph("[N,5]").replace("BatchNormalization", "BatchNormalization<is_test=1>"))
        .leaves("[mm] z = Gemm <broadcast = 1> (x, w, w_bias)");
  }
}
