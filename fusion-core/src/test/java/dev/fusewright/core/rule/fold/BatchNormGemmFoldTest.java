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

class BatchNormGemmFoldTest {
  private static String graph(String input, int channels, String constants, String nodes) {
    return """
    g (float%s x) => (float[] z)
    <float[%2$d] scale = random(2), float[%2$d] shift = random(3), float[%2$d] mean = random(4),
     float[%2$d] var = random(5, 0.1, 2.0), float[12,5] w = random(1), float[5,12] wt = random(1), float[5] b = random(6)%3$s>
    {
      r = Relu(x)
      [bn] y = BatchNormalization(r, scale, shift, mean, var)
      %4$s
    }
    """
        .formatted(input, channels, constants, nodes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Gemm(y, w)",
        "Gemm(y, w, b)",
        "Gemm<alpha=0.5, beta=2.0>(y, w, b)",
        "Gemm<transB=1, alpha=3.0>(y, wt, b)"
      })
  void the_rows_of_the_weight_take_the_norm_before_it(String gemm) {
    Fusing.inference(graph("[3,12]", 12, "", "[fc] z = " + gemm))
        .fuses("batch-norm-gemm", "Linear", "bn", "fc")
        .leavesOperators("Relu", "Gemm");
  }

  @Test
  void a_gemm_of_the_transposed_value_sums_along_the_batch() {
    Fusing.inference(graph("[12,12]", 12, "", "[fc] z = Gemm<transA=1>(y, w)"))
        .refuses("batch-norm-gemm", Reason.AXIS_MOVED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Gemm(f, w, b)", "Gemm<transB=1>(f, wt, b)"})
  void behind_a_flatten_each_channel_is_one_row_for_each_pixel(String gemm) {
    Fusing.inference(graph("[2,3,2,2]", 3, "", "[flat] f = Flatten(y) [fc] z = " + gemm))
        .fuses("batch-norm-gemm", "Linear", "bn", "flat", "fc")
        .leavesOperators("Relu", "Flatten", "Gemm");
  }

  private static String reshaped(String target, String types) {
    return graph(
        "[2,3,2,2]",
        3,
        ", int64[2] t = " + target + types,
        "[flat] f = Reshape(y, t) [fc] z = Gemm(f, w)");
  }

  @Test
  void a_reshape_that_copies_the_batch_and_joins_the_rest_is_a_flatten() {
    Fusing.inference(reshaped("{0,-1}", ""))
        .fuses("batch-norm-gemm", "Linear", "bn", "flat", "fc")
        .leavesOperators("Relu", "Reshape", "Gemm");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{-1,12}", "{2,-1}", "{0,12}"})
  void another_reshape_is_one_only_where_the_sizes_are_known(String target) {
    Fusing.inference(reshaped(target, "")).fuses("batch-norm-gemm", "Linear", "bn", "flat", "fc");
    Fusing.inference(reshaped(target, "").replace("float[2,3,2,2] x", "float[N,3,H,W] x"))
        .refuses("batch-norm-gemm", Reason.AXIS_UNPROVEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{-1,12}", "{2,-1}", "{0,12}"})
  void what_a_model_states_of_an_inner_value_is_no_known_size(String target) {
    String stated = reshaped(target, ", float[2,3,2,2] r, float[2,3,2,2] y");

    Fusing.inference(stated.replace("float[2,3,2,2] x", "float[N,3,H,W] x"))
        .refuses("batch-norm-gemm", Reason.AXIS_UNPROVEN);
  }

  @Test
  void a_reshape_that_makes_two_rows_of_each_sample_mixes_channels() {
    Fusing.inference(
            reshaped("{-1,12}", ", float[2,3,4,2] y")
                .replace("float[2,3,2,2] x", "float[2,3,4,2] x"))
        .refuses("batch-norm-gemm", Reason.AXIS_UNPROVEN);
  }

  @Test
  void behind_a_flatten_at_another_axis_rows_mix_batch_and_channels() {
    Fusing.inference(graph("[1,3,3,4]", 3, "", "[flat] f = Flatten<axis=2>(y) [fc] z = Gemm(f, w)"))
        .refuses("batch-norm-gemm", Reason.AXIS_MOVED);
  }

  @Test
  void without_a_flatten_there_is_one_row_for_each_channel() {
    Fusing.inference(graph("[3,6]", 6, "", "[fc] z = Gemm(y, w)"))
        .refuses("batch-norm-gemm", Reason.CHANNEL_MISMATCH);
  }
}
