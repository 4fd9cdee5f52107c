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
package dev.fusewright.core.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.graph.GraphInvariants;
import dev.fusewright.core.graph.ModelGraph;
import java.util.List;
import org.junit.jupiter.api.Test;

class NeighbourhoodTest {
  private static final ModelGraph CHAIN =
      GraphText.parse(
          """
          g (float[1,3] x) => (float[1,3] f, b)
          <float[3] k = {1.0, 2.0, 3.0}, float[3] far = {4.0, 5.0, 6.0}, float[1,3] c>
          {
            a = Add(x, far)
            b = Abs(a)
            c = Mul(b, k)
            [centre] d = Relu(c)
            e = Neg(d)
            f = Sigmoid(e)
            g = Tanh(f)
          }
          """);

  @Test
  void the_nodes_within_the_steps_are_a_graph_of_their_own() {
    List<ModelGraph> found = Neighbourhood.of(CHAIN, "centre", 2);

    assertThat(found).hasSize(1);
    assertThat(GraphText.printShort(found.get(0)))
        .isEqualTo(
            """
            <ir_version: 8, opset_import: ["" : 13]>
            g (a) => (b, float[1,3] f)
               <float[3] k = {1.0, 2.0, 3.0},
                float[1,3] c>
            {
               b = Abs (a)
               c = Mul (b, k)
               [centre] d = Relu (c)
               e = Neg (d)
               f = Sigmoid (e)
            }
            """);
    GraphInvariants.check(found.get(0));
  }

  @Test
  void a_node_is_found_by_its_label_and_by_what_it_computes_too() {
    assertThat(Neighbourhood.of(CHAIN, "Mul→c", 1)).isEqualTo(Neighbourhood.of(CHAIN, "c", 1));
    assertThat(Neighbourhood.of(CHAIN, "c", 0).get(0).graph().nodes()).hasSize(1);
    assertThat(Neighbourhood.of(CHAIN, "x", 2)).as("no node computes it").isEmpty();
  }

  @Test
  void a_node_of_a_body_has_what_the_body_captures_among_its_inputs() {
    ModelGraph model =
        GraphText.parse(
            """
            g (float[1] x, bool c) => (z)
            {
              y = Neg(x)
              z = If(c) <
                then_branch = then () => (r) { [inner] r = Abs(y) },
                else_branch = else () => (s) { s = Relu(y) }>
            }
            """);

    assertThat(Neighbourhood.of(model, "inner", 2).get(0).graph().inputs())
        .extracting(input -> input.name())
        .containsExactly("y");
    assertThat(Neighbourhood.of(model, "y", 1).get(0).graph().nodes()).hasSize(2);
  }
}
