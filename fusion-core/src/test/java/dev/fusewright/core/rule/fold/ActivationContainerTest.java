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

import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActivationContainerTest {
  private static String conv(String input, String weight, String rest) {
    return """
    g (float%s x) => (float[] z)
    <float%s w = random(1)>
    {
      [conv] y = Conv(x, w)
      %s
    }
    """
        .formatted(input, weight, rest);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[2,3,4]|[4,3,1]|ConvReLU1d",
        "[2,3,4,4]|[4,3,1,1]|ConvReLU2d",
        "[2,3,4,4,4]|[4,3,1,1,1]|ConvReLU3d"
      })
  void a_conv_and_its_relu_are_listed_as_a_container_and_stay(
      String input, String weight, String module) {
    var fusing = Fusing.inference(conv(input, weight, "[relu] z = Relu(y)"));

    fusing.fuses("conv-relu", module, "conv", "relu").leavesItAlone();
    assertThat(fusing.plan().fusions())
        .extracting(Fusion::result)
        .containsExactly(Fusion.Result.UNCHANGED);
  }

  @Test
  void a_conv_that_somebody_else_reads_would_vanish_inside_it() {
    Fusing.inference(conv("[2,3,4,4]", "[4,3,1,1]", "r = Relu(y) z = Add(r, y)"))
        .refuses("conv-relu", Reason.OTHER_USES);
  }

  @Test
  void a_conv_that_took_a_norm_is_not_listed_a_second_time() {
    var fusing =
        Fusing.inference(
            """
            g (float[2,3,4,4] x) => (float[] z)
            <float[4,3,1,1] w = random(1), float[4] p = random(2), float[4] var = random(3, 0.1, 2.0)>
            {
              y = Conv(x, w)
              n = BatchNormalization(y, p, p, p, var)
              z = Relu(n)
            }
            """);

    assertThat(fusing.plan().fusions()).extracting(Fusion::rule).containsExactly("conv-batch-norm");
  }

  @Test
  void a_gemm_with_a_constant_weight_is_a_linear() {
    String text =
        """
        g (float[2,3] x%s) => (float[] z)
        <float[4] b = random(2)%s>
        {
          [fc] y = Gemm<transB=1>(x, w, b)
          [relu] z = Relu(y)
        }
        """;

    Fusing.inference(text.formatted("", ", float[4,3] w = random(1)"))
        .fuses("linear-relu", "LinearReLU", "fc", "relu");
    assertThat(Fusing.inference(text.formatted(", float[4,3] w", "")).plan().fusions()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"[2,3,4,4]|BNReLU2d", "[2,3,4,4,4]|BNReLU3d"})
  void a_norm_that_stays_and_its_relu_are_a_container_too(String input, String module) {
    Fusing.inference(norm(input)).fuses("batch-norm-relu", module, "bn", "relu").leavesItAlone();
  }

  @Test
  void torch_has_none_for_one_dimension() {
    Fusing.inference(norm("[2,3,4]")).refuses("batch-norm-relu", Reason.NOT_FUSABLE_SEQUENCE);
    Fusing.inference(norm("[]")).refuses("batch-norm-relu", Reason.UNKNOWN_RANK);
  }

  private static String norm(String input) {
    return """
    g (float%s x) => (float[] z)
    <float[3] p = random(2), float[3] var = random(3, 0.1, 2.0)>
    {
      s = Sigmoid(x)
      [bn] y = BatchNormalization(s, p, p, p, var)
      [relu] z = Relu(y)
    }
    """
        .formatted(input);
  }
}
