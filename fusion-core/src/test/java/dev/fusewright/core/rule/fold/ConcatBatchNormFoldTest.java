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

class ConcatBatchNormFoldTest {
  private static String graph(String outputs, String branch, String axis) {
    return """
    g (float[2,3,4,4] x) => (%s)
    <float[2,3,1,1] u = random(1), float[2] ub = random(2), float[3,3,1,1] w = random(3),
     float[5] scale = random(4), float[5] shift = random(5), float[5] mean = random(6),
     float[5] var = random(7, 0.1, 2.0)>
    {
      [a] a = Conv(x, u, ub)
      [b] b = %s
      [cat] c = Concat<axis=%s>(a, b)
      [bn] z = BatchNormalization(c, scale, shift, mean, var)
    }
    """
        .formatted(outputs, branch, axis);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "-3"})
  void each_branch_takes_its_range_of_the_channels(String axis) {
    Fusing.inference(graph("float[] z", "Conv(x, w)", axis))
        .fuses("concat-batch-norm", "Concat", "a", "b", "cat", "bn")
        .leavesOperators("Conv", "Conv", "Concat")
        .keepsInitializers("u", "ub", "w", "w_bias");
  }

  @Test
  void branches_of_different_kinds_fold_each_in_its_way() {
    Fusing.inference(graph("float[] z", "ConvTranspose(x, w)", "1"))
        .fuses("concat-batch-norm", "Concat", "a", "b", "cat", "bn");
  }

  @Test
  void along_another_axis_the_branches_share_the_channels() {
    Fusing.inference(
            graph("float[] z", "Conv(x, w)", "2")
                .replace("float[2,3,1,1] u", "float[3,3,1,1] u")
                .replace("float[2] ub", "float[3] ub")
                .replace("[5]", "[3]"))
        .refuses("concat-batch-norm", Reason.AXIS_MOVED);
  }

  @Test
  void a_branch_that_somebody_else_reads_keeps_its_values() {
    Fusing.inference(graph("float[] z, float[] b", "Conv(x, w)", "1"))
        .refuses("concat-batch-norm", Reason.OTHER_USES);
  }

  @Test
  void a_branch_that_is_listed_twice_would_be_folded_twice() {
    Fusing.inference(
            graph("float[] z", "Conv(x, w)", "1").replace("(a, b)", "(a, a)").replace("[5]", "[4]"))
        .refuses("concat-batch-norm", Reason.OTHER_USES);
  }

  @Test
  void with_a_branch_that_is_no_layer_nothing_is_gained() {
    Fusing.inference(graph("float[] z", "Relu(x)", "1"))
        .refuses("concat-batch-norm", Reason.NOTHING_TO_FOLD_INTO);
  }

  @Test
  void gemms_are_joined_along_their_columns() {
    Fusing.inference(
            """
            g (float[3,5] x) => (float[] z)
            <float[5,2] u = random(1), float[1,2] ub = random(2), float[3,5] v = random(3), float[3] vb = random(8),
             float[5] p = random(4), float[5] var = random(7, 0.1, 2.0)>
            {
              a = Gemm<beta=2.0>(x, u, ub)
              b = Gemm<transB=1>(x, v, vb)
              c = Concat<axis=-1>(a, b)
              z = BatchNormalization(c, p, p, p, var)
            }
            """)
        .fuses(
            "concat-batch-norm", "Concat", "Gemm→a", "Gemm→b", "Concat→c", "BatchNormalization→z")
        .leavesOperators("Gemm", "Gemm", "Concat");
  }

  @Test
  void a_norm_of_another_number_of_channels_is_refused() {
    Fusing.inference(graph("float[] z", "Conv(x, w)", "1").replace("[5]", "[4]"))
        .refuses("concat-batch-norm", Reason.CHANNEL_MISMATCH);
  }
}
