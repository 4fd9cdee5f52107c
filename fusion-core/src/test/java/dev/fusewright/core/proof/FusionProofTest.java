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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.SiteResult;
import dev.fusewright.core.verdict.Verdict;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FusionProofTest {
  private static final String TWO_SITES =
      """
      g (float[1,3,4,4] x) => (float[1,4,4,4] z)
      <float[4,3,1,1] w = random(1), float[4,4,1,1] u = random(2), float[4] p = random(3),
       float[4] q = random(4), float[4] v = random(5, 0.1, 2.0)>
      {
        [a] a = Conv(x, w)
        [b] b = BatchNormalization(a, p, p, p, v)
        r = Relu(b)
        [c] c = Conv(r, u)
        [d] z = BatchNormalization(c, q, p, p, v)
      }
      """;

  /**
   * A plan of two sites whose operand {@code q} throws what {@code fault} holds when it is read.
   */
  private static FusionPlan plan(AtomicReference<Throwable> fault) {
    ModelGraph model = GraphText.parse(TWO_SITES);
    List<Initializer> initializers =
        model.graph().initializers().stream()
            .map(
                it -> it.name().equals("q") ? new Initializer("q", faulty(it.tensor(), fault)) : it)
            .toList();
    FusionPlan plan =
        new FusionEngine(Rules.inference())
            .plan(model.withGraph(model.graph().withInitializers(initializers)));
    assertThat(plan.fusions()).hasSize(2);
    return plan;
  }

  private static Tensor faulty(Tensor tensor, AtomicReference<Throwable> fault) {
    return new StoredTensor(
        tensor.type(),
        tensor.shape(),
        (offset, destination) -> {
          Throwable thrown = fault.get();
          if (thrown instanceof Error error) {
            throw error;
          } else if (thrown instanceof RuntimeException exception) {
            throw exception;
          }
          tensor.read(offset, destination);
        });
  }

  @Test
  void with_one_thread_every_site_is_proven_in_the_caller_s_and_the_same_is_found() {
    FusionPlan plan = plan(new AtomicReference<>());
    Set<Thread> readers = ConcurrentHashMap.newKeySet();
    ModelGraph fused = plan.apply();
    ModelGraph watched =
        fused.withGraph(
            fused
                .graph()
                .withInitializers(
                    fused.graph().initializers().stream()
                        .map(it -> new Initializer(it.name(), read(it.tensor(), readers)))
                        .toList()));

    FusionProof alone = FusionProof.of(plan, watched, 1, /* threads= */ 1);

    assertThat(readers).containsExactly(Thread.currentThread());
    assertThat(alone).isEqualTo(FusionProof.of(plan, fused, 1, /* threads= */ 2));
  }

  private static Tensor read(Tensor tensor, Set<Thread> readers) {
    return new StoredTensor(
        tensor.type(),
        tensor.shape(),
        (offset, destination) -> {
          readers.add(Thread.currentThread());
          tensor.read(offset, destination);
        });
  }

  @ParameterizedTest
  @ValueSource(classes = {ArithmeticException.class, StackOverflowError.class})
  void what_the_proof_of_a_site_throws_costs_that_site_and_is_reported_with_its_nodes(
      Class<? extends Throwable> kind) throws ReflectiveOperationException {
    AtomicReference<Throwable> fault = new AtomicReference<>();
    FusionPlan plan = plan(fault);
    fault.set(kind.getConstructor(String.class).newInstance("injected"));

    FusionProof proof = FusionProof.of(plan, plan.apply(), 1);

    SiteResult sound = proof.sites().get(0);
    SiteResult defective = proof.sites().get(1);
    assertThat(sound.certificate().verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(sound.site().verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(defective.nodes()).containsExactly("c", "d");
    assertThat(defective.certificate().doubt()).isEqualTo(InconclusiveReason.DEFECT);
    assertThat(defective.certificate().reason()).contains("injected", "please report it");
    assertThat(defective.site().verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    assertThat(defective.site().reason()).contains("injected");
    assertThat(proof.culprits()).containsExactly(plan.fusions().get(1).id());
  }

  @Test
  void both_sites_are_proven_where_nothing_throws() {
    FusionPlan plan = plan(new AtomicReference<>());

    FusionProof proof = FusionProof.of(plan, plan.apply(), 1);

    assertThat(proof.certificate().verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(proof.site().verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(proof.culprits()).isEmpty();
  }

  @Test
  void a_site_check_says_where_both_sides_differ_and_what_the_truth_is() {
    FusionPlan plan = plan(new AtomicReference<>());
    ModelGraph fused = plan.apply();
    // The second layer's weight is left as it was.
    Tensor unscaled =
        plan.original().graph().initializers().stream()
            .filter(it -> it.name().equals("u"))
            .findFirst()
            .orElseThrow()
            .tensor();
    String weight =
        fused.graph().nodes().stream()
            .filter(node -> node.is(OpKind.CONV))
            .reduce((first, second) -> second)
            .orElseThrow()
            .input(1);
    ModelGraph faulty =
        fused.withGraph(
            fused
                .graph()
                .withInitializers(
                    fused.graph().initializers().stream()
                        .map(
                            it -> it.name().equals(weight) ? new Initializer(weight, unscaled) : it)
                        .toList()));

    FusionProof proof = FusionProof.of(plan, faulty, 1);

    assertThat(proof.sites().get(0).site().verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(proof.sites().get(1).site().verdict()).isEqualTo(Verdict.DIFFERENT);
    assertThat(proof.sites().get(1).site().reason())
        .matches(
            "'z'\\[\\d+(,\\d+){3}] is -?\\d\\S*, the original's -?\\d\\S*, in float64 -?\\d\\S*: "
                + "error \\S+ ulp of the largest value against \\S+ before");
    assertThat(FusionProof.repros(plan, faulty, proof.culprits(), 1)).hasSize(1);
    assertThat(FusionProof.repros(plan, faulty, Set.of(), 1)).isEmpty();
  }

  @Test
  void a_lack_of_memory_is_nobodys_defect_and_ends_the_proof() {
    AtomicReference<Throwable> fault = new AtomicReference<>();
    FusionPlan plan = plan(fault);
    fault.set(new OutOfMemoryError("injected"));

    assertThatThrownBy(() -> FusionProof.of(plan, plan.apply(), 1))
        .isInstanceOf(OutOfMemoryError.class);
  }
}
