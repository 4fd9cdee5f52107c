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

class ConvTransposeBatchNormFoldTest {
  private static String graph(String weight, int channels, String attributes) {
    return """
    <ir_version: 8, opset_import: ["" : 13]>
    g (float[N,4,5,5] x) => (float[] z)
    <float[%1$s] w = random(1), float[%2$d] b = random(2),
     float[%2$d] scale = random(3), float[%2$d] shift = random(4),
     float[%2$d] mean = random(5), float[%2$d] var = random(6, 0.1, 2.0)>
    {
      [deconv] y = ConvTranspose%3$s(x, w, b)
      [bn] z = BatchNormalization(y, scale, shift, mean, var)
    }
    """
        .formatted(weight, channels, attributes);
  }

  @Test
  void a_norm_is_folded_along_the_output_channels_which_are_axis_1_of_the_weight() {
    Fusing.inference(graph("4,3,2,2", 3, ""))
        .fuses("conv-transpose-batch-norm", "ConvTranspose2d", "deconv", "bn")
        .leaves("[deconv] z = ConvTranspose (x, w, b)")
        .keepsInitializers("w", "b");
  }

  @Test
  void with_two_groups_a_column_of_the_weight_is_another_channel_in_each() {
    Fusing.inference(graph("4,3,2,2", 6, "<group=2, strides=[2,2], output_padding=[1,0]>"))
        .fuses("conv-transpose-batch-norm", "ConvTranspose2d", "deconv", "bn");
  }

  @Test
  void a_depthwise_one_is_folded_rightly_where_torch_multiplies_the_wrong_axis() {
    String text = graph("4,1,2,2", 4, "<group=4>");

    Fusing.inference(text).fuses("conv-transpose-batch-norm", "ConvTranspose2d", "deconv", "bn");
    Fusing.torch(text).fuses("conv-transpose-batch-norm", "ConvTranspose2d", "deconv", "bn");
  }

  @Test
  void with_a_relu_behind_it_torch_has_no_container() {
    Fusing.inference(
            graph("4,3,2,2", 3, "")
                .replace("z = Batch", "u = Batch")
                .replace("var)\n}", "var)\n z = Relu(u)\n}"))
        .fuses("conv-transpose-batch-norm", "ConvTranspose2d", "deconv", "bn")
        .leavesOperators("ConvTranspose", "Relu");
  }

  @Test
  void a_norm_of_as_many_channels_as_the_input_has_is_no_norm_of_the_output() {
    Fusing.inference(graph("4,3,2,2", 3, "").replace("float[3] scale", "float[4] scale"))
        .refuses("conv-transpose-batch-norm", Reason.SHAPE_MISMATCH);
  }

  @Test
  void groups_that_do_not_divide_the_input_channels_are_refused() {
    Fusing.inference(graph("4,3,2,2", 9, "<group=3>"))
        .refuses("conv-transpose-batch-norm", Reason.SHAPE_MISMATCH);
  }

  @Test
  void in_one_dimension_and_in_three_it_is_the_same() {
    String one =
        """
        g (double[2,3,5] x) => (double[] z)
        <double[3,2,2] w = random(1), double[2] p = random(3), double[2] var = random(6, 0.1, 2.0)>
        {
          y = ConvTranspose(x, w)
          z = BatchNormalization(y, p, p, p, var)
        }
        """;

    Fusing.inference(one)
        .fuses(
            "conv-transpose-batch-norm",
            "ConvTranspose1d",
            "ConvTranspose→y",
            "BatchNormalization→z")
        .keepsInitializers("w", "w_bias");
    Fusing.inference(one.replace("[2,3,5]", "[2,3,2,2,2]").replace("[3,2,2]", "[3,2,2,1,2]"))
        .fuses(
            "conv-transpose-batch-norm",
            "ConvTranspose3d",
            "ConvTranspose→y",
            "BatchNormalization→z");
  }
}
