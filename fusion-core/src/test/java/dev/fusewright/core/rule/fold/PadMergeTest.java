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

class PadMergeTest {
  private static String conv(int opset, String constants, String pad, String conv) {
    return """
    <ir_version: 8, opset_import: ["" : %d]>
    g (float[2,3,5,6] x) => (float[] z)
    <float[4,3,3,3] w = random(1)%s>
    {
      [pad] p = Pad%s
      [conv] z = Conv%s(p, w)
    }
    """
        .formatted(opset, constants, pad, conv);
  }

  private static final String PADS = ", int64[8] pads = {0,0,1,2, 0,0,0,1}";

  @Test
  void pads_given_as_an_operand_become_those_of_the_conv() {
    Fusing.inference(conv(13, PADS, "(x, pads)", ""))
        .fuses("pad-conv", "Conv2d", "pad", "conv")
        .leaves("[conv] z = Conv <pads = [1, 2, 0, 1]> (x, w)")
        .keepsInitializers("w");
  }

  @Test
  void pads_of_the_conv_are_added() {
    Fusing.inference(conv(13, PADS, "(x, pads)", "<pads=[1,1,1,1], strides=[2,1]>"))
        .leaves("[conv] z = Conv <pads = [2, 3, 1, 2], strides = [2, 1]> (x, w)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1|<paddings=[0,0,1,2,0,0,0,1]>(x)",
        "2|<pads=[0,0,1,2,0,0,0,1]>(x)",
        "10|<mode=\"constant\", pads=[0,0,1,2,0,0,0,1], value=0.0>(x)",
        "11|(x, pads, zero)",
        "18|(x, some, zero, axes)",
        "21|(x, some, , axes)"
      })
  void every_opsets_form_is_read(int opset, String form) {
    Fusing.inference(
            conv(
                opset,
                PADS + ", float zero = {0.0}, int64[4] some = {2,1,1,0}, int64[2] axes = {-1,2}",
                form,
                ""))
        .fuses("pad-conv", "Conv2d", "pad", "conv")
        .leaves("[conv] z = Conv <pads = [1, 2, 0, 1]> (x, w)");
  }

  @Test
  void pads_that_torch_1_13_computes_from_four_numbers_are_known() {
    // What torch.onnx.export writes for nn.ZeroPad2d((2, 1, 1, 0)).
    Fusing.inference(
            """
            g (float[2,3,5,6] x) => (float[] z)
            <float[4,3,3,3] w = random(1)>
            {
              given = Constant<value = int64[4] {2, 1, 1, 0}>()
              c0 = Constant<value = int64[1] {0}>()
              size = Shape(given)
              four = Gather<axis=0>(size, c0)
              rank = Constant<value = int64 {4}>()
              two = Constant<value = int64 {2}>()
              all = Mul(rank, two)
              rest = Sub(all, four)
              long = Cast<to=7>(given)
              zeros = ConstantOfShape<value = int64[1] {0}>(rest)
              both = Concat<axis=0>(long, zeros)
              pairs = Constant<value = int64[2] {-1, 2}>()
              rows = Reshape(both, pairs)
              axes = Constant<value = int64[1] {0}>()
              last = Constant<value = int64[1] {-1}>()
              before = Constant<value = int64[1] {-9223372036854775807}>()
              step = Constant<value = int64[1] {-1}>()
              reversed = Slice(rows, last, before, axes, step)
              turned = Transpose<perm=[1,0]>(reversed)
              flat = Constant<value = int64[1] {-1}>()
              line = Reshape(turned, flat)
              pads = Cast<to=7>(line)
              [pad] p = Pad(x, pads)
              [conv] z = Conv(p, w)
            }
            """)
        .fuses("pad-conv", "Conv2d", "pad", "conv")
        .leaves("[conv] z = Conv <pads = [1, 2, 0, 1]> (x, w)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"reflect", "edge"})
  void another_mode_does_not_pad_with_zeros(String mode) {
    Fusing.inference(conv(13, PADS, "<mode=\"%s\">(x, pads)".formatted(mode), ""))
        .refuses("pad-conv", Reason.PADDING);
  }

  @Test
  void another_value_than_zero_stays() {
    Fusing.inference(conv(13, PADS + ", float v = {0.5}", "(x, pads, v)", ""))
        .refuses("pad-conv", Reason.PADDING);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{1,0,0,0, 0,0,0,0}", "{0,0,0,0, 0,1,0,0}", "{0,0,-1,0, 0,0,0,0}"})
  void the_batch_and_the_channels_cannot_be_padded_by_a_conv_and_nothing_be_cropped(String pads) {
    String weight = pads.equals("{0,0,0,0, 0,1,0,0}") ? "float[4,4,3,3] w" : "float[4,3,3,3] w";
    Fusing.inference(
            conv(13, ", int64[8] pads = " + pads, "(x, pads)", "")
                .replace("float[4,3,3,3] w", weight))
        .refuses("pad-conv", Reason.PADDING);
  }

  @Test
  void an_automatic_pad_would_be_computed_from_the_larger_value() {
    Fusing.inference(conv(13, PADS, "(x, pads)", "<auto_pad=\"SAME_UPPER\">"))
        .refuses("pad-conv", Reason.PADDING);
  }

  @Test
  void pads_that_are_given_at_run_time_stay() {
    Fusing.inference(conv(13, "", "(x, pads)", "").replace("x) =>", "x, int64[8] pads) =>"))
        .refuses("pad-conv", Reason.RUNTIME_INPUT);
  }

  @Test
  void a_padded_weight_is_none_of_this() {
    Fusing.inference(
            """
            g (float[2,3,5,6] x, float[4,3,1,1] v) => (float[] z)
            <int64[8] pads = {0,0,1,1, 0,0,1,1}>
            {
              w = Pad(v, pads)
              z = Conv(x, w)
            }
            """)
        .leavesItAlone();
  }

  private static String pool(String operator, String constants, String pad, String attributes) {
    return """
    g (float[2,3,5,6] x) => (float[] z)
    <int64[8] pads = {0,0,1,1, 0,0,1,0}%s>
    {
      [pad] p = Pad(x, pads%s)
      [pool] z = %s<kernel_shape=[2,2]%s>(p)
    }
    """
        .formatted(constants, pad, operator, attributes);
  }

  @Test
  void an_average_pool_goes_on_counting_what_was_padded() {
    Fusing.inference(pool("AveragePool", "", "", ""))
        .fuses("pad-average-pool", "AvgPool2d", "pad", "pool")
        .leaves(
            "[pool] z = AveragePool <kernel_shape = [2, 2], pads = [1, 1, 1, 0], count_include_pad"
                + " = 1> (x)");
  }

  @Test
  void an_average_pool_that_leaves_its_own_pads_out_cannot_count_others() {
    Fusing.inference(pool("AveragePool", "", "", ", pads=[0,0,0,1]"))
        .refuses("pad-average-pool", Reason.PADDING);
    Fusing.inference(
            pool("AveragePool", "", "", ", pads=[0,0,0,1], count_include_pad=1, strides=[2,1]"))
        .fuses("pad-average-pool", "AvgPool2d", "pad", "pool");
  }

  @Test
  void a_ceiling_and_pads_as_large_as_the_kernel_are_refused() {
    Fusing.inference(pool("AveragePool", "", "", ", ceil_mode=1"))
        .refuses("pad-average-pool", Reason.PADDING);
    Fusing.inference(
            pool("AveragePool", "", "", "").replace("{0,0,1,1, 0,0,1,0}", "{0,0,2,0, 0,0,0,0}"))
        .refuses("pad-average-pool", Reason.PADDING);
  }

  @Test
  void before_opset_7_an_average_pool_cannot_count_pads() {
    Fusing.inference(
            """
            <ir_version: 3, opset_import: ["" : 6]>
            g (float[2,3,5,6] x) => (float[] z)
            {
              p = Pad<pads=[0,0,1,1, 0,0,1,0]>(x)
              z = AveragePool<kernel_shape=[2,2]>(p)
            }
            """)
        .refuses("pad-average-pool", Reason.UNSUPPORTED_OPSET);
  }

  @Test
  void a_max_pool_pads_with_minus_infinity_and_not_with_zero() {
    Fusing.inference(pool("MaxPool", "", "", "")).leavesItAlone();
  }

  private static final String GIVEN =
      """
      <ir_version: 8, opset_import: ["" : 18]>
      g (float[2,3,5,6] x, float[4,3,3,3] w, int64[8] q) => (float[] z)
      <int64[8] pads = {0,0,1,2, 0,0,0,1}, int64[4] some = {1,2,0,1}, int64[2] axes = {2,3},
       float one = {1}>
      {
        [pad] p = Pad(x, pads)
        [conv] z = Conv<kernel_shape=[3,3]>(p, w)
      }
      """;

  @Test
  void a_weight_that_is_given_at_run_time_is_no_hindrance() {
    Fusing.inference(GIVEN)
        .fuses("pad-conv", "Conv2d", "pad", "conv")
        .leaves("[conv] z = Conv <kernel_shape = [3, 3], pads = [1, 2, 0, 1]> (x, w)");
  }

  @Test
  void with_it_all_else_has_to_hold_as_ever() {
    Fusing.inference(GIVEN.replace("(x, pads)", "(x, pads, one)"))
        .refuses("pad-conv", Reason.PADDING);
    Fusing.inference(GIVEN.replace("<kernel", "<auto_pad=\"SAME_UPPER\", kernel"))
        .refuses("pad-conv", Reason.PADDING);
    Fusing.inference(GIVEN.replace("(p, w)", "(x, p)").replace("[4,3,3,3] w,", "[4,3,2,2] w,"))
        .leavesItAlone();
  }

  @Test
  void pads_of_chosen_axes_do_not_tell_the_rank() {
    Fusing.inference(GIVEN.replace("(x, pads)", "(x, some, , axes)"))
        .refuses("pad-conv", Reason.UNKNOWN_RANK);
  }
}
