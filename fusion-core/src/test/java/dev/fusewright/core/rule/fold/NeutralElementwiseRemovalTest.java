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
package dev.fusewright.core.rule.fold;

import dev.fusewright.core.plan.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NeutralElementwiseRemovalTest {
  private static String graph(int opset, String outputs, String node) {
    return """
    <ir_version: 8, opset_import: ["" : %d]>
    g (float[N,3] x) => (%s)
    <float one = {1}, float[1] ones = {1}, float zero = {0}, float minus = {-0.0}, float half = {0.5},
     float[3] row = {1,1,1}, float[1,3] zeros = {0,0,0}, float[1,1,1] high = {1}, float[2,1] column = {1,1},
     float[3] mixed = {1,1,2}>
    {
      a = Sigmoid(x)
      %s
      z = Tanh(y)
    }
    """
        .formatted(opset, outputs, node);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mul-one  | y = Mul(a, one)",
        "mul-one  | y = Mul(ones, a)",
        "mul-one  | y = Div(a, one)",
        "add-zero | y = Add(a, zero)",
        "add-zero | y = Add(minus, a)",
        "add-zero | y = Sub(a, zero)"
      })
  void a_neutral_operand_is_passed_by(String rule, String node) {
    Fusing.inference(graph(13, "float[N,3] z", "[n] " + node))
        .fuses(rule, "Identity", "n")
        .leaves("a = Sigmoid (x)", "z = Tanh (a)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "y = Mul(a, half)",
        "y = Add(a, one)",
        "y = Mul(a, zero)",
        "y = Div(one, a)",
        "y = Sub(zero, a)",
        "y = Mul(a, mixed)",
        "y = Mul(a, high)",
        "y = Mul(a, column)"
      })
  void what_scales_shifts_inverts_or_enlarges_stays(String node) {
    Fusing.inference(graph(13, "float[] z", node).replace("float[N,3] x", "float[2,3] x"))
        .leavesItAlone();
  }

  @Test
  void a_promised_extent_is_no_ground_and_a_proven_one_is() {
    Fusing.inference(graph(13, "float[N,3] z", "y = Mul(a, row)")).leavesItAlone();
    Fusing.inference(
            graph(13, "float[N,3] z", "[n] y = Add(b, zeros)")
                .replace("a = Sigmoid(x)", "m = MatMul(x, w) b = Sigmoid(m)")
                .replace("float one =", "float[3,3] w = random(1), float one ="))
        .fuses("add-zero", "Identity", "n");
  }

  @Test
  void a_vector_of_one_enlarges_a_scalar_and_no_vector() {
    String text = graph(13, "float[] z", "y = Mul(a, ones)").replace("float[N,3] x", "float[2] x");

    Fusing.inference(text).fuses("mul-one", "Identity", "Mul→y");
    Fusing.inference(text.replace("float[2] x", "float x")).leavesItAlone();
  }

  @Test
  void the_name_of_an_output_moves_to_the_node_before() {
    Fusing.inference(graph(13, "float[N,3] y", "[n] y = Mul(a, one)").replace("z = Tanh(y)", ""))
        .fuses("mul-one", "Identity", "Sigmoid→a", "n")
        .leaves("y = Sigmoid (x)");
  }

  @Test
  void it_does_not_move_where_the_node_before_has_another_reader_or_name_to_keep() {
    Fusing.inference(graph(13, "float[N,3] y, float[N,3] u", "y = Mul(a, one) u = Abs(a)"))
        .refuses("mul-one", Reason.GRAPH_OUTPUT);
    Fusing.inference(graph(13, "float[N,3] y, float[N,3] a", "y = Mul(a, one)"))
        .refuses("mul-one", Reason.GRAPH_OUTPUT);
  }

  @Test
  void what_a_body_reads_stays_under_its_name() {
    Fusing.inference(
            """
            g (float[2] x, bool c) => (float[2] z)
            <float one = {1}>
            {
              b = Mul(x, one)
              z = If(c) <then_branch = t () => (float[2] p) { p = Abs(b) },
                         else_branch = e () => (float[2] q) { q = Neg(b) }>
            }
            """)
        .refuses("mul-one", Reason.OTHER_USES);
  }

  @Test
  void a_one_that_callers_may_override_stays() {
    Fusing.inference(
            graph(13, "float[N,3] z", "y = Mul(a, one)")
                .replace("float[N,3] x)", "float[N,3] x, float one)"))
        .leavesItAlone();
  }

  @Test
  void before_opset_7_the_second_operand_is_broadcast_and_the_first_keeps_its_shape() {
    Fusing.inference(
            graph(6, "float[2,3] z", "[n] y = Mul<broadcast=1>(a, ones)")
                .replace("float[N,3] x", "float[2,3] x"))
        .fuses("mul-one", "Identity", "n");
  }

  @Test
  void a_layer_takes_it_first_as_it_always_did() {
    Fusing.inference(
            """
            g (float[1,3,4,4] x) => (float[] z)
            <float[2,3,1,1] w = random(1), float one = {1}>
            {
              y = Conv(x, w)
              z = Mul(y, one)
            }
            """)
        .fuses("conv-elementwise", "Conv2d", "Conv→y", "Mul→z");
  }
}
