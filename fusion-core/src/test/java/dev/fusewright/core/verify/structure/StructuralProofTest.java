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
package dev.fusewright.core.verify.structure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.Verdict;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StructuralProofTest {
  private static final float ULP = Math.ulp(1f);

  private static ModelGraph model(String epsilon, String nodes) {
    return GraphText.parse(
        """
        <ir_version: 8, opset_import: ["" : 13]>
        g (float[N,3,8,8] x) => (float[N,4,6,6] z)
        <float[4,3,3,3] w = random(1), float[4] b = random(2),
         float[4,3,3,3] u = random(7),
         float[4] scale = random(3), float[4] shift = random(4),
         float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0),
         float[4,1,1] factor = random(8, 0.5, 2.0)>
        {
          c = Conv(x, w, b)
          n = BatchNormalization<epsilon = %s>(c, scale, shift, mean, var)
          %s
        }
        """
            .formatted(epsilon, nodes));
  }

  private static final ModelGraph NORM = model("0.00001", "z = Relu(n)");

  /** What PyTorch's float32 arithmetic makes of a model. */
  private static ModelGraph folded(ModelGraph model) {
    return new FusionEngine(Rules.torch()).plan(model).apply();
  }

  /** The model with each element of an initializer multiplied. */
  private static ModelGraph scaled(ModelGraph model, String name, IntFunction<Double> factors) {
    return model.withGraph(
        model
            .graph()
            .withInitializers(
                model.graph().initializers().stream()
                    .map(
                        it ->
                            it.name().equals(name)
                                ? new Initializer(name, scaled(it.tensor(), factors))
                                : it)
                    .toList()));
  }

  private static Tensor scaled(Tensor tensor, IntFunction<Double> factors) {
    double[] values = Tensors.doubles(tensor, 1 << 10);
    for (int i = 0; i < values.length; i++) {
      values[i] *= factors.apply(i);
    }
    return LiteralTensor.ofDoubles(tensor.type(), tensor.shape(), values);
  }

  private static StructuralProof prove(ModelGraph first, ModelGraph second) {
    return StructuralProof.of(first, second, 7);
  }

  private static void same(ModelGraph first, ModelGraph second) {
    StructuralProof found = prove(first, second);
    assertThat(found.verdict().verdict())
        .as(found.verdict().reason())
        .isEqualTo(Verdict.EQUIVALENT);
  }

  private static String doubt(ModelGraph first, ModelGraph second) {
    StructuralProof found = prove(first, second);
    assertThat(found.verdict().verdict())
        .as(found.verdict().reason())
        .isEqualTo(Verdict.INCONCLUSIVE);
    return found.verdict().reason();
  }

  @Test
  void a_model_is_the_same_as_itself() {
    assertThat(prove(NORM, NORM).verdict().reason())
        .isEqualTo("for every input: 3 nodes and 6 parameters are the same, as they are");
  }

  @Test
  void a_norm_that_somebody_folded_in_float32_is_the_same_within_stated_ulps() {
    StructuralProof found = prove(NORM, folded(NORM));
    assertThat(found.verdict().verdict())
        .as(found.verdict().reason())
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(found.verdict().reason()).contains("folded in another arithmetic", "ulp");
    same(folded(NORM), NORM);
  }

  @Test
  void a_fold_that_holds_on_the_declared_extents_alone_is_said_to_rest_on_them() {
    String text =
        """
        <ir_version: 8, opset_import: ["" : 13]>
        g (float[1,3,%1$s,%1$s] x) => (y)
          <float[2,3,1,1] w = random(1), float[1,2,%2$s,%2$s] k = {%3$s}>
        {
          c = Conv(x, w)
          y = Mul(c, k)
        }
        """;
    ModelGraph uniform = GraphText.parse(text.formatted(2, 2, "2, 2, 2, 2, 3, 3, 3, 3"));
    StructuralProof found = prove(uniform, multiplied(uniform));
    assertThat(found.verdict().verdict())
        .as(found.verdict().reason())
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(found.assumptions()).extracting(Assumption::what).anyMatch(it -> it.contains("'x'"));
    assertThat(found.verdict().reason()).contains("provided that", "'x' is [1,3,2,2]");

    ModelGraph anyExtent = GraphText.parse(text.formatted("S", 1, "2, 3"));
    StructuralProof always = prove(anyExtent, multiplied(anyExtent));
    assertThat(always.verdict().verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(always.assumptions()).isEmpty();
  }

  private static ModelGraph multiplied(ModelGraph model) {
    return new FusionEngine(Rules.inference()).plan(model).apply();
  }

  @Test
  void a_channel_that_is_a_thousandth_larger_is_a_difference() {
    ModelGraph off = scaled(folded(NORM), "w", i -> i < 27 ? 1.001 : 1);
    assertThat(doubt(NORM, off)).contains("'w' of the first is not 'w' of the second");
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 64, 900})
  void a_weight_that_is_off_by_more_than_folding_may_round_is_a_difference(int ulps) {
    ModelGraph off = scaled(folded(NORM), "w", i -> i == 5 ? 1 + ulps * (double) ULP : 1);
    assertThat(doubt(NORM, off)).contains("weight[5] of", "4 are allowed");
  }

  @Test
  void a_bias_that_is_off_by_more_than_folding_may_round_is_a_difference() {
    ModelGraph off = scaled(folded(NORM), "b", i -> 1 + 1e-4);
    assertThat(doubt(NORM, off)).contains("bias[", "8 are allowed");
  }

  @Test
  void a_weight_that_no_fold_made_may_not_be_off_at_all() {
    String relus = "r = Relu(x)\n  d = Conv(r, w, b)\n  e = Relu(d)\n  z = Add(e, n)";
    ModelGraph plain = model("0.00001", relus);
    ModelGraph off = scaled(plain, "w", i -> i == 5 ? 1 + (double) ULP : 1);
    assertThat(doubt(plain, off)).contains("'w' of the first", "no fold made it");
  }

  @Test
  void a_fold_beside_a_weight_does_not_excuse_it() {
    String identity = "i = Identity(x)\n  j = Dropout(i)\n  d = Conv(j, u, b)\n  z = Add(d, n)";
    ModelGraph plain = model("0.00001", identity);
    ModelGraph off = scaled(plain, "u", i -> i == 5 ? 1 + 2 * (double) ULP : 1);
    assertThat(doubt(plain, off)).contains("'u' of the first");
  }

  @Test
  void another_eps_a_missing_relu_and_other_weights_are_differences() {
    doubt(NORM, folded(model("0.00002", "z = Relu(n)")));
    assertThat(doubt(NORM, folded(model("0.00001", "z = Tanh(n)")))).contains("Relu", "Tanh");
    assertThat(doubt(NORM, folded(model("0.00001", "z = Identity(n)")))).contains("Relu");
  }

  @Test
  void layers_of_the_same_shape_are_not_taken_for_each_other() {
    String sum = "d = Conv(x, %s)\n  z = %s(n, d)";
    same(
        model("0.00001", sum.formatted("u", "Add")),
        folded(model("0.00001", "d = Conv(x, u)\n  z = Add(d, n)")));
    doubt(
        model("0.00001", sum.formatted("u", "Sub")),
        folded(model("0.00001", "d = Conv(x, u)\n  z = Sub(d, n)")));
    doubt(
        model("0.00001", sum.formatted("u", "Add")),
        folded(model("0.00001", sum.formatted("w", "Add"))));
  }

  @Test
  void each_of_two_may_have_folded_another_part() {
    String chain = "z = Mul(n, factor)";
    ModelGraph original = model("0.00001", chain);
    same(original, folded(original));
    same(folded(original), new FusionEngine(Rules.inference()).plan(original).apply());
  }

  @Test
  void layers_of_one_weight_that_somebody_merged_are_the_same_as_before() {
    String norms = "m = BatchNormalization(%s, shift, scale, mean, var)\n  z = Sub(n, m)";
    ModelGraph merged = model("0.00001", norms.formatted("c"));
    ModelGraph apart = model("0.00001", "d = Conv(x, w, b)\n  " + norms.formatted("d"));
    same(merged, folded(apart));
    same(folded(apart), merged);
    doubt(merged, folded(model("0.00001", "d = Conv(x, u, b)\n  " + norms.formatted("d"))));
  }

  @Test
  void a_fold_that_is_written_out_as_arithmetic_on_constants_is_the_same() {
    ModelGraph original = model("0.00001", "z = Mul(n, factor)");
    ModelGraph writtenOut =
        GraphText.parse(
            """
            <ir_version: 8, opset_import: ["" : 13]>
            g (float[N,3,8,8] x) => (float[N,4,6,6] z)
            <float[4,3,3,3] w = random(1), float[4] b = random(2),
             float[4] scale = random(3), float[4] shift = random(4),
             float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0),
             float[4,1,1] factor = random(8, 0.5, 2.0), float eps = {0.00001},
             int64[3] axes = {1, 2, 3}>
            {
              v = Add(var, eps)
              d = Sqrt(v)
              r = Div(scale, d)
              k = Unsqueeze(r, axes)
              f = Mul(w, k)
              t = Sub(b, mean)
              g = Mul(t, r)
              h = Add(g, shift)
              c = Conv(x, f, h)
              z = Mul(c, factor)
            }
            """);
    same(original, writtenOut);
    doubt(scaled(original, "factor", i -> 1.001), writtenOut);
  }

  @Test
  void defaults_that_one_model_fixes_are_an_assumption() {
    ModelGraph open =
        GraphText.parse(
            """
            <ir_version: 8, opset_import: ["" : 13]>
            g (float[N,4] x, float[4] b) => (float[N,4] z)
            <float[4] b = random(2)>
            { z = Add(x, b) }
            """);
    StructuralProof found = prove(open, open.frozen());
    assertThat(found.verdict().verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(found.assumptions()).hasSize(1);
    assertThat(found.assumptions().get(0).what()).contains("left at its default", "'b'");
    assertThat(found.verdict().reason())
        .endsWith("; provided that 1 input is left at its default, first 'b'");
    assertThat(prove(open, open).assumptions()).isEmpty();
    doubt(open, scaled(open.frozen(), "b", i -> 1.001));
  }

  @Test
  void what_is_no_graph_is_not_compared() {
    ModelGraph cycle = GraphText.parse("g (float[N,3,8,8] x) => (z) { a = Relu(z)\n z = Relu(a) }");
    assertThat(doubt(NORM, cycle)).contains("not compared", "cycle");
  }
}
