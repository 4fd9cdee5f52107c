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

import static dev.fusewright.core.reference.Evaluation.floats;
import static dev.fusewright.core.reference.Evaluation.node;
import static dev.fusewright.core.reference.Evaluation.shape;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fusewright.core.tensor.ElementType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Arithmetic, comparisons, matrix products, functions of one element, casts. */
class ArithmeticTest {
  @Test
  void a_vector_broadcasts_along_the_last_axis_not_along_the_channels() {
    NdArray y = node(13, "float[1,2,2] x = {1, 2, 3, 4}, float[2] c = {10, 20}", "y = Add (x, c)");

    assertThat(y).isEqualTo(floats(shape(1, 2, 2), 11, 22, 13, 24));
  }

  @Test
  void both_operands_may_grow() {
    NdArray y = node(13, "float[2,1] x = {1, 2}, float[1,3] c = {1, 10, 100}", "y = Mul (x, c)");

    assertThat(y).isEqualTo(floats(shape(2, 3), 1, 10, 100, 2, 20, 200));
  }

  @Test
  void before_operator_set_7_an_axis_says_where_the_second_operand_lies() {
    String operands = "float[1,2,2] x = {1, 2, 3, 4}, float[2] c = {10, 20}";

    assertThat(node(6, operands, "y = Add <broadcast = 1, axis = 1> (x, c)").values())
        .containsExactly(11, 12, 23, 24);
    assertThat(node(6, operands, "y = Add <broadcast = 1> (x, c)").values())
        .containsExactly(11, 22, 13, 24);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          y = Sub (a, b)             | 4, -10, 2
          y = Div (a, b)             | 2.3333333333333335, -2.3333333333333335, 1.5
          y = Pow (a, b)             | 343, -343, 1296
          y = Mod <fmod = 1> (a, b)  | 1, -1, 2
          y = Mod (a, b)             | 1, 2, 2
          y = Min (a, b, c)          | 0, -7, 0
          y = Max (a, b, c)          | 7, 3, 6
          y = Sum (a, b, c)          | 10, -4, 10
          y = Mean (a, b, c)         | 3.3333333333333335, -1.3333333333333333, 3.3333333333333335
          y = PRelu (a, b)           | 7, -21, 6
          y = Where (c, a, b)        | 3, 3, 4
          """)
  void operands_are_combined_element_by_element(String call, String expected) {
    NdArray y =
        node(13, "float[3] a = {7, -7, 6}, float[3] b = {3, 3, 4}, float[3] c = {0, 0, 0}", call);

    assertThat(y.values()).containsExactly(Evaluation.numbers(expected));
  }

  @Test
  void integers_are_divided_as_integers() {
    NdArray y = node(13, "int64[2] a = {7, -7}, int64[1] b = {2}", "y = Div (a, b)");

    assertThat(y).isEqualTo(NdArray.ofLongs(3, -3));
  }

  @Test
  void comparisons_yield_booleans() {
    NdArray y = node(13, "float[3] a = {1, 2, 3}, float[1] b = {2}", "y = GreaterOrEqual (a, b)");

    assertThat(y).isEqualTo(NdArray.of(ElementType.BOOL, shape(3), 0, 1, 1));
  }

  @Test
  void gemm_scales_both_terms_and_transposes_its_factors() {
    NdArray y =
        node(
            13,
            "float[2,1] a = {1, 2}, float[3,2] b = {1, 2, 3, 4, 5, 6}, float[1,3] c = {1, 10, 100}",
            "y = Gemm <transA = 1, transB = 1, alpha = 2.0, beta = 0.5> (a, b, c)");

    assertThat(y).isEqualTo(floats(shape(1, 3), 10.5, 27, 84));
  }

  @Test
  void the_third_operand_of_gemm_may_be_absent() {
    assertThat(node(13, "float[1,2] a = {1, 2}, float[2,1] b = {3, 4}", "y = Gemm (a, b)").values())
        .containsExactly(11);
  }

  @Test
  void matmul_broadcasts_its_leading_axes() {
    NdArray y =
        node(
            13,
            "float[2,1,1,2] a = {1, 2, 3, 4}, float[3,2,1] b = {1, 1, 10, 10, 100, 100}",
            "y = MatMul (a, b)");

    assertThat(y).isEqualTo(floats(shape(2, 3, 1, 1), 3, 30, 300, 7, 70, 700));
  }

  @Test
  void a_vector_in_a_product_loses_its_axis() {
    String factors =
        "float[2] a = {1, 2}, float[2,3] b = {1, 2, 3, 10, 20, 30}, float[3] c = {1, 1, 1}";

    assertThat(node(13, factors, "y = MatMul (a, b)")).isEqualTo(floats(21, 42, 63));
    assertThat(node(13, factors, "y = MatMul (b, c)")).isEqualTo(floats(6, 60));
    assertThat(node(13, factors, "y = MatMul (a, a)"))
        .isEqualTo(NdArray.scalar(ElementType.FLOAT, 5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          y = Relu (x)                                    | 0, 0, 2
          y = LeakyRelu <alpha = 0.5> (x)                 | -0.5, 0, 2
          y = Elu <alpha = 2.0> (x)                       | -1.2642411176571153, 0, 2
          y = Selu <alpha = 2.0, gamma = 3.0> (x)         | -3.7927233529713460, 0, 6
          y = Sigmoid (x)                                 | 0.2689414213699951, 0.5, 0.8807970779778823
          y = HardSigmoid <alpha = 0.25, beta = 0.5> (x)  | 0.25, 0.5, 1
          y = HardSwish (x)                               | -0.3333333333333333, 0, 1.6666666666666667
          y = Tanh (x)                                    | -0.7615941559557649, 0, 0.9640275800758169
          y = Softplus (x)                                | 0.3132616875182228, 0.6931471805599453, 2.1269280110429727
          y = Softsign (x)                                | -0.5, 0, 0.6666666666666667
          y = Erf (x)                                     | -0.8427007929497149, 0, 0.9953222650189527
          y = Gelu (x)                                    | -0.15865525393145707, 0, 1.9544997361036416
          y = Gelu <approximate = "tanh"> (x)             | -0.15880800939172324, 0, 1.954597694087775
          y = Mish (x)                                    | -0.30340146137410895, 0, 1.9439589595339946
          y = Clip (x, low, high)                         | -0.5, 0, 1
          y = Clip (x, "", high)                          | -1, 0, 1
          y = Reciprocal (x)                              | -1, Infinity, 0.5
          y = Sign (x)                                    | -1, 0, 1
          """)
  void a_function_is_applied_to_every_element(String call, String expected) {
    NdArray y = node(20, "float[3] x = {-1, 0, 2}, float low = {-0.5}, float high = {1}", call);

    assertThat(y.values()).containsExactly(Evaluation.numbers(expected), within(1e-15));
  }

  @Test
  void halves_are_rounded_to_even() {
    assertThat(node(13, "float[4] x = {0.5, 1.5, 2.5, -0.5}", "y = Round (x)").values())
        .containsExactly(0, 2, 2, -0.0);
  }

  @Test
  void before_operator_set_11_the_bounds_of_clip_are_attributes() {
    assertThat(node(6, "float[3] x = {-9, 0, 9}", "y = Clip <min = 0.0, max = 6.0> (x)").values())
        .containsExactly(0, 0, 6);
    assertThat(node(6, "float[3] x = {-9, 0, 9}", "y = Clip <max = 6.0> (x)").values())
        .containsExactly(-9, 0, 6);
  }

  @ParameterizedTest
  @CsvSource({
    "0.1, 0.1124629160182849",
    "2.4, 0.9993114861033549",
    "2.6, 0.9997639655834707",
    "5, 0.9999999999984626",
    "30, 1"
  })
  void the_error_function_is_exact_to_fifteen_digits(double x, double expected) {
    assertThat(ErrorFunction.erf(x)).isCloseTo(expected, within(3e-16));
    assertThat(ErrorFunction.erf(-x)).isCloseTo(-expected, within(3e-16));
  }

  @Test
  void before_operator_set_13_softmax_sees_a_matrix() {
    String data = "float[1,2,2] x = {0, 0, 0, 0}";

    assertThat(node(11, data, "y = Softmax (x)").values()).containsOnly(0.25);
    assertThat(node(13, data, "y = Softmax (x)").values()).containsOnly(0.5);
    assertThat(node(11, data, "y = Softmax <axis = 2> (x)").values()).containsOnly(0.5);
  }

  @Test
  void softmax_does_not_overflow() {
    assertThat(node(13, "float[2] x = {1000, 1000}", "y = Softmax (x)").values())
        .containsExactly(0.5, 0.5);
    assertThat(node(13, "float[2] x = {1000, 1000}", "y = LogSoftmax (x)").values())
        .containsExactly(-Math.log(2), -Math.log(2));
  }

  @Test
  void a_cast_to_an_integer_truncates_and_one_to_a_float_keeps_everything() {
    assertThat(node(13, "float[3] x = {1.9, -1.9, 300}", "y = Cast <to = 7> (x)"))
        .isEqualTo(NdArray.ofLongs(1, -1, 300));
    assertThat(node(13, "double[1] x = {0.1}", "y = Cast <to = 10> (x)"))
        .isEqualTo(NdArray.of(ElementType.FLOAT16, shape(1), 0.1));
    assertThat(node(13, "float[2] x = {0.5, 0}", "y = Cast <to = 9> (x)"))
        .isEqualTo(NdArray.of(ElementType.BOOL, shape(2), 1, 0));
  }

  @Test
  void quantizing_rounds_to_even_and_saturates() {
    NdArray y =
        node(
            13,
            "float[5] x = {1, 3, -1000, 1000, 5}, float s = {2}, int8 z = {1}",
            "y = QuantizeLinear (x, s, z)");

    assertThat(y).isEqualTo(NdArray.of(ElementType.INT8, shape(5), 1, 3, -128, 127, 3));
  }

  @Test
  void dequantizing_may_be_per_axis() {
    NdArray y =
        node(
            13,
            "int8[2,2] x = {1, 2, 3, 4}, float[2] s = {1, 10}, int8[2] z = {1, 0}",
            "y = DequantizeLinear <axis = 0> (x, s, z)");

    assertThat(y).isEqualTo(floats(shape(2, 2), 0, 1, 30, 40));
  }
}
