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
package dev.fusewright.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TensorsTest {
  private static Tensor floats(int elements, int odd) {
    float[] values = new float[elements];
    values[odd] = 1;
    return LiteralTensor.ofFloats(Shape.of(elements), values);
  }

  @Test
  void tensors_are_equal_bit_by_bit_however_long_they_are() {
    assertThat(Tensors.areEqual(floats(40_000, 39_999), floats(40_000, 39_999))).isTrue();
    assertThat(Tensors.areEqual(floats(40_000, 39_999), floats(40_000, 39_998))).isFalse();
    assertThat(Tensors.areEqual(floats(40_000, 0), floats(40_001, 0))).isFalse();
  }

  @Test
  void zero_is_not_minus_zero_and_no_number_is_itself() {
    assertThat(
            Tensors.areEqual(
                LiteralTensor.ofFloats(Shape.of(1), 0f), LiteralTensor.ofFloats(Shape.of(1), -0f)))
        .isFalse();
    assertThat(
            Tensors.areEqual(
                LiteralTensor.ofFloats(Shape.of(1), Float.NaN),
                LiteralTensor.ofFloats(Shape.of(1), Float.NaN)))
        .isTrue();
  }

  @Test
  void texts_are_equal_only_where_they_are_one() {
    TensorSource source = (offset, destination) -> {};
    Tensor text = new StoredTensor(ElementType.STRING, Shape.of(2), source);
    Tensor other = new StoredTensor(ElementType.STRING, Shape.of(2), (offset, destination) -> {});

    assertThat(Tensors.areEqual(text, text)).isTrue();
    assertThat(Tensors.areEqual(text, new StoredTensor(ElementType.STRING, Shape.of(2), source)))
        .isTrue();
    assertThat(Tensors.areEqual(text, other)).isFalse();
  }

  @Test
  void nothing_equals_nothing_of_the_same_type() {
    assertThat(
            Tensors.areEqual(
                new FilledTensor(ElementType.FLOAT, Shape.of(0), 1),
                new FilledTensor(ElementType.FLOAT, Shape.of(0), 2)))
        .isTrue();
    assertThat(
            Tensors.areEqual(
                new FilledTensor(ElementType.FLOAT, Shape.of(0), 1),
                new FilledTensor(ElementType.DOUBLE, Shape.of(0), 1)))
        .isFalse();
  }
}
