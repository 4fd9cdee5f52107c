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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GraphTextTest {
  /** Everything that the syntax has, as the printer writes it. */
  private static final String EVERYTHING =
      """
      <ir_version: 8, opset_import: ["" : 15, "my.domain" : 1]>
      "main graph" (float[N,3,?] x, bool c, float[] "/any/rank", int64 scalar, untyped) => (float[N,4] y, z)
         <float[2] w = {0.5, -1.0E-10},
          float16[3] h = {1.5, inf, nan},
          int64[1] big = {9007199254740993},
          float s = {2.0},
          float[0] none = {},
          uint8[2] bytes = {0, 255},
          float[N,4] inner>
      {
         ["conv 1"] a, "", b = Conv <kernel_shape = [3, 3], alpha = 0.1, beta = -inf, auto_pad = "a\\"b\\\\"> (x, w, "", s)
         d = my.domain.Call <axes: ints = [], means: floats = [], tags = ["p", "q"], values = [0.5, 2.0]> ()
         e = "other-domain".Op <t = float[2] {1.0, 2.0}> (d)
         y = If (c) <then_branch = then () => (float[1] o)
               <float[1] k = {2.0}>
            {
               o = Add (k, x)
            }, else_branch = else () => (o)
            {
               o = Identity (x)
            }>
         z = Relu ("float")
      }

      <domain: "my.domain", opset_import: ["" : 15]>
      Call <alpha, beta, gamma = 0.5, axes: ints = []> (p, q) => (r)
         <float[2] p>
      {
         r = LeakyRelu <alpha: float = @alpha> (p)
      }
      """;

  @Test
  void what_the_printer_writes_the_parser_reads_and_the_printer_writes_again() {
    assertThat(GraphText.print(GraphText.parse(EVERYTHING))).isEqualTo(EVERYTHING);
  }

  @Test
  void a_model_is_what_its_text_says() {
    ModelGraph model = GraphText.parse(EVERYTHING);

    assertThat(model.irVersion()).isEqualTo(8);
    assertThat(model.opsets()).containsExactly(Map.entry("", 15L), Map.entry("my.domain", 1L));
    Graph graph = model.graph();
    assertThat(graph.name()).isEqualTo("main graph");
    assertThat(graph.inputs().get(0).dims())
        .containsExactly(new Dim.Symbolic("N"), new Dim.Fixed(3), new Dim.Unknown());
    assertThat(graph.inputs().get(2).name()).isEqualTo("/any/rank");
    assertThat(graph.inputs().get(2).dims()).as("empty brackets: any rank").isNull();
    assertThat(graph.inputs().get(3).dims()).as("no brackets: a scalar").isEmpty();
    assertThat(graph.inputs().get(4).type()).isEqualTo(ElementType.UNDEFINED);
    assertThat(graph.initializers())
        .extracting(constant -> constant.name())
        .containsExactly("w", "h", "big", "s", "none", "bytes");
    assertThat(graph.valueInfos()).extracting(value -> value.name()).containsExactly("inner");
    Function function = model.functions().get(0);
    assertThat(function.op()).isEqualTo(new OpKind("my.domain", "Call"));
    assertThat(function.attributes()).containsExactly("alpha", "beta");
    assertThat(function.defaults())
        .containsExactly(
            Map.entry("gamma", new Attribute.Real(0.5)),
            Map.entry("axes", new Attribute.Ints(List.of())));
    assertThat(function.body().nodes().get(0).attributes())
        .containsEntry("alpha", new Attribute.Reference("alpha", "float"));
  }

  @Test
  void a_node_has_a_name_and_absent_inputs_and_outputs() {
    Node node = GraphText.parse(EVERYTHING).graph().nodes().get(0);

    assertThat(node.name()).isEqualTo("conv 1");
    assertThat(node.op()).isEqualTo(OpKind.CONV);
    assertThat(node.inputs()).containsExactly("x", "w", "", "s");
    assertThat(node.outputs()).containsExactly("a", "", "b");
    assertThat(node.attributes().get("kernel_shape"))
        .isEqualTo(new Attribute.Ints(List.of(3L, 3L)));
    assertThat(node.attributes().get("alpha")).isEqualTo(new Attribute.Real(0.1f));
    assertThat(node.attributes().get("auto_pad")).isEqualTo(new Attribute.Text("a\"b\\"));
  }

  @Test
  void nodes_are_numbered_in_the_order_in_which_they_begin() {
    ModelGraph model = GraphText.parse(EVERYTHING);

    assertThat(model.graph().nodes()).extracting(Node::id).containsExactly(0, 1, 2, 3, 6);
    Node branch = model.graph().nodes().get(3);
    assertThat(branch.bodies()).extracting(body -> body.nodes().get(0).id()).containsExactly(4, 5);
    assertThat(model.functions().get(0).body().nodes().get(0).id()).isEqualTo(7);
  }

  @Test
  void without_a_header_a_model_is_of_operator_set_13() {
    ModelGraph model = GraphText.parse("g (x) => (y) { y = Relu (x) }");

    assertThat(model.irVersion()).isEqualTo(8);
    assertThat(model.opsets()).containsExactly(Map.entry("", 13L));
  }

  @Test
  void nothing_between_two_commas_is_an_absent_input() {
    ModelGraph model = GraphText.parse("g (x) => (y) { y = Clip (x,,m) z = Clip (x,\"\",m) }");

    assertThat(model.graph().nodes())
        .allSatisfy(node -> assertThat(node.inputs()).containsExactly("x", "", "m"));
  }

  @Test
  void an_input_with_elements_is_an_input_and_an_initializer() {
    Graph graph = GraphText.parse("g (x, float[2] w = {1, 2}) => (y) { y = Mul (x, w) }").graph();

    assertThat(graph.inputs()).extracting(input -> input.name()).containsExactly("x", "w");
    assertThat(graph.initializers().get(0).tensor())
        .isEqualTo(LiteralTensor.ofFloats(Shape.of(2), 1, 2));
  }

  @Test
  void comments_end_with_their_line() {
    ModelGraph model = GraphText.parse("# first\ng (x) => (y) { # } \n y = Relu (x) }");

    assertThat(model.graph().nodes()).hasSize(1);
  }

  @Test
  void random_elements_depend_on_the_seed_alone() {
    double[] first = constant("float[1000] w = random(7)");

    assertThat(constant("float[1000] v = random(7)")).containsExactly(first);
    assertThat(constant("float[1000] w = random(8)")).isNotEqualTo(first);
    assertThat(first[0])
        .as("the first number of SplitMix64(7), for ever")
        .isEqualTo((double) -0.2203405f);
    assertThat(Arrays.stream(first).min().orElseThrow()).isBetween(-1.0, -0.99);
    assertThat(Arrays.stream(first).max().orElseThrow()).isBetween(0.99, 1.0);
    assertThat(Arrays.stream(constant("float[1000] w = random(7, 2, 2.5)")).min().orElseThrow())
        .isBetween(2.0, 2.01);
  }

  @Test
  void a_filled_tensor_is_the_same_everywhere() {
    assertThat(constant("float[2,2] w = fill(0.5)")).containsExactly(0.5, 0.5, 0.5, 0.5);
  }

  @Test
  void the_short_form_counts_the_elements_of_large_tensors() {
    ModelGraph model =
        GraphText.parse(
            "g (x) => (y) <float[2,5] w = fill(0), float[2] b = {1, 2}> { y = Gemm (x, w, b) }");

    assertThat(GraphText.printShort(model))
        .isEqualTo(
            """
            <ir_version: 8, opset_import: ["" : 13]>
            g (x) => (y)
               <float[2,5] w = {… 10 values},
                float[2] b = {1.0, 2.0}>
            {
               y = Gemm (x, w, b)
            }
            """);
  }

  @Test
  void a_node_alone_is_one_line() {
    Node node =
        GraphText.parse("g (x) => (y) { [n] y = LeakyRelu <alpha = 0.5> (x) }")
            .graph()
            .nodes()
            .get(0);

    assertThat(GraphText.printShort(node)).isEqualTo("[n] y = LeakyRelu <alpha = 0.5> (x)");
  }

  private static double[] constant(String declaration) {
    Tensor tensor =
        GraphText.parse("g () => () <" + declaration + "> {}")
            .graph()
            .initializers()
            .get(0)
            .tensor();
    return Tensors.doubles(tensor, 1000);
  }

  @Test
  void the_short_form_is_read_with_types_and_shapes_and_says_what_it_leaves_out() {
    ParsedText text =
        GraphText.parseShort(
            """
            g (float[1,3] x) => (y)
               <float[3,12] w = {… 36 values}, float[3] b = {1.0, 2.0, 3.0}>
            {
               y = Gemm <blob: sparse_tensor = …> (x, w, b)
            }
            """,
            "model.txt");

    assertThat(text.elided()).containsExactly("2:22 (float[3,12])", "4:36 (sparse_tensor)");
    Tensor weight = text.model().graph().initializers().get(0).tensor();
    assertThat(GraphText.isElided(weight)).isTrue();
    assertThat(GraphText.isElided(text.model().graph().initializers().get(1).tensor())).isFalse();
    assertThat(Arrays.stream(Tensors.doubles(weight, 36)).boxed())
        .doesNotHaveDuplicates()
        .allMatch(value -> value >= 0.5 && value < 1.5);
    assertThat(GraphText.printShort(text.model())).contains("w = {… 36 values}", "= …");
  }

  @Test
  void what_the_short_printer_writes_the_short_parser_reads() {
    String printed = GraphText.printShort(GraphText.parse(EVERYTHING));

    assertThat(GraphText.parseShort(printed, "model.txt").elided()).isEmpty();
    assertThat(GraphText.printShort(GraphText.parseShort(printed, "model.txt").model()))
        .isEqualTo(printed);
  }

  @Test
  void integers_that_are_left_out_cannot_be_made_up() {
    Tensor shape =
        GraphText.parseShort("g () => () <int64[9] s = {… 9 values}> {}", "model.txt")
            .model()
            .graph()
            .initializers()
            .get(0)
            .tensor();

    assertThatThrownBy(() -> Tensors.longs(shape, 9))
        .isInstanceOf(TensorReadException.class)
        .hasMessage(
            "model.txt, 1:27 (int64[9]): the text leaves out values that are needed: write them out");
  }

  @Test
  void metadata_of_a_model_stands_in_its_header() {
    String text =
        """
        <ir_version: 8, opset_import: ["" : 13], metadata_props: ["author" : "me", "b" : "\\"c\\""]>
        g (x) => (y)
        {
           y = Relu (x)
        }
        """;

    ParsedText parsed = GraphText.parseShort(text, "model.txt");

    assertThat(parsed.metadata())
        .containsExactly(Map.entry("author", "me"), Map.entry("b", "\"c\""));
    assertThat(GraphText.print(parsed.model(), parsed.metadata())).isEqualTo(text);
  }
}
