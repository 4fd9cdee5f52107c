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

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.proof.structure.StructureComparison;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.LevelVerdict;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/**
 * Whatever stands in the attributes and shapes of a model, planning, fusing and proving it end
 * without an exception: a site that makes no sense is refused or not proven, and never a defect.
 */
class OddAttributesTest {
  private static final int TRIES = Integer.getInteger("fusewright.odd", 1500);

  @Property(tries = 1500, seed = "20261129", shrinking = ShrinkingMode.OFF)
  void a_random_graph_with_odd_attributes_is_refused_or_not_proven_and_no_defect(
      @ForAll @LongRange(min = 0, max = Long.MAX_VALUE) long seed) {
    assertNoDefect(OddModels.of(RandomModels.of(seed).model(), new Random(seed)), rules(seed));
  }

  @Test
  void neither_is_the_example_of_a_rule_with_odd_attributes() {
    List<ModelGraph> examples =
        Rules.inference().folds().stream()
            .map(rule -> GraphText.parse(rule.info().example()))
            .toList();
    Random random = new Random(1);
    for (int i = 0; i < TRIES; i++) {
      ModelGraph example = examples.get(i % examples.size());
      assertNoDefect(OddModels.of(example, random), rules(i));
    }
  }

  private static RuleSet rules(long seed) {
    return seed % 4 == 0 ? Rules.torch() : Rules.inference();
  }

  private static void assertNoDefect(ModelGraph odd, RuleSet rules) {
    try {
      FusionPlan plan = new FusionEngine(rules).plan(odd);
      assertThat(plan.refusals()).noneMatch(refusal -> refusal.reason() == Reason.DEFECT);
      ModelGraph fused = plan.apply();
      FusionProof proof = FusionProof.of(plan, fused, /* seed= */ 0);
      assertThat(levels(proof)).noneMatch(level -> level.doubt() == InconclusiveReason.DEFECT);
      StructureComparison.of(odd, fused);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("%s%nin%n%s".formatted(e, GraphText.print(odd)), e);
    }
  }

  private static Stream<LevelVerdict> levels(FusionProof proof) {
    return proof.sites().stream().flatMap(site -> Stream.of(site.certificate(), site.site()));
  }
}
