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

/** What a BatchNormalization must be like, whatever it is folded into. */
class BatchNormNodeTest {
  private static String graph(int opset, String type, String stats, String node) {
    return """
    <ir_version: 8, opset_import: ["" : %1$d]>
    g (%2$s[2,3,4,4] x) => (%2$s[] z)
    <%2$s[4,3,1,1] w = random(1), %3$s[4] s = random(2), %3$s[4] m = random(3), %3$s[4] v = random(4, 0.1, 2.0)>
    {
      y = Conv(x, w)
      %4$s
    }
    """
        .formatted(opset, type, stats, node);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1|z = BatchNormalization<is_test=1, consumed_inputs=[0,0,0,1,1]>(y, s, s, m, v)",
        "6|z = BatchNormalization<is_test=1, spatial=1>(y, s, s, m, v)",
        "7|z = BatchNormalization<momentum=0.5>(y, s, s, m, v)",
        "9|z = BatchNormalization(y, s, s, m, v)",
        "13|z = BatchNormalization<epsilon=0.01>(y, s, s, m, v)",
        "14|z = BatchNormalization<training_mode=0>(y, s, s, m, v)",
        "15|z = BatchNormalization(y, s, s, m, v)",
        "21|z = BatchNormalization(y, s, s, m, v)"
      })
  void the_inference_form_of_each_opset_is_folded(int opset, String node) {
    Fusing.inference(graph(opset, "float", "float", node)).leavesOperators("Conv");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "6|z = BatchNormalization(y, s, s, m, v)|TRAINING_MODE",
        "6|z = BatchNormalization<is_test=1, spatial=0>(y, s, s, m, v)|SPATIAL",
        "7|z = BatchNormalization<spatial=0>(y, s, s, m, v)|SPATIAL",
        "9|z, a, b, c, d = BatchNormalization(y, s, s, m, v)|TRAINING_MODE",
        "14|z = BatchNormalization<training_mode=1>(y, s, s, m, v)|TRAINING_MODE"
      })
  void any_other_form_is_refused(int opset, String node, Reason reason) {
    Fusing.inference(graph(opset, "float", "float", node)).refuses("conv-batch-norm", reason);
  }

  @ParameterizedTest
  @CsvSource({
    "double,double,13",
    "float16,float16,13",
    "bfloat16,bfloat16,14",
    "float16,float,15",
    "bfloat16,float,15",
    "float,double,15"
  })
  void every_type_is_folded_and_from_opset_15_on_mixed_ones(String type, String stats, int opset) {
    Fusing.inference(graph(opset, type, stats, "z = BatchNormalization(y, s, s, m, v)"))
        .fuses("conv-batch-norm", "Conv2d", "Conv→y", "BatchNormalization→z");
  }

  @Test
  void mean_and_variance_may_be_wider_than_scale_and_bias_from_opset_14_on() {
    String mixed =
        graph(14, "float16", "float", "z = BatchNormalization(y, h, h, m, v)")
            .replace("float[4] s = random(2)", "float16[4] h = random(2)");

    Fusing.inference(mixed).leavesOperators("Conv");
    Fusing.inference(mixed.replace(": 14", ": 13")).refuses("conv-batch-norm", Reason.ELEMENT_TYPE);
  }

  @Test
  void statistics_of_the_batch_are_no_parameters() {
    Fusing.inference(
            graph(
                    13,
                    "float",
                    "float",
                    """
                    mean = ReduceMean<axes=[0,2,3], keepdims=0>(y2)
                    z = BatchNormalization(y, s, s, mean, v)
                    """
                        .replace("y2", "x2"))
                .replace("y = Conv(x, w)", "x2 = Conv(x, w) y = Conv(x, w)"))
        .refuses("conv-batch-norm", Reason.NO_RUNNING_STATISTICS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "s = random(2)|s = {1.0, nan, 1.0, 1.0}|NON_FINITE_PARAMETER",
        "v = random(4, 0.1, 2.0)|v = {1.0, inf, 1.0, 1.0}|NON_FINITE_PARAMETER",
        "v = random(4, 0.1, 2.0)|v = {1.0, -1.0, 1.0, 1.0}|NON_POSITIVE_VARIANCE",
        "s = random(2)|s = {3e38, 1.0, 1.0, 1.0}|NON_FINITE_RESULT"
      })
  void numbers_that_cannot_be_folded_are_refused(String given, String bad, Reason reason) {
    Fusing.inference(
            graph(13, "float", "float", "z = BatchNormalization(y, s, s, m, v)")
                .replace(given, bad)
                .replace("m = random(3)", "m = {9.0, 9.0, 9.0, 9.0}"))
        .refuses("conv-batch-norm", reason);
  }

  @Test
  void zeros_denormal_variances_and_dead_channels_are_ordinary() {
    Fusing.inference(
            graph(13, "float", "float", "z = BatchNormalization(y, s, s, m, v)")
                .replace("s = random(2)", "s = {0.0, 1.0, 0.5, 0.0}")
                .replace("v = random(4, 0.1, 2.0)", "v = {0.0, 5.6e-45, 0.0, 1.0}"))
        .leavesOperators("Conv");
  }

  private static String half(String weight, String scale) {
    return """
    g (float16[1,2,3] x) => (float16[] z)
    <float16[2,2,1] w = %s, float16[2] s = %s, float16[2] o = {0.0, 0.0}, float16[2] v = {1.0, 1.0}>
    {
      y = Conv(x, w)
      z = BatchNormalization(y, s, o, o, v)
    }
    """
        .formatted(weight, scale);
  }

  @Test
  void a_float16_weight_that_would_overflow_is_refused() {
    Fusing.inference(half("{600.0, 1.0, 1.0, 1.0}", "{200.0, 1.0}"))
        .refuses("conv-batch-norm", Reason.NON_FINITE_RESULT);
    Fusing.inference(half("{600.0, 1.0, 1.0, 1.0}", "{100.0, 1.0}")).leavesOperators("Conv");
  }

  @Test
  void a_float16_weight_that_would_drown_in_subnormal_numbers_is_refused() {
    Fusing.inference(half("{0.01, 0.02, 0.03, 0.01}", "{0.00006, 0.00007}"))
        .refuses("conv-batch-norm", Reason.SUBNORMAL_RESULT);
    // One dead channel beside a live one is ordinary.
    Fusing.inference(half("{0.01, 0.02, 0.03, 0.01}", "{0.00006, 1.0}")).leavesOperators("Conv");
  }
}
