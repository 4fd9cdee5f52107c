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
package dev.fusewright.core.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ParameterDiffTest {
  private static Tensor floats(float... values) {
    return LiteralTensor.ofFloats(Shape.of(values.length), values);
  }

  @Test
  void what_is_there_under_one_name_only_is_removed_or_added() {
    ParameterDiff diff = ParameterDiff.of(Map.of("a", floats(1)), Map.of("b", floats(1)));

    assertThat(diff.changes().removed()).containsExactly("a");
    assertThat(diff.changes().added()).containsExactly("b");
    assertThat(diff.changed()).isEmpty();
    assertThat(diff.summary()).isEqualTo("1 only in the first: a; 1 only in the second: b");
  }

  @Test
  void an_element_that_differs_is_counted_with_the_largest_difference() {
    ParameterDiff diff =
        ParameterDiff.of(Map.of("a", floats(1, 2, 3)), Map.of("a", floats(1, 2.5f, 2.75f)));

    assertThat(diff.isEmpty()).isFalse();
    assertThat(diff.changed().get(0).how())
        .isEqualTo("differs in 2 of 3 elements, by 0.500 at most");
  }

  @Test
  void another_shape_is_said_and_no_elements_are_compared() {
    ParameterDiff diff = ParameterDiff.of(Map.of("a", floats(1)), Map.of("a", floats(1, 1)));

    assertThat(diff.changed().get(0).difference()).isNull();
    assertThat(diff.changed().get(0).how())
        .isEqualTo("is float[1] in the first and float[2] in the second");
  }

  @Test
  void the_same_bits_are_the_same_and_the_other_zero_is_not() {
    assertThat(ParameterDiff.of(Map.of("a", floats(0)), Map.of("a", floats(0))).isSame()).isTrue();
    assertThat(ParameterDiff.of(Map.of("a", floats(0)), Map.of("a", floats(-0f))).isSame())
        .isFalse();
  }
}
