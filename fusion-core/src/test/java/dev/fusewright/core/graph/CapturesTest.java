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
import java.util.Set;
import org.junit.jupiter.api.Test;

class CapturesTest {
  @Test
  void a_node_without_bodies_captures_nothing() {
    assertThat(capturesOf("y = Relu (x)")).isEmpty();
  }

  @Test
  void a_body_captures_what_it_reads_and_does_not_define() {
    assertThat(
            capturesOf(
                "y = If (c) <then_branch = t () => (o) <float[1] k = {1}> { s = Add (x, k) o = Mul (s, w) }>"))
        .containsExactly("x", "w");
  }

  @Test
  void the_inputs_of_a_body_are_its_own() {
    assertThat(capturesOf("y = Loop (n, c) <body = b (i, go, v) => (go, v) { v2 = Add (v, i) }>"))
        .isEmpty();
  }

  @Test
  void an_output_of_a_body_can_be_a_capture() {
    assertThat(capturesOf("y = If (c) <then_branch = t () => (x) {}>")).containsExactly("x");
  }

  @Test
  void a_body_in_a_body_captures_through_both() {
    assertThat(
            capturesOf(
                """
                y = If (c) <then_branch = t () => (o) {
                  inner = Relu (x)
                  o = If (d) <then_branch = u () => (p) { p = Add (inner, far) }>
                }>
                """))
        .containsExactlyInAnyOrder("x", "d", "far");
  }

  @Test
  void all_bodies_of_a_node_count_and_absent_inputs_do_not() {
    assertThat(
            capturesOf(
                "y = If (c) <then_branch = t () => (o) { o = Clip (a, \"\", m) }, else_branch = e () => (p) { p = Neg (b) }>"))
        .containsExactlyInAnyOrder("a", "m", "b");
  }

  private static Set<String> capturesOf(String node) {
    return Captures.of(GraphText.parse("g () => () { " + node + " }").graph().nodes().get(0));
  }
}
