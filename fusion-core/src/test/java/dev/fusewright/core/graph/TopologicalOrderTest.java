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

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.text.GraphText;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopologicalOrderTest {
  private static final String UNSORTED =
      """
      <ir_version: 8, opset_import: ["": 15]>
      g (float[N] x, bool b) => (float[N] y) {
        [last] y = If <then_branch = then () => (float[N] t) { t = Neg (a) },
                       else_branch = other () => (float[N] e) { e = Neg (x) }> (b)
        [second] c = Relu (x)
        [first] a = Abs (x)
      }
      """;

  private static List<String> names(Graph graph) {
    return graph.nodes().stream().map(Node::name).toList();
  }

  @Test
  void a_node_comes_after_what_it_and_its_bodies_read_and_otherwise_where_it_stood() {
    ModelGraph model = GraphText.parse(UNSORTED);
    assertThat(names(TopologicalOrder.of(model.graph())))
        .containsExactly("second", "first", "last");
    assertThat(TopologicalOrder.isKeptBy(model)).isFalse();
  }

  @Test
  void a_scope_that_is_in_order_stays_the_same_instance() {
    Graph sorted = TopologicalOrder.of(GraphText.parse(UNSORTED).graph());
    assertThat(TopologicalOrder.of(sorted)).isSameAs(sorted);
  }

  @Test
  void a_cycle_has_no_order() {
    Graph graph = GraphText.parse(UNSORTED).graph();
    Node loop = graph.nodes().get(1).withInputs(List.of("c"));
    assertThat(TopologicalOrder.of(List.of(loop), List.of())).isEmpty();
    assertThat(TopologicalOrder.of(List.of(loop), List.of("c"))).hasValue(List.of(loop));
  }
}
