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

class ReluClipMergeTest {
  private static String graph(String outputs, String clip) {
    return """
    <ir_version: 8, opset_import: ["" : 13]>
    g (float[2,9] x) => (%s)
    <float below = {-1}, float zero = {0}, float half = {0.5}, float one = {1}, float six = {6}>
    {
      [relu] y = Relu(x)
      [clip] z = Clip%s
    }
    """
        .formatted(outputs, clip);
  }

  @Test
  void a_lower_bound_below_zero_becomes_zero() {
    Fusing.inference(graph("float[2,9] z", "(y, below, one)"))
        .fuses("relu-clip", "Hardtanh", "relu", "clip")
        .leaves("[clip] z = Clip (x, below, one)");
  }

  @Test
  void a_lower_bound_of_zero_or_more_stays() {
    Fusing.inference(graph("float[2,9] z", "(y, zero, six)"))
        .fuses("relu-clip", "ReLU6", "relu", "clip")
        .leaves("[clip] z = Clip (x, zero, six)");
    Fusing.inference(graph("float[2,9] z", "(y, half, one)"))
        .leaves("[clip] z = Clip (x, half, one)");
  }

  @Test
  void a_lower_bound_that_is_absent_is_zero_from_now_on() {
    Fusing.inference(graph("float[2,9] z", "(y, , one)"))
        .leaves("[clip] z = Clip (x, clip_min, one)");
  }

  @Test
  void before_opset_11_the_bounds_are_attributes() {
    Fusing.inference(graph("float[2,9] z", "<min=-1.0, max=1.0>(y)").replace(": 13", ": 10"))
        .leaves("[clip] z = Clip <min = 0.0, max = 1.0> (x)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"(y, below, below)", "(y, one, half)", "(y, below)", "(y)"})
  void a_negative_an_absent_or_a_crossed_upper_bound_is_another_function(String clip) {
    Fusing.inference(graph("float[2,9] z", clip)).leavesItAlone();
  }

  @Test
  void a_bound_that_is_given_at_run_time_may_be_any() {
    Fusing.inference(
            graph("float[2,9] z", "(y, zero, top)")
                .replace("float[2,9] x)", "float[2,9] x, float top)"))
        .refuses("relu-clip", Reason.RUNTIME_INPUT);
  }

  @Test
  void what_lies_between_may_have_no_other_reader() {
    Fusing.inference(graph("float[2,9] z, float[2,9] y", "(y, zero, six)"))
        .refuses("relu-clip", Reason.GRAPH_OUTPUT);
  }

  @Test
  void another_activation_before_a_clip_stays() {
    Fusing.inference(graph("float[2,9] z", "(y, zero, six)").replace("Relu(x)", "Abs(x)"))
        .leavesItAlone();
  }
}
