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

class GemmBatchNormFoldTest {
  private static String graph(String attributes, String weight, String bias) {
    return """
    <ir_version: 8, opset_import: ["" : 13]>
    g (float[3,5] x) => (float[3,4] z)
    <float[%2$s] w = random(1), float%3$s b = random(2),
     float[4] scale = random(3), float[4] shift = random(4),
     float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)>
    {
      [fc] y = Gemm%1$s(x, w, b)
      [bn] z = BatchNormalization(y, scale, shift, mean, var)
    }
    """
        .formatted(attributes, weight, bias);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"|5,4", "<transB=1>|4,5", "<alpha=0.5, beta=2.0>|5,4", "<transB=1, beta=0.0>|4,5"})
  void whatever_form_the_gemm_has_its_columns_take_the_norm(String attributes, String weight) {
    Fusing.inference(graph(attributes == null ? "" : attributes, weight, "[4]"))
        .fuses("gemm-batch-norm", "Linear", "fc", "bn")
        .leavesOperators("Gemm")
        .keepsInitializers("w", "b");
  }

  @Test
  void a_gemm_of_the_transposed_input_is_folded_as_well() {
    Fusing.inference(
            graph("<transA=1>", "5,4", "[4]")
                .replace("x[3,5]", "x[5,3]")
                .replace("float[3,5] x", "float[5,3] x"))
        .fuses("gemm-batch-norm", "Linear", "fc", "bn");
  }

  @Test
  void beta_goes_into_the_bias_and_is_1_afterwards() {
    Fusing.inference(graph("<beta=3.0, transB=1>", "4,5", "[4]"))
        .leaves("[fc] z = Gemm <beta = 1.0, transB = 1> (x, w, b)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[1]", "[4]", "[1,4]"})
  void a_bias_that_is_the_same_in_every_row_is_folded(String bias) {
    Fusing.inference(graph("", "5,4", bias)).fuses("gemm-batch-norm", "Linear", "fc", "bn");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[3,4]", "[3,1]"})
  void a_bias_of_another_row_for_each_sample_cannot_be_one_vector(String bias) {
    Fusing.inference(graph("", "5,4", bias)).refuses("gemm-batch-norm", Reason.BROADCAST);
  }

  @Test
  void before_opset_7_the_new_bias_is_broadcast_because_the_node_says_so() {
    String text =
        graph("<broadcast=1>", "5,4", "[4]")
            .replace(": 13", ": 6")
            .replace("BatchNormalization", "BatchNormalization<is_test=1>");

    Fusing.inference(text)
        .fuses("gemm-batch-norm", "Linear", "fc", "bn")
        .leaves("[fc] z = Gemm <broadcast = 1> (x, w, b)");
    Fusing.inference(text.replace("<broadcast=1>", ""))
        .refuses("gemm-batch-norm", Reason.BROADCAST);
  }

  @Test
  void a_weight_that_arrives_at_run_time_is_no_parameter() {
    Fusing.inference(
            """
            g (float[3,5] x, float[5,4] w) => (float[3,4] z)
            <float[4] p = random(3), float[4] var = random(6, 0.1, 2.0)>
            {
              y = Gemm(x, w)
              z = BatchNormalization(y, p, p, p, var)
            }
            """)
        .refuses("gemm-batch-norm", Reason.RUNTIME_INPUT);
  }

  @Test
  void torch_knows_only_what_a_linear_exports_to() {
    Fusing.torch(graph("<transB=1>", "4,5", "[4]")).fuses("gemm-batch-norm", "Linear", "fc", "bn");
    Fusing.torch(graph("<alpha=0.5>", "5,4", "[4]"))
        .refuses("gemm-batch-norm", Reason.UNSUPPORTED_ATTRIBUTE);
  }
}
