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

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.text.GraphText;
import org.junit.jupiter.api.Test;

final class ModelDiffTest {
  private static ModelGraph model(String weight, String nodes) {
    return GraphText.parse(
        """
        <ir_version: 8, opset_import: ["" : 13]>
        g (float[1,1,2,2] x) => (float[1,1,2,2] z)
        <float[1,1,1,1] w = {%s}>
        {
          %s
        }
        """
            .formatted(weight, nodes));
  }

  private static final String CHAIN = "[conv] y = Conv(x, w)\n  [relu] z = Relu(y)";

  @Test
  void a_model_does_not_differ_from_itself() {
    assertThat(ModelDiff.of(model("1.0", CHAIN), model("1.0", CHAIN)).isEmpty()).isTrue();
  }

  @Test
  void one_other_element_is_a_changed_parameter() {
    ModelDiff diff = ModelDiff.of(model("1.0", CHAIN), model("1.5", CHAIN));
    assertThat(diff.parameters().changes().changed()).containsExactly("w");
    assertThat(diff.nodes().isEmpty()).isTrue();
    assertThat(diff.isEmpty()).isFalse();
  }

  @Test
  void nodes_come_go_and_change() {
    ModelDiff diff =
        ModelDiff.of(
            model("1.0", CHAIN),
            model("1.0", "[conv] y = Conv<group = 1>(x, w)\n  [sigmoid] z = Sigmoid(y)"));
    assertThat(diff.nodes())
        .isEqualTo(
            new Changes(
                java.util.List.of("Relu relu"),
                java.util.List.of("Sigmoid sigmoid"),
                java.util.List.of("Conv conv")));
  }

  @Test
  void parameters_whose_values_a_text_leaves_out_are_compared_by_type_and_shape_alone() {
    ModelGraph whole = GraphText.parse("g () => (y) <float[12] w = random(1)> { y = Relu(w) }");
    ModelGraph outline =
        GraphText.parseShort("g () => (y) <float[12] w = {… 12 values}> { y = Relu(w) }", "t")
            .model();
    ModelGraph longer =
        GraphText.parseShort("g () => (y) <float[13] w = {… 13 values}> { y = Relu(w) }", "t")
            .model();

    ModelDiff same = ModelDiff.of(whole, outline);
    assertThat(same.isEmpty()).isTrue();
    assertThat(same.parameters().uncompared()).containsExactly("w");
    assertThat(ModelDiff.of(whole, longer).parameters().changes().changed()).containsExactly("w");
    assertThat(ModelDiff.of(whole, whole).parameters().uncompared()).isEmpty();
  }
}
