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

class BatchNormConvFoldTest {
  private static final String SOME = "random(3)";
  private static final String ZERO = "{0.0, 0.0, 0.0, 0.0}";

  private static String graph(String weight, String shift, String attributes) {
    return """
    g (float[2,4,5,5] x) => (float[] z)
    <float[%1$s] w = random(1), float[4] scale = random(2), float[4] shift = %2$s,
     float[4] mean = %2$s, float[4] var = random(5, 0.1, 2.0), float[4,4,1,1] w2 = random(9)>
    {
      r = Relu(x)
      [bn] y = BatchNormalization(r, scale, shift, mean, var)
      [conv] z = Conv%3$s(y, w)
    }
    """
        .formatted(weight, shift, attributes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "6,4,3,3|''",
        "6,2,3,3|<group=2>",
        "4,1,1,1|<group=4, strides=[2,2]>",
        "6,4,3,3|<auto_pad=\"VALID\">"
      })
  void the_norm_before_a_conv_without_pads_is_folded_by_input_channels(
      String weight, String attributes) {
    Fusing.inference(graph(weight, SOME, attributes))
        .fuses("batch-norm-conv", "Conv2d", "bn", "conv")
        .leavesOperators("Relu", "Conv");
  }

  @ParameterizedTest
  @ValueSource(strings = {"<pads=[1,1,1,1]>", "<pads=[0,0,0,1]>", "<auto_pad=\"SAME_UPPER\">"})
  void where_the_conv_pads_a_shift_would_be_missing_at_the_border(String attributes) {
    Fusing.inference(graph("6,4,3,3", SOME, attributes)).refuses("batch-norm-conv", Reason.PADDING);
  }

  @Test
  void without_a_shift_padding_does_no_harm_and_no_bias_is_needed() {
    Fusing.inference(graph("6,4,3,3", ZERO, "<pads=[1,1,1,1]>"))
        .fuses("batch-norm-conv", "Conv2d", "bn", "conv")
        .leaves("r = Relu (x)", "[conv] z = Conv <pads = [1, 1, 1, 1]> (r, w)");
  }

  @Test
  void a_norm_that_a_layer_before_it_takes_is_not_folded_forward() {
    Fusing.inference(graph("6,4,3,3", SOME, "").replace("Relu(x)", "Conv(x, w2)"))
        .fuses("conv-batch-norm", "Conv2d", "Conv→r", "bn")
        .leavesOperators("Conv", "Conv");
  }

  @Test
  void a_norm_that_is_an_output_stays() {
    Fusing.inference(
            graph("6,4,3,3", SOME, "").replace("=> (float[] z)", "=> (float[] z, float[] y)"))
        .refuses("batch-norm-conv", Reason.GRAPH_OUTPUT);
  }

  @Test
  void conv_relu_norm_is_not_folded_backwards() {
    Fusing.inference(
            """
            g (float[2,3,5,5] x) => (float[] z)
            <float[4,3,1,1] w = random(1), float[4] p = random(2), float[4] var = random(5, 0.1, 2.0)>
            {
              y = Conv(x, w)
              r = Relu(y)
              z = BatchNormalization(r, p, p, p, var)
            }
            """)
        .refuses("batch-norm", Reason.NOTHING_TO_FOLD_INTO);
  }

  @Test
  void a_bias_that_would_overflow_float16_is_refused() {
    Fusing.inference(
            """
            g (float16[1,2,3] x) => (float16[] z)
            <float16[1,2,1] w = {200.0, 200.0}, float16[2] s = {1.0, 1.0}, float16[2] b = {400.0, 400.0},
             float16[2] m = {0.0, 0.0}, float16[2] v = {1.0, 1.0}>
            {
              r = Relu(x)
              y = BatchNormalization(r, s, b, m, v)
              z = Conv(y, w)
            }
            """)
        .refuses("batch-norm-conv", Reason.NON_FINITE_RESULT);
  }
}
