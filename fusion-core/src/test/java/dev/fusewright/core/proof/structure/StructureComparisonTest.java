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
package dev.fusewright.core.proof.structure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.text.GraphText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StructureComparisonTest {
  private static ModelGraph model(String outputs, String constants, String nodes) {
    return GraphText.parse(
        """
        <ir_version: 8, opset_import: ["" : 13]>
        g (float[N,4] x, float[N,4] y) => (%s)
        <float[4,4] w = random(1), float[4] b = random(2)%s>
        {
          %s
        }
        """
            .formatted(outputs, constants, nodes));
  }

  private static ModelGraph model(String nodes) {
    return model("float[N,4] z", "", nodes);
  }

  private static StructureComparison compare(String first, String second) {
    return StructureComparison.of(model(first), model(second));
  }

  @Test
  void names_order_copies_and_the_spelling_of_constants_do_not_matter() {
    ModelGraph first = model("m = MatMul(x, w)\n  a = Add(m, b)\n  z = Mul(a, a)");
    ModelGraph second =
        GraphText.parse(
            """
            <ir_version: 8, opset_import: ["" : 13]>
            other (float[N,4] x, float[N,4] y) => (float[N,4] z)
            <float[4,4] "w'" = random(1)>
            {
              z = Mul(one, two)
              one = Add(sum, bias)
              bias = Identity(given)
              given = Constant<value = float[4] random(2)>()
              two = Add(again, given)
              again = MatMul(x, "w'")
              sum = MatMul(x, "w'")
            }
            """);

    StructureComparison found = StructureComparison.of(first, second);

    assertThat(found.isExact()).as(found.difference()).isTrue();
    assertThat(found.nodes()).isEqualTo(3);
    assertThat(found.parameters()).isEqualTo(2);
  }

  @Test
  void an_attribute_may_hold_its_default_and_nothing_else() {
    String bare = "z = Gemm(x, w, b)";
    assertThat(compare(bare, "z = Gemm<alpha = 1.0, transA = 0>(x, w, b)").isExact()).isTrue();
    assertThat(compare(bare, "z = Gemm<alpha = 2.0>(x, w, b)").difference())
        .contains("Gemm", "differ in alpha", "not given", "2.0");
  }

  @ParameterizedTest
  @CsvSource({"Add,true", "Mul,true", "Sub,false", "Div,false", "MatMul,false", "PRelu,false"})
  void operands_of_commutative_operators_alone_may_be_exchanged(String operator, boolean same) {
    String given = "z = %s(x, y)".formatted(operator);
    String exchanged = "z = %s(y, x)".formatted(operator);
    assertThat(compare(given, exchanged).isExact()).isEqualTo(same);
  }

  @Test
  void outputs_are_told_apart_by_name_and_place() {
    String nodes = "z = Relu(x)\n  v = Tanh(x)";
    ModelGraph first = model("float[N,4] z, float[N,4] v", "", nodes);
    assertThat(
            StructureComparison.of(first, model("float[N,4] v, float[N,4] z", "", nodes))
                .difference())
        .contains("the outputs are [z, v] in the first and [v, z] in the second");
    ModelGraph exchanged = model("float[N,4] z, float[N,4] v", "", "v = Relu(x)\n  z = Tanh(x)");
    assertThat(StructureComparison.of(first, exchanged).difference())
        .contains("Relu 'Relu→z'", "Tanh 'Tanh→z'");
  }

  @Test
  void an_operator_that_is_missing_is_named_with_what_stands_in_its_place() {
    assertThat(compare("r = Relu(x)\n  z = Tanh(r)", "z = Tanh(x)").difference())
        .contains("output 'z'", "Relu 'Relu→r'", "the input 'x'");
  }

  @Test
  void a_parameter_is_the_same_only_bit_by_bit() {
    ModelGraph first = model("float[N,4] z", ", float[4] c = {1, 2, 3, 4}", "z = Add(x, c)");
    ModelGraph off = model("float[N,4] z", ", float[4] c = {1, 2, 3, 4.5}", "z = Add(x, c)");
    ModelGraph near = model("float[N,4] z", ", float[4] c = {1, 2, 3, 4.0000005}", "z = Add(x, c)");
    assertThat(StructureComparison.of(first, off).difference())
        .contains("'c' of the first is not 'c' of the second", "element 3 is 4.0");
    StructureComparison close = StructureComparison.of(first, near);
    assertThat(close.isExact()).isFalse();
    assertThat(close.near()).hasSize(1);
  }

  @Test
  void integers_and_what_they_mean_to_others_are_never_nearly_the_same() {
    String constants = ", int64[2] s = {2, %d}";
    ModelGraph first = model("float z", constants.formatted(-1), "z = Reshape(x, s)");
    ModelGraph second = model("float z", constants.formatted(8), "z = Reshape(x, s)");
    assertThat(StructureComparison.of(first, second).difference()).contains("'s' of the first");
  }

  @Test
  void a_shape_that_is_computed_is_that_which_somebody_else_computed_before() {
    String computed =
        """
        s = Shape(x)
        i = Constant<value = int64[1] {1}>()
        k = Gather(s, i)
        m = Constant<value = int64[1] {-1}>()
        t = Concat<axis = 0>(m, k)
        z = Reshape(y, t)
        """;
    ModelGraph before = model(computed);
    StructureComparison found =
        StructureComparison.of(
            before, model("float[N,4] z", ", int64[2] t = {-1, 4}", "z = Reshape(y, t)"));
    assertThat(found.isExact()).as(found.difference()).isTrue();
    assertThat(found.restsOnPromise()).isTrue();
    assertThat(
            StructureComparison.of(
                    before, model("float[N,4] z", ", int64[2] t = {-1, 2}", "z = Reshape(y, t)"))
                .difference())
        .isNotNull();
  }

  @Test
  void one_source_of_chance_does_not_stand_for_two() {
    String two = "r = RandomNormalLike(x)\n  s = RandomNormalLike(x)\n  z = Sub(r, s)";
    assertThat(compare(two, two).isExact()).isTrue();
    assertThat(compare(two, "r = RandomNormalLike(x)\n  z = Sub(r, r)").difference())
        .contains("stands for several");
  }

  @Test
  void a_norm_in_training_is_another_operator() {
    String constants =
        ", float[4] s = random(3), float[4] m = random(4), float[4] v = random(5, 0.5, 1.0)";
    String norm = "BatchNormalization%s(x, s, b, m, v)";
    ModelGraph first = model("float[N,4] z", constants, "z = " + norm.formatted(""));
    ModelGraph epsilon =
        model("float[N,4] z", constants, "z = " + norm.formatted("<epsilon = 0.001>"));
    ModelGraph training =
        model("float[N,4] z", constants, "z = " + norm.formatted("<training_mode = 1>"));
    ModelGraph momentum =
        model("float[N,4] z", constants, "z = " + norm.formatted("<momentum = 0.1>"));
    assertThat(StructureComparison.of(first, momentum).isExact()).isTrue();
    assertThat(StructureComparison.of(first, epsilon).difference()).contains("epsilon");
    assertThat(StructureComparison.of(first, training).difference()).contains("training_mode");
  }

  @Test
  void another_version_of_the_operators_may_mean_something_else() {
    ModelGraph model = model("z = Relu(x)");
    ModelGraph newer =
        new ModelGraph(model.irVersion(), Map.of("", 14L), model.graph(), model.functions());
    assertThat(StructureComparison.of(model, newer).difference()).contains("versions 13 and 14");
  }

  @Test
  void bodies_are_compared_with_what_they_read_from_around_them() {
    String branches =
        """
        c = Constant<value = bool {1}>()
        k = Relu(%s)
        z = If(c) <
          then_branch = t () => (float[N,4] a) { a = %s(k, w) },
          else_branch = e () => (float[N,4] o) { o = Add(b, k) }
        >
        """;
    String first = branches.formatted("x", "MatMul");
    String exchanged = first.replace("Add(b, k)", "Add(k, b)").replace("k = ", "j = ");
    assertThat(compare(first, exchanged.replace("(k, ", "(j, ").replace(", k)", ", j)")).isExact())
        .isTrue();
    assertThat(compare(first, branches.formatted("y", "MatMul")).difference())
        .contains("_branch of 'If→z'", "the input 'x'", "the input 'y'");
    assertThat(compare(first, branches.formatted("x", "Gemm")).difference())
        .contains("in then_branch", "MatMul", "Gemm");
  }

  @Test
  void functions_are_compared_by_what_they_do() {
    String model =
        """
        <ir_version: 8, opset_import: ["" : 13, "my" : 1]>
        g (float[N,4] x) => (float[N,4] z) { z = my.Twice(x) }
        <domain: "my", opset_import: ["" : 13]>
        Twice (%1$s) => (r) { r = %2$s(%1$s, %1$s) }
        """;
    ModelGraph first = GraphText.parse(model.formatted("a", "Add"));
    assertThat(
            StructureComparison.of(first, GraphText.parse(model.formatted("q", "Add"))).isExact())
        .isTrue();
    assertThat(
            StructureComparison.of(first, GraphText.parse(model.formatted("a", "Mul")))
                .difference())
        .contains("Add", "Mul");
  }

  @Test
  void a_default_of_a_functions_attribute_is_what_a_call_gets_that_passes_none() {
    String model =
        """
        <ir_version: 9, opset_import: ["" : 13, "my" : 1]>
        g (float[N,4] x) => (float[N,4] z) { z = my.Leaky(x) }
        <domain: "my", opset_import: ["" : 13]>
        Leaky <alpha%s> (a) => (r) { r = LeakyRelu<alpha = @alpha>(a) }
        """;
    ModelGraph tenth = GraphText.parse(model.formatted(": float = 0.1"));
    assertThat(StructureComparison.of(tenth, GraphText.parse(model.formatted(" = 0.1"))).isExact())
        .isTrue();
    assertThat(
            StructureComparison.of(tenth, GraphText.parse(model.formatted(" = 0.2"))).difference())
        .contains("the attribute 'alpha' of function my.Leaky is by default", "0.1", "0.2");
    assertThat(StructureComparison.of(tenth, GraphText.parse(model.formatted(""))).difference())
        .contains("0.1", "not given");
  }

  @Test
  void what_is_no_tensor_is_the_same_only_as_what_it_is_declared() {
    ModelGraph floats = counted("sequence(float)");
    assertThat(StructureComparison.of(floats, counted("sequence(float)")).isExact()).isTrue();
    assertThat(StructureComparison.of(floats, counted("sequence(int64)")).difference())
        .contains("input 'x' has another type");
  }

  /** The number of elements of a sequence. */
  private static ModelGraph counted(String type) {
    ModelGraph model = GraphText.parse("g (x) => (int64 z) { z = SequenceLength(x) }");
    Graph graph = model.graph();
    return model.withGraph(
        new Graph(
            graph.name(),
            graph.nodes(),
            graph.initializers(),
            List.of(ValueInfo.container("x", type)),
            graph.outputs(),
            graph.valueInfos(),
            graph.annotations(),
            graph.sparseInitializers()));
  }

  @Test
  void an_output_that_is_declared_as_another_type_is_another() {
    ModelGraph first = model("float z", "", "z = Relu(x)");
    assertThat(StructureComparison.of(first, model("int64 z", "", "z = Relu(x)")).difference())
        .contains("output 'z' has another type");
    assertThat(StructureComparison.of(first, model("z", "", "z = Relu(x)")).isExact())
        .as("one that says nothing")
        .isTrue();
  }

  @Test
  void a_default_of_minus_zero_is_not_the_usual_one() {
    String bare = "z = Shrink<lambd = 0.25>(x)";
    assertThat(compare(bare, "z = Shrink<bias = 0.0, lambd = 0.25>(x)").isExact()).isTrue();
    assertThat(compare(bare, "z = Shrink<bias = -0.0, lambd = 0.25>(x)").isExact()).isFalse();
  }

  @Test
  void twenty_thousand_nodes_in_a_row_take_no_recursion() {
    StructureComparison same =
        StructureComparison.of(chain(20_000, "Relu"), reversed(chain(20_000, "Relu")));
    assertThat(same.isExact()).isTrue();
    assertThat(same.nodes()).isEqualTo(20_000);
    assertThat(StructureComparison.of(chain(20_000, "Relu"), chain(20_000, "Tanh")).isExact())
        .isFalse();
  }

  /** Each node reads the one before it, all but the first are Relus. */
  private static ModelGraph chain(int length, String first) {
    ModelGraph empty = model("z = Relu(x)");
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      nodes.add(
          new Node(
              i,
              "",
              OpKind.onnx(i == 0 ? first : "Relu"),
              List.of(i == 0 ? "x" : "v" + (i - 1)),
              List.of(i == length - 1 ? "z" : "v" + i),
              Map.of()));
    }
    return empty.withGraph(empty.graph().withNodes(nodes));
  }

  private static ModelGraph reversed(ModelGraph model) {
    Graph graph = model.graph();
    List<Node> nodes = new ArrayList<>(graph.nodes());
    Collections.reverse(nodes);
    return model.withGraph(graph.withNodes(nodes));
  }

  @Test
  void operands_that_may_all_be_exchanged_take_a_bounded_number_of_comparisons() {
    assertThat(StructureComparison.of(ladder("Relu"), ladder("Tanh")).isExact()).isFalse();
    assertThat(StructureComparison.of(ladder("Relu"), ladder("Relu")).isExact()).isTrue();
  }

  /** Rungs of sums of the two sums below, of which every order has to be tried. */
  private static ModelGraph ladder(String last) {
    ModelGraph empty = model("z = Relu(x)");
    List<Node> nodes = new ArrayList<>();
    nodes.add(new Node(0, "", OpKind.onnx("Relu"), List.of("x"), List.of("a0"), Map.of()));
    nodes.add(new Node(1, "", OpKind.onnx(last), List.of("y"), List.of("b0"), Map.of()));
    for (int i = 1; i <= 60; i++) {
      List<String> below = List.of("a" + (i - 1), "b" + (i - 1));
      nodes.add(new Node(2 * i, "", OpKind.ADD, below, List.of("a" + i), Map.of()));
      nodes.add(
          new Node(
              2 * i + 1,
              "",
              OpKind.MUL,
              List.of(below.get(1), below.get(0)),
              List.of(i == 60 ? "z" : "b" + i),
              Map.of()));
    }
    return empty.withGraph(empty.graph().withNodes(nodes));
  }
}
