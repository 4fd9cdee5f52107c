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
package dev.fusewright.core.reference;

import static dev.fusewright.core.reference.Evaluation.answers;
import static dev.fusewright.core.reference.Evaluation.floats;
import static dev.fusewright.core.reference.Evaluation.node;
import static dev.fusewright.core.reference.Evaluation.shape;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.tensor.ElementType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shapes, places of elements, padding, reductions, resizing. */
class RearrangementsTest {
  private static final String MATRIX =
      "float[2,3] x = {1, 2, 3, 4, 5, 6}, int64[1] one = {1}, int64[1] zero = {0}, int64[1] minus = {-1}, "
          + "int64[1] far = {9223372036854775807}, int64[1] farther = {-9223372036854775808}, int64[2] rows = {1, -2}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          y = Transpose (x)                        | 3,2 | 1, 4, 2, 5, 3, 6
          y = Transpose <perm = [0, 1]> (x)        | 2,3 | 1, 2, 3, 4, 5, 6
          y = Slice (x, one, far, one)             | 2,2 | 2, 3, 5, 6
          y = Slice (x, minus, farther, one, minus)| 2,3 | 3, 2, 1, 6, 5, 4
          y = Slice (x, zero, minus)               | 1,3 | 1, 2, 3
          y = Gather (x, rows)                     | 2,3 | 4, 5, 6, 1, 2, 3
          y = Gather <axis = 1> (x, one)           | 2,1 | 2, 5
          y = Concat <axis = 0> (x, x)             | 4,3 | 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6
          y = Concat <axis = -1> (x, x)            | 2,6 | 1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6
          y = Reshape (x, minus)                   | 6   | 1, 2, 3, 4, 5, 6
          y = Flatten <axis = 0> (x)               | 1,6 | 1, 2, 3, 4, 5, 6
          y = Flatten <axis = 2> (x)               | 6,1 | 1, 2, 3, 4, 5, 6
          y = Unsqueeze (x, minus)                 | 2,3,1 | 1, 2, 3, 4, 5, 6
          y = ReduceSum <keepdims = 0> (x, one)    | 2   | 6, 15
          y = ReduceMean <axes = [0]> (x)          | 1,3 | 2.5, 3.5, 4.5
          y = ReduceMax <axes = [-1]> (x)          | 2,1 | 3, 6
          y = ReduceL2 <axes = [0]> (x)            | 1,3 | 4.123105625617661, 5.385164807134504, 6.708203932499369
          y = ReduceProd <keepdims = 0> (x)        | '' | 720
          y = ReduceSum <noop_with_empty_axes = 1> (x) | 2,3 | 1, 2, 3, 4, 5, 6
          y = CumSum (x, one)                      | 2,3 | 1, 3, 6, 4, 9, 15
          """)
  void elements_come_from_where_the_operator_says(String call, String dims, String expected) {
    NdArray y = node(13, MATRIX, call);

    long[] sizes =
        dims.isEmpty()
            ? new long[0]
            : java.util.Arrays.stream(Evaluation.numbers(dims))
                .mapToLong(size -> (long) size)
                .toArray();
    assertThat(y).isEqualTo(floats(shape(sizes), Evaluation.numbers(expected)));
  }

  @Test
  void before_operator_set_10_a_slice_has_attributes() {
    NdArray y =
        node(
            9,
            "float[2,3] x = {1, 2, 3, 4, 5, 6}",
            "y = Slice <starts = [-2], ends = [100], axes = [1]> (x)");

    assertThat(y).isEqualTo(floats(shape(2, 2), 2, 3, 5, 6));
  }

  @Test
  void a_zero_in_a_shape_copies_an_axis_unless_it_is_allowed() {
    assertThat(
            node(13, "float[2,3] x = fill(1), int64[2] s = {0, -1}", "y = Reshape (x, s)").shape())
        .isEqualTo(shape(2, 3));
    assertThat(
            node(14, "float[0,3] x = {}, int64[2] s = {3, 0}", "y = Reshape <allowzero = 1> (x, s)")
                .shape())
        .isEqualTo(shape(3, 0));
  }

  @Test
  void axes_to_squeeze_are_attributes_and_later_an_input() {
    assertThat(node(11, "float[1,2,1] x = {1, 2}", "y = Squeeze <axes = [0]> (x)").shape())
        .isEqualTo(shape(2, 1));
    assertThat(node(13, "float[1,2,1] x = {1, 2}, int64[1] a = {-1}", "y = Squeeze (x, a)").shape())
        .isEqualTo(shape(1, 2));
    assertThat(node(13, "float[1,2,1] x = {1, 2}", "y = Squeeze (x)").shape()).isEqualTo(shape(2));
  }

  @Test
  void a_split_is_even_or_as_stated() {
    String text =
        "<opset_import: [\"\" : %d]> g () => (a, b) <float[5] x = {1, 2, 3, 4, 5}, int64[2] s = {1, 4}> { a, b = %s }";

    assertThat(answers(text.formatted(13, "Split (x, s)")))
        .containsExactly(floats(1), floats(2, 3, 4, 5));
    assertThat(answers(text.formatted(11, "Split <split = [4, 1]> (x)")))
        .containsExactly(floats(1, 2, 3, 4), floats(5));
    assertThat(answers(text.formatted(18, "Split <num_outputs = 2> (x)")))
        .containsExactly(floats(1, 2, 3), floats(4, 5));
  }

  @Test
  void elements_are_gathered_one_by_one() {
    NdArray y =
        node(
            13,
            "float[2,2] x = {1, 2, 3, 4}, int64[2,1] i = {1, -2}",
            "y = GatherElements <axis = 1> (x, i)");

    assertThat(y).isEqualTo(floats(shape(2, 1), 2, 3));
  }

  @Test
  void an_array_expands_and_repeats() {
    assertThat(node(13, "float[2,1] x = {1, 2}, int64[3] s = {2, 1, 2}", "y = Expand (x, s)"))
        .isEqualTo(floats(shape(2, 2, 2), 1, 1, 2, 2, 1, 1, 2, 2));
    assertThat(node(13, "float[1,2] x = {1, 2}, int64[2] r = {2, 2}", "y = Tile (x, r)"))
        .isEqualTo(floats(shape(2, 4), 1, 2, 1, 2, 1, 2, 1, 2));
  }

  @Test
  void a_shape_can_be_cut() {
    assertThat(node(15, "float[2,3,4] x = fill(0)", "y = Shape <start = 1, end = -1> (x)"))
        .isEqualTo(NdArray.ofLongs(3));
    assertThat(node(13, "float[2,3,4] x = fill(0)", "y = Shape (x)"))
        .isEqualTo(NdArray.ofLongs(2, 3, 4));
    assertThat(node(13, "float[2,3,4] x = fill(0)", "y = Size (x)"))
        .isEqualTo(NdArray.scalar(ElementType.INT64, 24));
  }

  @Test
  void depth_becomes_space_in_two_orders_and_back() {
    String data = "float[1,4,1,1] x = {1, 2, 3, 4}";
    assertThat(node(13, data, "y = DepthToSpace <blocksize = 2> (x)"))
        .isEqualTo(floats(shape(1, 1, 2, 2), 1, 2, 3, 4));
    String two = "float[1,8,1,1] x = {1, 2, 3, 4, 5, 6, 7, 8}";
    assertThat(node(13, two, "y = DepthToSpace <blocksize = 2> (x)").values())
        .containsExactly(1, 3, 5, 7, 2, 4, 6, 8);
    assertThat(node(13, two, "y = DepthToSpace <blocksize = 2, mode = \"CRD\"> (x)").values())
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(
            node(
                    13,
                    two,
                    "t = DepthToSpace <blocksize = 2> (x) y = SpaceToDepth <blocksize = 2> (t)")
                .values())
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          constant | 9, 9, 1, 2, 3, 9
          reflect  | 3, 2, 1, 2, 3, 2
          edge     | 1, 1, 1, 2, 3, 3
          wrap     | 2, 3, 1, 2, 3, 1
          """)
  void padding_has_modes(String mode, String expected) {
    NdArray y =
        node(
            19,
            "float[3] x = {1, 2, 3}, int64[2] p = {2, 1}, float v = {9}",
            "y = Pad <mode = \"%s\"> (x, p, v)".formatted(mode));

    assertThat(y).isEqualTo(floats(Evaluation.numbers(expected)));
  }

  @Test
  void negative_padding_crops() {
    assertThat(node(13, "float[3] x = {1, 2, 3}, int64[2] p = {-1, 1}", "y = Pad (x, p)"))
        .isEqualTo(floats(2, 3, 0));
  }

  @Test
  void pads_are_attributes_then_inputs_then_for_chosen_axes() {
    assertThat(node(10, "float[1,2] x = {1, 2}", "y = Pad <pads = [0, 1, 0, 0], value = 7.0> (x)"))
        .isEqualTo(floats(shape(1, 3), 7, 1, 2));
    assertThat(
            node(
                18,
                "float[1,2] x = {1, 2}, int64[2] p = {0, 1}, int64[1] a = {-1}",
                "y = Pad (x, p, \"\", a)"))
        .isEqualTo(floats(shape(1, 3), 1, 2, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor" | 10, 10, 20, 20
          mode = "nearest"                                                                        | 10, 10, 20, 20
          mode = "linear"                                                                         | 10, 12.5, 17.5, 20
          mode = "linear", coordinate_transformation_mode = "align_corners"                       | 10, 13.333333333333334, 16.666666666666664, 20
          mode = "linear", coordinate_transformation_mode = "asymmetric"                          | 10, 15, 20, 20
          """)
  void resizing_has_modes(String attributes, String expected) {
    NdArray y =
        node(
            13,
            "float[1,1,2] x = {10, 20}, float[3] s = {1, 1, 2}",
            "y = Resize <%s> (x, \"\", s)".formatted(attributes));

    assertThat(y).isEqualTo(floats(shape(1, 1, 4), Evaluation.numbers(expected)));
  }

  @Test
  void a_size_may_stand_for_scales() {
    NdArray y =
        node(
            13,
            "float[1,1,2] x = {10, 20}, int64[3] s = {1, 1, 4}",
            "y = Resize <mode = \"linear\"> (x, \"\", \"\", s)");

    assertThat(y.values()).containsExactly(10, 12.5, 17.5, 20);
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 9})
  void upsampling_repeats_elements(long opset) {
    String call = opset < 9 ? "y = Upsample <scales = [1.0, 2.0]> (x)" : "y = Upsample (x, s)";

    assertThat(node(opset, "float[1,2] x = {1, 2}, float[2] s = {1, 2}", call))
        .isEqualTo(floats(shape(1, 4), 1, 1, 2, 2));
  }

  @Test
  void constants_have_many_forms() {
    assertThat(node(13, "", "y = Constant <value = float[2] {1, 2}> ()")).isEqualTo(floats(1, 2));
    assertThat(node(13, "", "y = Constant <value_ints = [1, 2]> ()"))
        .isEqualTo(NdArray.ofLongs(1, 2));
    assertThat(node(13, "", "y = Constant <value_float = 0.5> ()"))
        .isEqualTo(NdArray.scalar(ElementType.FLOAT, 0.5));
    assertThat(node(13, "int64[2] s = {1, 2}", "y = ConstantOfShape <value = int64[1] {7}> (s)"))
        .isEqualTo(NdArray.ofLongs(shape(1, 2), 7, 7));
    assertThat(node(13, "float a = {1}, float b = {2}, float d = {0.5}", "y = Range (a, b, d)"))
        .isEqualTo(floats(1, 1.5));
  }

  @Test
  void the_first_of_equal_elements_is_the_largest() {
    String data = "float[1,4] x = {1, 5, 5, 2}, int64[1] k = {2}";

    assertThat(node(13, data, "y = ArgMax <axis = 1> (x)"))
        .isEqualTo(NdArray.ofLongs(shape(1, 1), 1));
    assertThat(node(13, data, "y = ArgMax <axis = 1, select_last_index = 1> (x)"))
        .isEqualTo(NdArray.ofLongs(shape(1, 1), 2));
    List<NdArray> top = answers("g () => (v, i) <" + data + "> { v, i = TopK (x, k) }");
    assertThat(top).containsExactly(floats(shape(1, 2), 5, 5), NdArray.ofLongs(shape(1, 2), 1, 2));
  }

  @Test
  void dropout_drops_nothing_outside_training() {
    List<NdArray> results =
        answers("g () => (y, mask) <float[2] x = {1, 2}> { y, mask = Dropout (x) }");

    assertThat(results).containsExactly(floats(1, 2), NdArray.of(ElementType.BOOL, shape(2), 1, 1));
  }
}
