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

class BatchNormAffineFoldTest {
  private static String graph(String constants, String followers) {
    return """
    g (float[N,4,3,4] x) => (float[] z)
    <float[4] scale = random(1), float[4] shift = random(2), float[4] mean = random(3),
     float[4] var = random(4, 0.1, 2.0)%s>
    {
      r = Relu(x)
      [bn] y = BatchNormalization(r, scale, shift, mean, var)
      %s
    }
    """
        .formatted(constants, followers);
  }

  @Test
  void a_norm_after_a_norm_goes_into_its_scale_and_bias() {
    Fusing.inference(
            graph(
                ", float[4] s2 = random(5), float[4] v2 = random(6, 0.1, 2.0)",
                "[second] z = BatchNormalization<epsilon=0.01>(y, s2, s2, s2, v2)"))
        .fuses("batch-norm-batch-norm", "BatchNorm", "bn", "second")
        .leavesOperators("Relu", "BatchNormalization")
        .keepsInitializers("scale", "shift", "mean", "var");
  }

  @Test
  void caffes_scale_layer_goes_into_the_norm_through_unsqueeze_with_negative_axes() {
    Fusing.inference(
            graph(
                ", float[4] k = random(5), float[4] d = random(6), int64[2] axes = {-1, -2}",
                """
                k3 = Unsqueeze(k, axes)
                d3 = Unsqueeze(d, axes)
                [mul] m = Mul(y, k3)
                [add] z = Add(m, d3)
                """))
        .fuses("batch-norm-elementwise", "BatchNorm", "bn", "mul")
        .fuses("batch-norm-elementwise", "BatchNorm", "bn", "add")
        .leavesOperators("Relu", "BatchNormalization")
        .keepsInitializers("scale", "shift", "mean", "var");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[4]", "[3,1]", "[1,4,1,1,1]", "[2,4,1,1]"})
  void a_constant_that_is_not_one_value_per_channel_stays(String shape) {
    Fusing.inference(
            graph(", float%s k = random(5)".formatted(shape), "z = Mul(y, k)")
                .replace("float[N", "float[2"))
        .refuses("batch-norm-elementwise", Reason.BROADCAST);
  }

  @Test
  void a_follower_in_training_form_normalizes_with_the_batch() {
    Fusing.inference(
            "<ir_version: 8, opset_import: [\"\" : 15]>"
                + graph(
                    "",
                    "z, m2, v2 = BatchNormalization<training_mode=1>(y, scale, shift, mean, var)"))
        .refuses("batch-norm-batch-norm", Reason.TRAINING_MODE);
  }

  @Test
  void a_scale_that_overflows_its_type_is_refused() {
    Fusing.inference(
            graph(", float[1] k = {3e38}", "z = Mul(y, k)")
                .replace("random(1)", "{2.0, 2.0, 2.0, 2.0}"))
        .refuses("batch-norm-elementwise", Reason.NON_FINITE_RESULT);
  }

  @Test
  void a_scale_that_another_norm_uses_is_copied() {
    Fusing.inference(
            graph(
                ", float[1] k = {3.0}",
                "m = Mul(y, k) s = Sigmoid(m) z = BatchNormalization(s, scale, shift, mean, var)"))
        .notes("'scale' is read by others too and was copied, as 'scale_1'");
  }

  @Test
  void where_a_layer_can_take_both_it_does_and_no_norm_is_left() {
    Fusing.inference(
            """
            g (float[N,3,5,5] x) => (float[] z)
            <float[4,3,3,3] w = random(1), float[4] p = random(2), float[4] q = random(3),
             float[4] var = random(4, 0.1, 2.0)>
            {
              y = Conv(x, w)
              n = BatchNormalization(y, p, p, p, var)
              z = BatchNormalization(n, q, q, q, var)
            }
            """)
        .leavesOperators("Conv");
  }

  @Test
  void the_types_of_opset_15_may_be_mixed() {
    Fusing.inference(
            """
            <ir_version: 8, opset_import: ["" : 15]>
            g (float16[2,4,3] x) => (float16[] z)
            <float[4] s = random(1), float[4] b = random(2), double[4] m = random(3), double[4] v = random(4, 0.1, 2.0),
             float16[4,1] k = random(5)>
            {
              r = Relu(x)
              y = BatchNormalization(r, s, b, m, v)
              z = Mul(y, k)
            }
            """)
        .fuses("batch-norm-elementwise", "BatchNorm", "BatchNormalization→y", "Mul→z");
  }
}
