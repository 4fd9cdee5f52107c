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
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NormalizationsTest {
  /** Two channels; the first has a deviation of 2, the second of 1. */
  private static final String PARAMETERS =
      "float[2] s = {3, 1}, float[2] b = {10, 20}, float[2] m = {1, 2}, float[2] v = {3.75, 0.75}";

  private static final String NORMALIZED = "float[1,2,2] x = {1, 3, 2, 5}, " + PARAMETERS;

  @ParameterizedTest
  @ValueSource(longs = {7, 8, 9, 13, 14, 15})
  void in_inference_batch_normalization_uses_the_given_statistics(long opset) {
    NdArray y = node(opset, NORMALIZED, "y = BatchNormalization <epsilon = 0.25> (x, s, b, m, v)");

    assertThat(y).isEqualTo(floats(shape(1, 2, 2), 10, 13, 20, 23));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 6})
  void before_operator_set_7_inference_is_asked_for(long opset) {
    String call = "y = BatchNormalization <epsilon = 0.25%s> (x, s, b, m, v)";

    assertThat(node(opset, NORMALIZED, call.formatted(", is_test = 1")).values())
        .containsExactly(10, 13, 20, 23);
    assertThat(node(opset, NORMALIZED, call.formatted(", is_test = 0")).values())
        .doesNotContain(10.0);
  }

  @Test
  void epsilon_is_1e_minus_5_as_a_float_unless_given() {
    NdArray y =
        node(
            13,
            "float[1,1] x = {1}, float[1] one = {1}, float[1] zero = {0}",
            "y = BatchNormalization (x, one, zero, zero, zero)");

    assertThat(y.values()).containsExactly(1 / Math.sqrt(1e-5f));
  }

  @Test
  void from_operator_set_14_training_is_an_attribute_and_yields_running_statistics() {
    List<NdArray> results =
        answers(
            """
            <opset_import: ["" : 15]>
            g () => (y, mean, var) <float[2,1,2] x = {1, 3, 5, 7}, float[1] s = {2}, float[1] b = {1},
                                    float[1] m = {10}, float[1] v = {100}>
            { y, mean, var = BatchNormalization <training_mode = 1, epsilon = 4, momentum = 0.75> (x, s, b, m, v) }
            """
                .replace("epsilon = 4", "epsilon = 4.0"));

    // Mean 4, variance 5 over both samples: divided by √(5 + 4).
    assertThat(results.get(0).values()).containsExactly(-1, 1 - 2 / 3.0, 1 + 2 / 3.0, 3);
    assertThat(results.get(1).values()).containsExactly(0.75 * 10 + 0.25 * 4);
    assertThat(results.get(2).values())
        .as("the biased variance")
        .containsExactly(0.75 * 100 + 0.25 * 5);
  }

  @Test
  void before_operator_set_14_training_shows_only_as_further_outputs() {
    List<NdArray> results =
        answers(
            """
            <opset_import: ["" : 9]>
            g () => (y, mean, var, saved_mean, saved_var) <float[2,1] x = {1, 3}, float[1] one = {1}, float[1] b = {0},
                                                           float[1] m = {10}, float[1] v = {100}>
            { y, mean, var, saved_mean, saved_var = BatchNormalization <epsilon = 3.0, momentum = 0.5> (x, one, b, m, v) }
            """);

    assertThat(results)
        .extracting(result -> result.values()[0])
        .containsExactly(-0.5, 6.0, 50.5, 2.0, 1.0);
  }

  @Test
  void without_spatial_every_element_of_a_sample_has_its_own_statistics() {
    NdArray y =
        node(
            7,
            "float[2,1,2] x = {1, 2, 3, 4}, float[1,2] s = {1, 10}, float[1,2] zero = {0, 0}, float[1,2] one = {1, 1}",
            "y = BatchNormalization <spatial = 0, epsilon = 0.0> (x, s, zero, one, one)");

    assertThat(y.values()).containsExactly(0, 10, 2, 30);
  }

  @Test
  void a_parameter_of_the_wrong_length_or_rank_is_refused() {
    String wrong = NORMALIZED.replace("float[2] b = {10, 20}", "float[%s] b = fill(1)");
    for (String dims : List.of("3", "1,2,1")) {
      assertThatExceptionOfType(ReferenceException.class)
          .isThrownBy(
              () -> node(13, wrong.formatted(dims), "[bn] y = BatchNormalization (x, s, b, m, v)"))
          .withMessage(
              "node 'bn' (BatchNormalization): B has the shape [%s], expected [2]".formatted(dims));
    }
  }

  @Test
  void instance_normalization_is_per_sample_and_channel() {
    NdArray y =
        node(
            13,
            "float[2,1,2] x = {1, 3, 10, 30}, float[1] s = {4}, float[1] b = {1}",
            "y = InstanceNormalization <epsilon = 3.0> (x, s, b)");

    assertThat(y.values())
        .containsExactly(
            new double[] {-1, 3, 1 - 40 / Math.sqrt(103), 1 + 40 / Math.sqrt(103)}, within(1e-12));
  }

  @Test
  void layer_normalization_is_over_the_last_axes_and_hands_out_its_moments() {
    List<NdArray> results =
        answers(
            """
            <opset_import: ["" : 17]>
            g () => (y, mean, inverse) <float[2,2] x = {1, 3, 10, 10}, float[2] s = {2, 4}, float[2] b = {0, 1}>
            { y, mean, inverse = LayerNormalization <epsilon = 3.0> (x, s, b) }
            """);

    assertThat(results.get(0)).isEqualTo(floats(shape(2, 2), -1, 3, 0, 1));
    assertThat(results.get(1)).isEqualTo(floats(shape(2, 1), 2, 10));
    assertThat(results.get(2)).isEqualTo(floats(shape(2, 1), 0.5, 1 / Math.sqrt(3)));
  }

  @Test
  void the_scale_of_group_normalization_is_per_group_and_later_per_channel() {
    String call = "y = GroupNormalization <num_groups = 1, epsilon = 3.0> (x, s, b)";

    assertThat(
            node(18, "float[1,2,1] x = {1, 3}, float[1] s = {4}, float[1] b = {1}", call).values())
        .containsExactly(-1, 3);
    assertThat(
            node(21, "float[1,2,1] x = {1, 3}, float[2] s = {4, 8}, float[2] b = {0, 1}", call)
                .values())
        .containsExactly(-2, 5);
  }

  @Test
  void local_response_normalization_looks_at_neighbouring_channels() {
    NdArray y =
        node(
            13,
            "float[1,3,1] x = {1, 2, 3}",
            "y = LRN <size = 3, alpha = 3.0, beta = 1.0, bias = 1.0> (x)");

    assertThat(y.values()).containsExactly(1 / 6.0, 2 / 15.0, 3 / 14.0);
  }
}
