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
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verdict.Verdict;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class RuleExamplesProofTest {
  private static final String CLIPPED =
      """
      g (float[N,3] x) => (float[] z)
      <float lo = {-1}, float hi = {6}>
      {
        y = Relu(x)
        z = Clip(y, lo, hi)
      }
      """;

  private static final String MEASURED =
      """
      g (float[2,3,5,5] x) => (float[] z, int64[4] s)
      <float[4,3,3,3] w = random(1), float[4] p = random(3), float[4] v = random(6, 0.1, 2.0)>
      {
        y = Conv(x, w)
        z = BatchNormalization(y, p, p, p, v)
        s = Shape(y)
      }
      """;

  private static final String RESHAPED =
      """
      g (float[2,4,3] x) => (float[] z)
      <float zero = {0.0}>
      {
        s = Shape(x)
        r = Sigmoid(x)
        y = Reshape(r, s)
        z = Add(y, zero)
      }
      """;

  private static FusionPlan plan(String rules, String text) {
    return new FusionEngine(Rules.named(rules)).plan(GraphText.parse(text));
  }

  @TestFactory
  Stream<DynamicTest> the_example_of_every_fold_is_proven_by_certificate_and_site() {
    return Rules.inference().folds().stream()
        .map(rule -> rule.info())
        .map(info -> dynamicTest(info.id(), () -> assertProven(plan(info.id(), info.example()))));
  }

  @Test
  void a_shape_that_is_read_of_another_value_of_the_same_shape_is_proven() {
    assertProven(plan("inference", MEASURED));
  }

  @Test
  void a_shape_that_is_read_of_another_value_of_another_shape_is_different() {
    FusionPlan plan = plan("inference", MEASURED);
    ModelGraph wrong = readingInput(plan, "Shape");

    assertThat(FusionProof.of(plan, wrong, /* seed= */ 0).certificate().verdict())
        .isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void a_name_that_moves_to_a_node_with_a_computed_shape_is_proven() {
    FusionPlan plan = plan("add-zero", RESHAPED);
    assertThat(plan.fusions()).hasSize(1);
    assertProven(plan);
  }

  @Test
  void a_name_that_moves_to_a_node_with_other_operands_is_not_proven() {
    FusionPlan plan = plan("add-zero", RESHAPED);
    ModelGraph wrong = readingInput(plan, "Reshape");

    assertThat(FusionProof.of(plan, wrong, /* seed= */ 0).culprits()).isNotEmpty();
  }

  @Test
  void a_norm_of_float64_whose_parameters_are_one_constant_is_proven() {
    FusionPlan plan =
        plan(
            "batch-norm-batch-norm",
            """
            g (double[N,3,4] x) => (double[] z)
            <double[3] p = {0.001, 1.5, -0.7}, double[3] q = {1000.3, 2.1, 0.4}, double[3] v = {0.3, 0.7, 1.9}>
            {
              y = BatchNormalization(x, p, q, p, v)
              z = BatchNormalization(y, p, p, q, v)
            }
            """);
    assertThat(plan.fusions()).hasSize(1);
    assertProven(plan);
  }

  @Test
  void a_clip_that_lost_the_bound_of_its_relu_is_different() {
    FusionPlan plan = plan("inference", CLIPPED);
    ModelGraph fused = plan.apply();
    Graph graph = fused.graph();
    ModelGraph wrong =
        fused.withGraph(
            graph.withInitializers(
                graph.initializers().stream()
                    .map(
                        it ->
                            it.name().equals("lo")
                                ? new Initializer(
                                    "lo",
                                    LiteralTensor.ofDoubles(ElementType.FLOAT, Shape.of(), -1))
                                : it)
                    .toList()));

    assertThat(FusionProof.of(plan, wrong, /* seed= */ 0).certificate().verdict())
        .isEqualTo(Verdict.DIFFERENT);
  }

  private static void assertProven(FusionPlan plan) {
    FusionProof proof = FusionProof.of(plan, plan.apply(), /* seed= */ 0);

    assertThat(proof.certificate().verdict()).as("%s", proof).isEqualTo(Verdict.EQUIVALENT);
    assertThat(proof.site().verdict()).as("%s", proof).isEqualTo(Verdict.EQUIVALENT);
  }

  /** What the plan makes, but that a node of this operator reads the graph's input. */
  private static ModelGraph readingInput(FusionPlan plan, String operator) {
    ModelGraph fused = plan.apply();
    Graph graph = fused.graph();
    return fused.withGraph(
        graph.withNodes(
            graph.nodes().stream()
                .map(node -> node.op().type().equals(operator) ? node.withInput(0, "x") : node)
                .toList()));
  }
}
