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

import static dev.fusewright.core.reference.Evaluation.answer;
import static dev.fusewright.core.reference.Evaluation.answers;
import static dev.fusewright.core.reference.Evaluation.floats;
import static dev.fusewright.core.reference.Evaluation.shape;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.testing.TakesLong;
import dev.fusewright.core.text.GraphText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReferenceEvaluatorTest {
  private static final NdArray ONE = floats(1);

  @Test
  void nodes_are_evaluated_in_the_order_of_their_data() {
    assertThat(answer("g () => (y) <float[1] x = {2}> { y = Add (t, x) t = Mul (x, x) }"))
        .isEqualTo(floats(6));
  }

  @Test
  void nothing_is_rounded_to_the_type_of_a_value() {
    NdArray third =
        answer("g () => (y) <float16[1] a = {1.0}, float16[1] b = {3.0}> { y = Div (a, b) }");

    assertThat(third.type()).isEqualTo(ElementType.FLOAT16);
    assertThat(third.values()).containsExactly(1 / 3.0);
    assertThat(third.rounded().values()).containsExactly(0.333251953125);
  }

  @Test
  void an_initializer_stands_in_for_an_input_that_is_not_given() {
    ModelGraph model = GraphText.parse("g (float[1] x = {2}) => (y) { y = Neg (x) }");

    assertThat(ReferenceEvaluator.evaluate(model, Map.of())).containsEntry("y", floats(-2));
    assertThat(ReferenceEvaluator.evaluate(model, Map.of("x", ONE))).containsEntry("y", floats(-1));
  }

  @Test
  void an_input_without_a_value_is_named() {
    assertThatExceptionOfType(GraphException.class)
        .isThrownBy(() -> answer("g (float[1] x) => (y) { y = Neg (x) }"))
        .withMessage("graph 'g': no value is given for input 'x'");
  }

  @Test
  void an_input_can_be_an_output() {
    ModelGraph model = GraphText.parse("g (x) => (x) {}");

    assertThat(ReferenceEvaluator.evaluate(model, Map.of("x", ONE))).containsEntry("x", ONE);
  }

  @Test
  void inner_values_can_be_observed() {
    assertThat(valuesOf("g (x) => (z) { y = Neg (x) z = Exp (y) }", Map.of("x", ONE), "y"))
        .isEqualTo(floats(-1));
  }

  @Test
  void a_given_inner_value_cuts_off_what_lies_before_it() {
    assertThat(valuesOf("g (x) => (z) { y = Unheard (x) z = Neg (y) }", Map.of("y", ONE), "z"))
        .isEqualTo(floats(-1));
  }

  @Test
  void what_no_wanted_value_needs_is_not_evaluated() {
    assertThat(valuesOf("g (x) => (z) { y = Neg (x) z = Unheard (y) }", Map.of("x", ONE), "y"))
        .isEqualTo(floats(-1));
  }

  @TakesLong
  @Test
  void a_value_is_dropped_after_its_last_reader() {
    // 600 values of 16 MiB: together they would take ten gigabytes.
    StringBuilder nodes = new StringBuilder();
    for (int i = 1; i <= 600; i++) {
      nodes.append("v%d = Neg (v%d)\n".formatted(i, i - 1));
    }
    assertThat(
            answer("g () => (v600) <float[2097152] v0 = fill(1)> { %s }".formatted(nodes))
                .values()[0])
        .isEqualTo(1);
  }

  @Test
  void constants_are_read_when_they_are_needed() {
    List<String> read = new ArrayList<>();
    Graph graph = GraphText.parse("g () => (y) { y = Neg (used) z = Neg (unused) }").graph();
    Graph withConstants =
        new Graph(
            "g",
            graph.nodes(),
            List.of(recorded("used", read), recorded("unused", read)),
            List.of(),
            graph.outputs());

    new ReferenceEvaluator(Map.of("", 13L), List.of()).outputs(withConstants, Map.of());

    assertThat(read).containsExactly("used");
  }

  private static Initializer recorded(String name, List<String> read) {
    return new Initializer(
        name,
        new StoredTensor(
            ElementType.FLOAT,
            shape(1),
            (offset, destination) -> {
              read.add(name);
              destination.put(new byte[destination.remaining()]);
            }));
  }

  @Test
  void what_a_source_says_when_it_fails_is_passed_on() {
    Graph graph = GraphText.parse("g () => (y) { y = Neg (w) }").graph();
    Initializer broken =
        new Initializer(
            "w",
            new StoredTensor(
                ElementType.FLOAT,
                shape(1),
                (offset, destination) -> {
                  throw new TensorReadException("disk gone", null);
                }));
    Graph with = new Graph("g", graph.nodes(), List.of(broken), List.of(), graph.outputs());

    assertThatExceptionOfType(TensorReadException.class)
        .isThrownBy(
            () -> new ReferenceEvaluator(Map.of("", 13L), List.of()).outputs(with, Map.of()))
        .withMessage("disk gone");
  }

  @Test
  void a_loop_that_does_not_end_is_stopped() {
    ModelGraph endless =
        GraphText.parse(
            """
            g () => (y) <bool go = {1}, float[1] start = {0}>
            { [loop] y = Loop ("", go, start) <body = b (i, c, v) => (c, v) {}> }
            """);

    assertThatExceptionOfType(EvaluationBudgetException.class)
        .isThrownBy(() -> limited(endless, 1_000_000))
        .withMessage("node 'loop' (Loop): the evaluation takes more than 1000000 operations");
  }

  @Test
  void operations_are_counted_before_they_are_done() {
    // 3·3·8 multiply-adds for each of 16·30·30 outputs, some more for the nodes: 1,036,800 + …
    ModelGraph model =
        GraphText.parse(
            "g () => (y) <float[1,8,32,32] x = fill(1), float[16,8,3,3] w = fill(1)> { y = Conv (x, w) }");

    assertThatExceptionOfType(EvaluationBudgetException.class)
        .isThrownBy(() -> limited(model, 1_036_800));
    assertThat(limited(model, 1_060_000).get("y").values()).containsOnly(72);
  }

  private static Map<String, NdArray> limited(ModelGraph model, long operations) {
    return new ReferenceEvaluator(model.opsets(), model.functions())
        .withOperations(operations)
        .outputs(model.graph(), Map.of());
  }

  @Test
  void an_unknown_operator_is_named_with_its_node() {
    assertThatExceptionOfType(UnsupportedOperatorException.class)
        .isThrownBy(() -> answer("g () => (y) <float[1] x = {1}> { [odd] y = my.Unheard (x) }"))
        .withMessage("node 'odd' (my.Unheard): this operator is not supported")
        .satisfies(error -> assertThat(error.operator()).isEqualTo("my.Unheard"));
  }

  @Test
  void a_constant_of_a_type_without_arithmetic_is_named_with_its_reader() {
    Graph graph = GraphText.parse("g () => (y) { [n] y = Identity (w) }").graph();
    StoredTensor strings =
        new StoredTensor(ElementType.STRING, shape(1), (offset, destination) -> {});
    Graph with =
        new Graph(
            "g", graph.nodes(), List.of(new Initializer("w", strings)), List.of(), graph.outputs());

    assertThatExceptionOfType(UnsupportedOperatorException.class)
        .isThrownBy(
            () -> new ReferenceEvaluator(Map.of("", 13L), List.of()).outputs(with, Map.of()))
        .withMessage("node 'n' (Identity): input 'w': no arithmetic on string");
  }

  @Test
  void a_sparse_constant_is_not_supported() {
    Node node = new Node(0, "n", OpKind.RELU, List.of("w"), List.of("y"), Map.of());
    Graph graph =
        new Graph(
            "g",
            List.of(node),
            List.of(),
            List.of(),
            List.of(ValueInfo.untyped("y")),
            List.of(),
            List.of(),
            List.of("w"));

    assertThatExceptionOfType(UnsupportedOperatorException.class)
        .isThrownBy(
            () -> new ReferenceEvaluator(Map.of("", 13L), List.of()).outputs(graph, Map.of()))
        .withMessage("node 'n' (Relu): input 'w' is a sparse constant");
  }

  @Test
  void shapes_that_do_not_fit_are_reported_with_the_node() {
    assertThatExceptionOfType(ReferenceException.class)
        .isThrownBy(
            () ->
                answer(
                    "g () => (y) <float[2] a = {1, 2}, float[3] b = {1, 2, 3}> { [add] y = Add (a, b) }"))
        .withMessage("node 'add' (Add): shapes do not broadcast: [[2], [3]]");
  }

  @Test
  void a_domain_without_an_operator_set_is_reported() {
    assertThatExceptionOfType(ReferenceException.class)
        .isThrownBy(
            () ->
                answer(
                    "<opset_import: [\"my\" : 1]> g () => (y) <float[1] x = {1}> { [n] y = Neg (x) }"))
        .withMessage("node 'n' (Neg): no operator set is imported for its domain");
  }

  @Test
  void a_cycle_is_reported() {
    assertThatExceptionOfType(GraphException.class)
        .isThrownBy(() -> answer("g () => (y) { y = Neg (z) z = Neg (y) }"))
        .withMessage("graph 'g': a node depends on its own output (a cycle)");
  }

  @Test
  void a_function_gets_its_inputs_attributes_and_operator_set() {
    // Softmax of a matrix in operator set 12, along the last axis in 13.
    String call =
        """
        <ir_version: 8, opset_import: ["" : 13, "my" : 1]>
        g () => (y) <float[1,2,1] x = {1, 1}, float[1] k = {10}> { y = my.Scaled <times = 0.5> (x, k) }
        <domain: "my", opset_import: ["" : 12]>
        Scaled <times, axis> (a, b) => (c)
        {
           s = Softmax <axis = @axis> (a)
           t = LeakyRelu <alpha = @times> (n)
           n = Neg (b)
           c = Mul (s, t)
        }
        """;
    assertThat(answer(call)).isEqualTo(floats(shape(1, 2, 1), -2.5, -2.5));
  }

  @Test
  void an_attribute_that_a_call_leaves_out_is_the_functions_default() {
    String call =
        """
        <ir_version: 9, opset_import: ["" : 13, "my" : 1]>
        g () => (y) <float[1] x = {-1}> { y = my.Leaky%s (x) }
        <domain: "my", opset_import: ["" : 13]>
        Leaky <alpha = 0.5> (a) => (b) { b = LeakyRelu <alpha = @alpha> (a) }
        """;
    assertThat(answer(call.formatted(""))).isEqualTo(floats(shape(1), -0.5));
    assertThat(answer(call.formatted(" <alpha = 0.25>"))).isEqualTo(floats(shape(1), -0.25));
  }

  @Test
  void an_input_that_a_call_leaves_out_is_absent_in_the_function() {
    assertThat(
            answer(
                """
                <ir_version: 8, opset_import: ["" : 13, "my" : 1]>
                g () => (y) <float[3] x = {-9, 0, 9}, float m = {1}> { y = my.Cut (x, "", m) }
                <domain: "my", opset_import: ["" : 13]>
                Cut (a, low, high) => (b) { b = Clip (a, low, high) }
                """))
        .isEqualTo(floats(-9, 0, 1));
  }

  @Test
  void a_function_may_call_another() {
    assertThat(
            answer(
                """
                <ir_version: 8, opset_import: ["" : 13, "my" : 1]>
                g () => (y) <float[1] x = {3}> { y = my.Outer (x) }
                <domain: "my", opset_import: ["" : 13, "my" : 1]>
                Outer (a) => (b) { t = my.Inner (a) b = Neg (t) }
                <domain: "my", opset_import: ["" : 13]>
                Inner (a) => (b) { b = Mul (a, a) }
                """))
        .isEqualTo(floats(-9));
  }

  @Test
  void only_the_branch_that_the_condition_chooses_is_evaluated() {
    String text =
        """
        g () => (y) <bool c = {%d}, float[1] x = {2}>
        {
           y = If (c) <then_branch = t () => (o) { o = Neg (s) }, else_branch = e () => (p) { p = Mul (s, x) }>
           s = Exp (z)
           z = Sub (x, x)
        }
        """;
    assertThat(answer(text.formatted(1))).isEqualTo(floats(-1));
    assertThat(answer(text.formatted(0))).isEqualTo(floats(2));
  }

  @Test
  void a_loop_carries_values_and_collects_others() {
    List<NdArray> results =
        answers(
            """
            g () => (sum, all) <int64 n = {4}, bool go = {1}, float[1] start = {0}, float[1] step = {2}>
            {
               sum, all = Loop (n, go, start) <body = b (i, c, v) => (c2, w, v)
               {
                  w = Add (v, step)
                  limit = Constant <value_floats = [4.0]> ()
                  c2 = Less (v, limit)
               }>
            }
            """);

    assertThat(results.get(0)).as("v was 0, 2, and 4 ended it").isEqualTo(floats(6));
    assertThat(results.get(1)).isEqualTo(floats(shape(3, 1), 0, 2, 4));
  }

  @Test
  void a_scan_walks_along_its_inputs() {
    List<NdArray> results =
        answers(
            """
            g () => (sum, partial) <float zero = {0}, float[3] x = {1, 2, 3}>
            {
               sum, partial = Scan (zero, x) <num_scan_inputs = 1, scan_input_directions = [1], body = b (s, e) => (t, u)
               {
                  t = Add (s, e)
                  u = Identity (t)
               }>
            }
            """);

    assertThat(results.get(0)).isEqualTo(NdArray.scalar(ElementType.FLOAT, 6));
    assertThat(results.get(1)).as("backwards").isEqualTo(floats(3, 5, 6));
  }

  @Test
  void attributes_of_a_call_reach_nodes_in_bodies() {
    assertThat(
            answer(
                """
                <ir_version: 8, opset_import: ["" : 13, "my" : 1]>
                g () => (y) <float[1] x = {-1}, bool c = {1}> { y = my.F <a = 0.25> (x, c) }
                <domain: "my", opset_import: ["" : 13]>
                F <a> (x, c) => (y)
                {
                   y = If (c) <then_branch = t () => (o) { o = LeakyRelu <alpha = @a> (x) },
                               else_branch = e () => (p) { p = Neg (x) }>
                }
                """))
        .isEqualTo(floats(-0.25));
  }

  private static NdArray valuesOf(String text, Map<String, NdArray> given, String wanted) {
    ModelGraph model = GraphText.parse(text);
    return new ReferenceEvaluator(model.opsets(), model.functions())
        .values(model.graph(), given, Set.of(wanted))
        .values()
        .iterator()
        .next();
  }
}
