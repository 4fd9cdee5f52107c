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
package dev.fusewright.core.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.analysis.shape.Basis;
import dev.fusewright.core.analysis.shape.ShapeInference;
import dev.fusewright.core.analysis.shape.SymInt;
import dev.fusewright.core.analysis.shape.SymbolicDim;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verdict.Verdict;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Inputs for sites are found whatever their nodes ask for, and prove nothing that they leave out.
 */
class SiteInputsTest {
  private static final String NORM =
      "float[4] s = {0.5, 2, 3, 1.5}, float[4] t = {1, 2, 3, 4}, float[4] v = {1, 2, 3, 4}";

  @Test
  void a_squeeze_after_a_conv_asks_for_an_extent_of_1() {
    assertProven(
        """
        g (float[N, 3, L] x) => (y)
        <float[4, 3, 1, 3] w = fill(0.5), int64[1] two = {2}, %s>
        {
          u = Unsqueeze (x, two) c = Conv (u, w) q = Squeeze (c, two)
          y = BatchNormalization (q, s, t, t, v)
        }
        """);
  }

  @Test
  void flattened_features_are_as_many_as_a_gemm_takes() {
    assertProven(
        """
        g (float[N, 96, 11, 11] x) => (y)
        <float[11616, 4] w = fill(0.001), float[96] g = fill(2), %s>
        { b = BatchNormalization (x, g, g, g, g) f = Flatten (b) y = Gemm (f, w) }
        """);
  }

  @Test
  void flattened_features_are_found_where_no_extent_is_known() {
    assertProven(
        """
        g (x) => (y)
        <float[75, 4] w = fill(0.1), float[3] g = {1, 2, 3}, %s>
        { b = BatchNormalization (x, g, g, g, g) f = Flatten (b) y = Gemm (f, w) }
        """);
  }

  @Test
  void a_reshape_tells_how_many_rows_there_are() {
    assertProven(
        """
        g (float[6, 5] x) => (y)
        <float[5, 4] w = fill(0.5), int64[3] r = {2, 3, 4}, %s>
        {
          c = MatMul (x, w) m = Reshape (c, r) p = Transpose <perm = [0, 2, 1]> (m)
          y = BatchNormalization (p, s, t, t, v)
        }
        """);
  }

  @Test
  void a_vector_may_stand_before_a_matrix() {
    assertProven(
        """
        g (float[5] x) => (y)
        <float[5, 4] w = fill(0.5), %s>
        { c = MatMul (x, w) y = Mul (c, s) }
        """);
  }

  @Test
  void another_weight_behind_a_vector_is_different() {
    String graph =
        """
        g (float[5] x) => (y)
        <float[5, 4] w = fill(0.5), float[4] s = {0.5, 2, %s, 1.5}>
        { c = MatMul (x, w) y = Mul (c, s) }
        """;
    FusionPlan plan =
        new FusionEngine(Rules.inference()).plan(GraphText.parse(graph.formatted("3")));
    ModelGraph other =
        new FusionEngine(Rules.inference()).plan(GraphText.parse(graph.formatted("3.01"))).apply();

    FusionProof proof = FusionProof.of(plan, other, 1);

    assertThat(proof.certificate().verdict()).isEqualTo(Verdict.DIFFERENT);
    assertThat(proof.site().verdict()).isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void nodes_may_stand_in_any_order() {
    assertProven(
        """
        g (float[N, 3, 8, 8] x) => (y)
        <float[4, 3, 3, 3] w = fill(0.5), %s>
        {
          y = Relu (b) b = BatchNormalization (c, s, t, t, v) c = Conv (i, w) i = Identity (x)
        }
        """);
  }

  @Test
  void a_layer_on_a_constant_is_proven_for_any_value_in_its_place() {
    assertProven(
        """
        g () => (y)
        <float[4, 3, 3, 3] w = fill(0.5), int64[4] d = {1, 3, 8, 8}, %s>
        { x = ConstantOfShape (d) c = Conv (x, w) y = BatchNormalization (c, s, t, t, v) }
        """);
  }

  @Test
  void a_pad_is_counted_in_the_shape_of_what_an_average_pool_makes() {
    assertProven(
        """
        g (float[N, 4, 8, 8] x) => (y)
        <int64[8] p = {0, 0, 1, 1, 0, 0, 1, 1}, %s>
        { r = Relu (x) m = Pad (r, p) y = AveragePool <kernel_shape = [3, 3]> (m) }
        """);
  }

  @Test
  void a_value_info_that_is_wrong_is_no_truth() {
    ModelGraph model =
        GraphText.parse(
            """
            g (x) => (y)
            <float[4, 3, 3, 3] w = fill(0.5), float[4] v = {1, 2, 3, 4}>
            { r = Relu (x) c = Conv (r, w) y = BatchNormalization (c, v, v, v, v) }
            """);
    SymbolicDim two = new SymbolicDim(SymInt.of(2), Basis.STATED);
    SymbolicShape stated = new SymbolicShape(List.of(two, two), Basis.STATED);
    Subgraph side = side(model, Map.of("x", stated));

    assertThat(InputShapes.candidates(side, ExtentSolver.Spread.NARROW))
        .anySatisfy(shapes -> assertThat(shapes.get("x")).isEqualTo(Shape.of(4, 3, 4, 3)));
  }

  @Test
  void what_holds_on_promised_extents_alone_is_proven_for_them_and_assumed() {
    String before =
        """
        g (float[N, 2, %1$s, %1$s] x) => (y)
        <int64[4] r = {-1, 2, 1, 1}, float[2, 2, 1, 1] w = {1, 2, 3, 4}, float[2] k = {2, 3}>
        { c = Conv (x, w) m = Reshape (c, r) y = BatchNormalization <epsilon = 0.0> (m, k, o, o, i) }
        """
            .replace("k = {2, 3}", "k = {2, 3}, float[2] o = {0, 0}, float[2] i = {1, 1}");
    String after =
        """
        g (float[N, 2, %1$s, %1$s] x) => (y)
        <int64[4] r = {-1, 2, 1, 1}, float[2, 2, 1, 1] w = {2, 4, 9, 12}>
        { c = Conv (x, w) y = Reshape (c, r) }
        """;

    ExtentProof promised = proof(before.formatted("1"), after.formatted("1"));
    ExtentProof open = proof(before.formatted("H"), after.formatted("H"));

    assertThat(promised.check().verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(promised.certificate().verdict().verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(promised.promised()).isEqualTo("'x' is [N,2,1,1]");
    assertThat(open.check().verdict()).isEqualTo(Verdict.DIFFERENT);
    assertThat(open.promised()).isEmpty();
  }

  @Test
  void a_constant_that_may_repeat_what_arrives_is_tried_on_that_too() {
    String before =
        """
        g (float[N, 2, %1$s, 5] x) => (y)
        <float[2, 2, 1, 1] w = {1, 2, 3, 4}, float[1, 1, 3, 1] k = {2, 2, 2}>
        { c = Conv (x, w) y = Mul (c, k) }
        """;
    String after =
        """
        g (float[N, 2, %1$s, 5] x) => (y)
        <float[2, 2, 1, 1] w = {2, 4, 6, 8}>
        { y = Conv (x, w) }
        """;

    ExtentProof promised = proof(before.formatted("3"), after.formatted("3"));
    ExtentProof open = proof(before.formatted("H"), after.formatted("H"));

    assertThat(promised.check().verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(promised.promised()).isEqualTo("'x' is [N,2,3,5]");
    assertThat(open.check().verdict()).isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void what_all_calls_of_a_function_pass_is_constant_in_it_and_in_what_it_calls() {
    assertProven(
        """
        <ir_version: 8, opset_import: ["" : 15, "my" : 1]>
        g (float[1, 3, 4, 4] x) => (z)
        <float[4, 3, 1, 1] w = fill(0.5), float[4, 3, 1, 1] same = fill(0.5), %s>
        { a = my.Outer (x, w, s, v) b = my.Outer (x, same, s, v) z = Add (a, b) }
        <domain: "my", opset_import: ["" : 15]>
        CB (x, w, p, var) => (z)
        { y = Conv (x, w) z = BatchNormalization (y, p, p, p, var) }
        <domain: "my", opset_import: ["" : 15, "my" : 1]>
        Outer (a, b, c, d) => (e)
        { e = my.CB (a, b, c, d) }
        """);
  }

  @Test
  void what_a_body_captures_from_its_function_is_constant_in_it() {
    assertProven(
        """
        <ir_version: 8, opset_import: ["" : 15, "my" : 1]>
        g (float[1, 3, 4, 4] x, bool c) => (z)
        <float[4, 3, 1, 1] w = fill(0.5), %s>
        { z = my.CB (x, c, w, s, v) }
        <domain: "my", opset_import: ["" : 15]>
        CB (x, c, w, p, var) => (z)
        {
          z = If (c) <
            then_branch = g () => (a) { y = Conv (x, w) a = BatchNormalization (y, p, p, p, var) },
            else_branch = g () => (b) { b = Conv (x, w) }>
        }
        """);
  }

  private static ExtentProof proof(String before, String after) {
    return ExtentProof.of(side(before), side(after), 1);
  }

  private static Subgraph side(ModelGraph model, Map<String, SymbolicShape> known) {
    return new Subgraph(model.graph(), model.opsets(), List.of(), known);
  }

  /** As a model has it, with what its declared inputs promise. */
  private static Subgraph side(String text) {
    ModelGraph model = GraphText.parse(text);
    ShapeInference shapes = ShapeInference.of(model);
    Map<String, SymbolicShape> known = new HashMap<>();
    model.graph().inputs().forEach(input -> known.put(input.name(), shapes.of(input.name())));
    return side(model, known);
  }

  private static FusionPlan plan(String text) {
    return new FusionEngine(Rules.inference()).plan(GraphText.parse(text));
  }

  private static void assertProven(String text) {
    FusionPlan plan = plan(text.formatted(NORM));
    assertThat(plan.changesModel()).isTrue();

    FusionProof proof = FusionProof.of(plan, plan.apply(), 1);

    assertThat(proof.certificate().verdict())
        .as(proof.certificate().reason())
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(proof.site().verdict()).as(proof.site().reason()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(proof.assumptions()).isEmpty();
  }
}
