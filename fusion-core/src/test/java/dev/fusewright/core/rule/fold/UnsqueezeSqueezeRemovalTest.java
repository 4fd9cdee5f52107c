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

class UnsqueezeSqueezeRemovalTest {
  private static String graph(String outputs, String widening, String narrowing) {
    return """
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[2,1,3] x) => (%s)
    <int64[1] two = {2}, int64[1] minus = {-2}, int64[1] one = {1}, int64[2] both = {0,2}, int64[2] same = {2,0}>
    {
      a = Sigmoid(x)
      [wide] y = %s
      [narrow] z = %s
      u = Tanh(z)
    }
    """
        .formatted(outputs, widening, narrowing);
  }

  @Test
  void an_axis_that_is_added_and_taken_away_again_is_passed_by() {
    Fusing.inference(graph("float[2,1,3] u", "Unsqueeze(a, two)", "Squeeze(y, two)"))
        .fuses("unsqueeze-squeeze", "Identity", "wide", "narrow")
        .leaves("a = Sigmoid (x)", "u = Tanh (a)");
  }

  @Test
  void axes_may_be_counted_from_the_back_and_named_in_another_order() {
    Fusing.inference(graph("float[2,1,3] u", "Unsqueeze(a, two)", "Squeeze(y, minus)"))
        .fuses("unsqueeze-squeeze", "Identity", "wide", "narrow");
    Fusing.inference(graph("float[2,1,3] u", "Unsqueeze(a, both)", "Squeeze(y, same)"))
        .fuses("unsqueeze-squeeze", "Identity", "wide", "narrow");
  }

  @Test
  void another_axis_that_is_taken_away_changes_the_shape() {
    Fusing.inference(graph("float[] u", "Unsqueeze(a, two)", "Squeeze(y, one)")).leavesItAlone();
  }

  @Test
  void a_squeeze_without_axes_takes_whatever_is_of_size_1() {
    Fusing.inference(graph("float[] u", "Unsqueeze(a, two)", "Squeeze(y)"))
        .refuses("unsqueeze-squeeze", Reason.AXIS_UNPROVEN);
  }

  @Test
  void what_lies_between_may_have_no_other_reader() {
    Fusing.inference(
            graph("float[2,1,3] u, float[] v", "Unsqueeze(a, two)", "Squeeze(y, two)")
                .replace("u = Tanh(z)", "u = Tanh(z) v = Abs(y)"))
        .refuses("unsqueeze-squeeze", Reason.OTHER_USES);
    Fusing.inference(
            graph("float[2,1,3] u, int64[4] v", "Unsqueeze(a, two)", "Squeeze(y, two)")
                .replace("u = Tanh(z)", "u = Tanh(z) v = Shape(y)"))
        .refuses("unsqueeze-squeeze", Reason.OTHER_USES);
  }

  @Test
  void the_name_of_an_output_moves_to_the_node_before() {
    Fusing.inference(
            graph("float[2,1,3] z", "Unsqueeze(a, two)", "Squeeze(y, two)")
                .replace("u = Tanh(z)", ""))
        .fuses("unsqueeze-squeeze", "Identity", "Sigmoid→a", "wide", "narrow")
        .leaves("z = Sigmoid (x)");
  }

  @Test
  void up_to_opset_12_the_axes_are_attributes() {
    Fusing.inference(
            graph("float[2,1,3] u", "Unsqueeze<axes=[2]>(a)", "Squeeze<axes=[2]>(y)")
                .replace(": 17", ": 11"))
        .fuses("unsqueeze-squeeze", "Identity", "wide", "narrow");
  }

  @Test
  void what_a_fold_leaves_of_a_norm_that_wanted_an_axis_goes() {
    Fusing.inference(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[N,5] x) => (float[] u)
            <float[5,4] w = random(1), float[4] b = random(2), float[4] scale = random(3),
             float[4] shift = random(4), float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0),
             int64[1] axes = {2}>
            {
              y = Gemm(x, w, b)
              t = Unsqueeze(y, axes)
              z = BatchNormalization(t, scale, shift, mean, var)
              s = Squeeze(z, axes)
              u = Relu(s)
            }
            """)
        .leavesOperators("Gemm", "Relu");
  }
}
