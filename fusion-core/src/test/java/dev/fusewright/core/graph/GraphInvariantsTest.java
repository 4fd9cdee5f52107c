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
package dev.fusewright.core.graph;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fusewright.core.text.GraphText;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GraphInvariantsTest {
  @Test
  void a_sound_graph_passes_whatever_the_order_of_its_nodes() {
    holds(
        """
        g (float[N] x) => (y) <float[1] w = {1}>
        {
           y = Add (t, w)
           t = Mul (x, w)
        }
        """);
  }

  @Test
  void a_value_may_have_one_definition_only() {
    breaks(
        "g (x) => (y) { y = Relu (x) y = Neg (x) }",
        "graph 'g': value 'y' is defined twice, the second time as output of Neg→y");
  }

  @Test
  void an_input_is_a_definition() {
    breaks(
        "g (x) => (x) { x = Relu (x) }",
        "graph 'g': value 'x' is defined twice, the second time as output of Relu→x");
  }

  @Test
  void two_initializers_of_one_name_are_refused() {
    breaks(
        "g () => (w) <float[1] w = {1}, float[1] w = {2}> {}",
        "graph 'g': value 'w' is defined twice, the second time as initializer");
  }

  @Test
  void an_initializer_may_be_the_default_of_an_input() {
    holds("g (float[1] w = {1}) => (y) { y = Relu (w) }");
  }

  @Test
  void what_a_node_reads_must_be_defined() {
    breaks(
        "g (x) => (y) { [add] y = Add (x, nowhere) }",
        "graph 'g': node 'add' reads 'nowhere', which nothing defines");
  }

  @Test
  void an_output_must_be_defined() {
    breaks("g (x) => (y) {}", "graph 'g': the graph's outputs reads 'y', which nothing defines");
  }

  @Test
  void an_absent_input_or_output_is_no_value() {
    holds("g (x) => (y) { y, \"\" = Dropout (x, \"\") z, \"\" = Dropout (x, \"\") }");
  }

  @Test
  void a_cycle_is_refused_and_its_first_node_named() {
    breaks(
        """
        g (x) => (y)
        {
           y = Relu (x)
           [first] a = Add (x, b)
           [second] b = Neg (a)
        }
        """,
        "graph 'g': node 'first' depends on its own output (a cycle)");
  }

  @Test
  void a_cycle_through_a_body_is_a_cycle() {
    breaks(
        """
        g (c, x) => (y)
        {
           [if] y = If (c) <then_branch = t () => (o) { o = Neg (z) }, else_branch = e () => (p) { p = Neg (x) }>
           z = Relu (y)
        }
        """,
        "graph 'g': node 'if' depends on its own output (a cycle)");
  }

  @Test
  void a_body_reads_the_scopes_around_it() {
    holds(
        """
        g (c, x) => (y)
        {
           y = If (c) <
              then_branch = t () => (o) { o = If (c) <then_branch = u () => (q) { q = Neg (x) },
                                                     else_branch = v () => (r) { r = Neg (late) }> },
              else_branch = e () => (p) { p = Neg (x) }>
           late = Relu (x)
        }
        """);
  }

  @Test
  void a_graph_does_not_see_the_values_of_its_bodies() {
    breaks(
        """
        g (c, x) => (o)
        {
           y = If (c) <then_branch = t () => (o) { o = Neg (x) }, else_branch = e () => (p) { p = Neg (x) }>
        }
        """,
        "graph 'g': the graph's outputs reads 'o', which nothing defines");
  }

  @Test
  void an_error_in_a_body_names_the_node_around_it() {
    breaks(
        """
        g (c, x) => (y)
        {
           [if] y = If (c) <then_branch = t () => (o) { o = Neg (q) }, else_branch = e () => (p) { p = Neg (x) }>
        }
        """,
        "graph 'g', body of 'if': node 'Neg→o' reads 'q', which nothing defines");
  }

  @Test
  void a_function_sees_its_own_values_only() {
    breaks(
        """
        g (x) => (y) { y = my.F (x) }
        <domain: "my", opset_import: ["" : 13]>
        F (a) => (b) { b = Relu (x) }
        """,
        "function 'my.F': node 'Relu→b' reads 'x', which nothing defines");
  }

  @Test
  void ids_are_unique_over_all_scopes() {
    Node node = new Node(3, "", OpKind.RELU, List.of("x"), List.of("y"), Map.of());
    Graph graph =
        new Graph(
            "g",
            List.of(node, node.withOutputs(List.of("z"))),
            List.of(),
            List.of(ValueInfo.untyped("x")),
            List.of());

    assertThatExceptionOfType(GraphException.class)
        .isThrownBy(
            () -> GraphInvariants.check(new ModelGraph(8, Map.of("", 13L), graph, List.of())))
        .withMessage("graph 'g': two nodes have the id 3");
  }

  @Test
  void a_long_chain_is_checked_in_time_linear_in_its_length() {
    StringBuilder nodes = new StringBuilder();
    int length = 50_000;
    for (int i = length; i > 0; i--) {
      nodes.append("v%d = Relu (v%d)\n".formatted(i, i - 1));
    }
    holds("g (v0) => (v%d) { %s }".formatted(length, nodes));
  }

  private static void holds(String text) {
    assertThatCode(() -> GraphInvariants.check(GraphText.parse(text))).doesNotThrowAnyException();
  }

  private static void breaks(String text, String message) {
    assertThatExceptionOfType(GraphException.class)
        .isThrownBy(() -> GraphInvariants.check(GraphText.parse(text)))
        .withMessage(message);
  }
}
