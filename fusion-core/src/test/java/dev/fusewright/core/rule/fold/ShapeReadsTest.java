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

/** Reads by {@code Shape} and {@code Size} are no second consumer of an inner value. */
class ShapeReadsTest {
  private static String conv(String outputs, String nodes) {
    return """
        <ir_version: 8, opset_import: ["" : 13]>
        g (float[N,3,5,5] x) => (%s)
        <float[4,3,3,3] w = random(1), float[4] b = random(2),
         float[4] scale = random(3), float[4] shift = random(4),
         float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)>
        {
          [conv] y = Conv(x, w, b)
          %s
        }
        """
        .formatted(outputs, nodes);
  }

  private static final String NORM = "[bn] z = BatchNormalization(y, scale, shift, mean, var)\n";

  @Test
  void a_reader_of_the_shape_reads_it_of_what_the_site_computes() {
    Fusing.inference(conv("float[N,4,3,3] z, int64[4] s", NORM + "[shape] s = Shape(y)"))
        .fuses("conv-batch-norm", "Conv2d", "conv", "bn", "shape")
        .leaves("[conv] z = Conv (x, w, b)", "[shape] s = Shape (z)");
  }

  @Test
  void a_reader_of_the_size_does_so_too_and_where_extents_are_open() {
    Fusing.inference(
            conv("float[] z, int64 s", NORM + "[size] s = Size(y)")
                .replace("float[N,3,5,5] x", "float[N,3,H,W] x")
                .replace("float[4,3,3,3] w", "float[4,3,1,1] w"))
        .fuses("conv-batch-norm", "Conv2d", "conv", "bn", "size")
        .leaves("[conv] z = Conv (x, w, b)", "[size] s = Size (z)");
  }

  @Test
  void a_reader_of_the_elements_beside_it_is_a_second_consumer() {
    Fusing.inference(
            conv(
                "float[N,4,3,3] z, int64[4] s, float[N,4,3,3] u",
                NORM + "s = Shape(y)\n u = Sigmoid(y)"))
        .refuses("conv-batch-norm", Reason.OTHER_USES);
  }

  @Test
  void a_body_that_reads_the_shape_is_a_second_consumer() {
    Fusing.inference(
            conv(
                    "float[N,4,3,3] z, int64[4] s",
                    NORM
                        + "s = If<then_branch = t () => (int64[4] p) { p = Shape(y) },"
                        + " else_branch = e () => (int64[4] q) { q = Shape(x) }>(c)")
                .replace("float[N,3,5,5] x)", "float[N,3,5,5] x, bool c)"))
        .refuses("conv-batch-norm", Reason.OTHER_USES);
  }

  @Test
  void a_shape_that_nothing_else_has_keeps_its_value() {
    Fusing.inference(
            conv("float[N,4,3,3] z, int64[4] s", "[s] s = Shape(p)\n [c] z = Conv(p, w)")
                .replace("[conv] y = Conv(x, w, b)", "[pad] p = Pad(x, pads)")
                .replace("float[4] b ", "int64[8] pads = {0,0,1,1,0,0,1,1}, float[4] b "))
        .refuses("pad-conv", Reason.OTHER_USES);
  }

  @Test
  void a_norm_before_a_conv_leaves_the_shape_of_what_enters_it() {
    Fusing.inference(
            """
            <ir_version: 8, opset_import: ["" : 13]>
            g (float[N,3,5,5] x) => (float[N,4,3,3] z, int64[4] s)
            <float[4,3,3,3] w = random(1), float[3] scale = random(3), float[3] shift = random(4),
             float[3] mean = random(5), float[3] var = random(6, 0.1, 2.0)>
            {
              [bn] y = BatchNormalization(x, scale, shift, mean, var)
              [shape] s = Shape(y)
              [conv] z = Conv(y, w)
            }
            """)
        .fuses("batch-norm-conv", "Conv2d", "bn", "conv", "shape")
        .leaves("[shape] s = Shape (x)", "[conv] z = Conv (x, w, w_bias)");
  }

  @Test
  void the_way_back_from_a_view_is_computed_from_the_shape_of_the_layer() {
    Fusing.inference(
            """
            <ir_version: 8, opset_import: ["" : 13]>
            g (float[N,7,5] x) => (float[] u)
            <float[5,4] w = random(1), float[4] b = random(2), float[4] scale = random(3),
             float[4] shift = random(4), float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)>
            {
              [mm] y = MatMul(x, w)
              [add] a = Add(y, b)
              [t] t = Transpose<perm=[0,2,1]>(a)
              [shape] s = Shape(a)
              [bn] z = BatchNormalization(t, scale, shift, mean, var)
              [back] u = Reshape(z, s)
            }
            """)
        .fuses("layout-batch-norm", "Linear", "mm", "add", "t", "bn", "shape");
  }

  @Test
  void a_shape_of_a_branch_from_which_another_branch_is_made_does_not_make_a_cycle() {
    Fusing.inference(
            """
            <ir_version: 8, opset_import: ["" : 13]>
            g (float[2,3,5,5] x) => (float[] z)
            <float[4,3,1,1] w = random(1), float[8] scale = random(3), float[8] shift = random(4),
             float[8] mean = random(5), float[8] var = random(6, 0.1, 2.0), int64[4] t = {2,3,5,5}>
            {
              [one] a = Conv(x, w)
              [shape] s = Shape(a)
              k = ConstantOfShape(s)
              m = ReduceSum<keepdims=0>(k)
              v = Add(x, m)
              [two] b = Conv(v, w)
              [joint] c = Concat<axis=1>(a, b)
              [bn] z = BatchNormalization(c, scale, shift, mean, var)
            }
            """)
        .fuses("concat-batch-norm", "Concat", "one", "two", "joint", "bn", "shape");
  }
}
