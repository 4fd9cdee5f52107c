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

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoolingTest {
  private static final String ROW = "float[1,1,5] x = {-1, -2, -3, -4, -5}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          MaxPool     | kernel_shape = [2]                                                   | -1, -2, -3, -4
          MaxPool     | kernel_shape = [3], pads = [1, 1]                                    | -1, -1, -2, -3, -4
          MaxPool     | kernel_shape = [2], strides = [2]                                    | -1, -3
          MaxPool     | kernel_shape = [2], strides = [2], ceil_mode = 1                     | -1, -3, -5
          MaxPool     | kernel_shape = [2], strides = [3], pads = [0, 1], ceil_mode = 1      | -1, -4
          MaxPool     | kernel_shape = [2], dilations = [3]                                  | -1, -2
          MaxPool     | kernel_shape = [2], strides = [2], auto_pad = "SAME_UPPER"           | -1, -3, -5
          MaxPool     | kernel_shape = [2], strides = [2], auto_pad = "SAME_LOWER"           | -1, -2, -4
          AveragePool | kernel_shape = [2]                                                   | -1.5, -2.5, -3.5, -4.5
          AveragePool | kernel_shape = [2], pads = [1, 0]                                    | -1, -1.5, -2.5, -3.5, -4.5
          AveragePool | kernel_shape = [2], pads = [1, 0], count_include_pad = 1             | -0.5, -1.5, -2.5, -3.5, -4.5
          AveragePool | kernel_shape = [2], strides = [2], ceil_mode = 1                     | -1.5, -3.5, -5
          AveragePool | kernel_shape = [2], strides = [2], ceil_mode = 1, count_include_pad = 1 | -1.5, -3.5, -5
          LpPool      | kernel_shape = [2], p = 1                                            | 3, 5, 7, 9
          """)
  void a_window_sees_what_its_attributes_say(String operator, String attributes, String expected) {
    NdArray y = node(19, ROW, "y = %s <%s> (x)".formatted(operator, attributes));

    assertThat(y.values()).containsExactly(Evaluation.numbers(expected));
  }

  @Test
  void padding_never_wins_a_maximum() {
    NdArray y =
        node(
            13,
            "float[1,1,1,1] x = {-7}",
            "y = MaxPool <kernel_shape = [2, 2], pads = [1, 1, 0, 0]> (x)");

    assertThat(y.values()).containsExactly(-7);
  }

  @Test
  void a_maximum_can_tell_where_it_was() {
    List<NdArray> results =
        answers(
            """
            g () => (y, at) <float[2,1,2,2] x = {1, 4, 2, 3, 9, 6, 7, 8}>
            { y, at = MaxPool <kernel_shape = [2, 2]> (x) }
            """);

    assertThat(results.get(0)).isEqualTo(floats(shape(2, 1, 1, 1), 4, 9));
    assertThat(results.get(1)).isEqualTo(NdArray.ofLongs(shape(2, 1, 1, 1), 1, 4));
  }

  @Test
  void global_pooling_leaves_batch_and_channels() {
    String data = "float[1,2,1,2] x = {1, 2, 3, 5}";

    assertThat(node(13, data, "y = GlobalAveragePool (x)"))
        .isEqualTo(floats(shape(1, 2, 1, 1), 1.5, 4));
    assertThat(node(13, data, "y = GlobalMaxPool (x)")).isEqualTo(floats(shape(1, 2, 1, 1), 2, 5));
  }
}
