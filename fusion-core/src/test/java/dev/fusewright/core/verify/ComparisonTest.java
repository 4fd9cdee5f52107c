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
package dev.fusewright.core.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FloatFormat;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static Tensor floats(float... values) {
    return LiteralTensor.ofFloats(Shape.of(values.length), values);
  }

  private static Comparison compare(Tensor expected, Tensor actual) {
    return Comparison.of(expected, actual, 0);
  }

  @Test
  void equal_tensors_are_exact() {
    Comparison same = compare(floats(1, -2, Float.NaN), floats(1, -2, Float.NaN));
    assertThat(same.isExact()).isTrue();
    assertThat(same.snrDb()).isInfinite();
    assertThat(same.cosine()).isEqualTo(1, within(1e-15));
    assertThat(same.ulpHistogram()).containsExactly(2L, 0L, 0L, 0L, 0L, 0L);
  }

  @Test
  void the_figures_are_those_of_the_textbook() {
    Comparison figures = compare(floats(3, 4), floats(3, 4.5f));
    assertThat(figures.maxAbs()).isEqualTo(0.5);
    assertThat(figures.meanAbs()).isEqualTo(0.25);
    assertThat(figures.maxRel()).isEqualTo(0.125);
    assertThat(figures.error()).isEqualTo(0.125);
    assertThat(figures.snrDb()).isEqualTo(20, within(1e-12));
    assertThat(figures.cosine()).isEqualTo(27 / (5 * Math.sqrt(29.25)), within(1e-15));
    assertThat(figures.magnitude()).isEqualTo(4);
  }

  @Test
  void an_error_is_relative_to_its_own_channel() {
    Shape twoChannels = Shape.of(1, 2, 2);
    Tensor loudAndQuiet = LiteralTensor.ofFloats(twoChannels, 100, 100, 1, 1);
    assertThat(compare(loudAndQuiet, LiteralTensor.ofFloats(twoChannels, 101, 100, 1, 1)).error())
        .isEqualTo(0.01, within(1e-9));
    assertThat(compare(loudAndQuiet, LiteralTensor.ofFloats(twoChannels, 100, 100, 2, 1)).error())
        .isEqualTo(1);
  }

  @Test
  void a_channel_of_zeros_does_not_make_a_rounding_error_infinite() {
    Shape twoChannels = Shape.of(1, 2, 1);
    Tensor dead = LiteralTensor.ofFloats(twoChannels, 1024, 0);
    assertThat(compare(dead, LiteralTensor.ofFloats(twoChannels, 1024, 0.001f)).error())
        .isEqualTo(0.001, within(1e-9));
    assertThat(Comparison.of(floats(0), floats(0.001f), 1024).error())
        .isEqualTo(0.001, within(1e-9));
    assertThat(compare(floats(0), floats(0.001f)).error()).isInfinite();
  }

  @Test
  void ulps_are_counted_in_the_tensors_own_type() {
    Comparison figures = compare(floats(1, 1), floats(Math.nextUp(1f), 1 - 3 * Math.ulp(0.75f)));
    assertThat(figures.maxUlp()).isEqualTo(3);
    assertThat(figures.ulpHistogram()).containsExactly(0L, 1L, 1L, 0L, 0L, 0L);
    Tensor one = LiteralTensor.ofDoubles(ElementType.BFLOAT16, Shape.of(1), 1);
    Tensor next = LiteralTensor.ofDoubles(ElementType.BFLOAT16, Shape.of(1), 1.0078125);
    assertThat(compare(one, next).maxUlp()).isEqualTo(1);
  }

  @Test
  void ulps_are_counted_through_zero_and_the_subnormals() {
    assertThat(FloatFormat.SINGLE.distance(Float.MIN_VALUE, -Float.MIN_VALUE)).isEqualTo(2);
    assertThat(FloatFormat.SINGLE.next(0, 1)).isEqualTo(Float.MIN_VALUE);
    for (double value :
        new double[] {1, -1, 1.5, 1e-40, Float.MIN_NORMAL, Float.MAX_VALUE, 0x1.fffffep10}) {
      float single = (float) value;
      assertThat(FloatFormat.SINGLE.next(single, -1)).isEqualTo(Math.nextDown(single));
      assertThat(FloatFormat.DOUBLE.next(value, -1)).isEqualTo(Math.nextDown(value));
      assertThat(FloatFormat.DOUBLE.distance(value, Math.nextDown(value))).isEqualTo(1);
    }
    assertThat(FloatFormat.HALF.next(1, 1)).isEqualTo(1 + 0x1p-10);
  }

  @Test
  void infinities_and_nan_count_where_they_differ() {
    Tensor expected = floats(Float.POSITIVE_INFINITY, Float.NaN, 1);
    assertThat(compare(expected, floats(Float.NEGATIVE_INFINITY, 0, 1)).maskMismatches())
        .isEqualTo(2);
    assertThat(compare(expected, floats(Float.POSITIVE_INFINITY, Float.NaN, 1)).maskMismatches())
        .isZero();
    assertThat(compare(expected, floats(1, Float.NaN, 1)).error()).isInfinite();
  }

  @Test
  void of_integers_the_changed_fraction_is_the_error() {
    Comparison figures =
        compare(LiteralTensor.ofLongs(1, 2, 3, 4), LiteralTensor.ofLongs(1, 2, 3, 9));
    assertThat(figures.error()).isEqualTo(0.25);
    assertThat(figures.maxAbs()).isEqualTo(5);
    assertThat(figures.maxUlp()).isZero();
  }

  @Test
  void a_flip_is_counted_where_another_class_wins() {
    Shape twoRows = Shape.of(2, 2);
    Tensor expected = LiteralTensor.ofFloats(twoRows, 0.4f, 0.6f, 0.9f, 0.1f);
    assertThat(
            compare(expected, LiteralTensor.ofFloats(twoRows, 0.6f, 0.4f, 0.9f, 0.1f))
                .argmaxFlips())
        .isEqualTo(1);
  }

  @Test
  void another_shape_or_type_is_not_compared() {
    assertThat(Comparison.mismatch(floats(1, 2), floats(1)))
        .contains("expected float[2], found float[1]");
    assertThatThrownBy(() -> compare(floats(1), LiteralTensor.ofLongs(1)))
        .hasMessage("expected float[1], found int64[1]");
  }
}
