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
package dev.fusewright.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.core.engine.StepwisePlanning;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.text.GraphText;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActivationTest {
  private static Optional<Activation> of(String node) {
    GraphView graph =
        new StepwisePlanning(
                GraphText.parse(
                    """
                    g (float[1,4] x, float high) => (float[] y)
                    <float zero = {0}, float one = {1}, float six = {6}, float[4] slope = random(1)>
                    { y = %s }
                    """
                        .formatted(node)))
            .graph();
    return Activation.of(graph, Objects.requireNonNull(graph.producer("y")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Relu(x)|RELU",
        "Clip(x, zero, six)|RELU6",
        "Clip<min=0.0, max=6.0>(x)|RELU6",
        "Clip(x, zero, one)|HARDTANH",
        "HardSwish(x)|HARDSWISH",
        "HardSigmoid<alpha=0.16666667>(x)|HARDSIGMOID",
        "Swish(x)|SILU",
        "LeakyRelu<alpha=0.2>(x)|LEAKY_RELU",
        "PRelu(x, slope)|PRELU",
        "Elu<alpha=0.5>(x)|ELU",
        "Selu(x)|SELU",
        "Gelu<approximate=\"tanh\">(x)|GELU",
        "Sigmoid(x)|SIGMOID",
        "Tanh(x)|TANH"
      })
  void a_single_node_is_told_by_its_operator_attributes_and_constant_operands(
      String node, Activation activation) {
    assertThat(of(node)).contains(activation);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Abs(x)",
        "Clip(x, zero, high)",
        "Clip(x, zero)",
        "HardSigmoid(x)",
        "HardSigmoid<alpha=0.16666667, beta=0.4>(x)",
        "Swish<alpha=2.0>(x)",
        "Selu<gamma=1.0>(x)",
        "my.domain.Relu(x)"
      })
  void what_only_looks_like_one_is_none(String node) {
    assertThat(of(node)).isEmpty();
  }

  @Test
  void a_node_alone_tells_a_clip_only_where_its_bounds_are_attributes() {
    Node attributes =
        GraphText.parse("g (float[1] x) => (y) { y = Clip<min=0.0, max=6.0>(x) }")
            .graph()
            .nodes()
            .get(0);
    Node operands =
        GraphText.parse("g (float[1] x, float a, float b) => (y) { y = Clip(x, a, b) }")
            .graph()
            .nodes()
            .get(0);

    assertThat(Activation.of(attributes)).contains(Activation.RELU6);
    assertThat(Activation.of(operands)).isEmpty();
  }

  @Test
  void a_clip_is_no_operator_of_its_own() {
    assertThat(Activation.RELU.operator().type()).isEqualTo("Relu");
    assertThatThrownBy(Activation.RELU6::operator)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("ReLU6");
  }

  @Test
  void each_has_a_name_of_its_own_in_pytorch() {
    assertThat(Arrays.stream(Activation.values()).map(Activation::torchName))
        .doesNotHaveDuplicates();
    assertThat(Activation.named("LeakyReLU")).contains(Activation.LEAKY_RELU);
    assertThat(Activation.named("Relu")).isEmpty();
    assertThat(Activation.LEAKY_RELU.id()).isEqualTo("leaky-relu");
  }
}
