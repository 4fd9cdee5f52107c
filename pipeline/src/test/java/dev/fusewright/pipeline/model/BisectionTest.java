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
package dev.fusewright.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.pipeline.ExampleModels;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class BisectionTest {
  private static FusionPlan plan() {
    try (GraphCheckpoint model =
        Formats.openGraph(ExampleModels.folder().resolve("resnet18.onnx"))) {
      return new FusionEngine(Rules.inference()).plan(model.graph());
    }
  }

  private static Set<Integer> ids(FusionPlan plan) {
    return plan.fusions().stream().map(Fusion::id).collect(Collectors.toSet());
  }

  @Test
  void the_culprits_are_singled_out_in_a_few_trials() throws Exception {
    AtomicInteger trials = new AtomicInteger();

    Set<Integer> culprits =
        Bisection.culprits(
            plan(),
            FusionPlan::without,
            part -> {
              trials.incrementAndGet();
              return ids(part).contains(3) || ids(part).contains(11);
            });

    assertThat(culprits).containsExactlyInAnyOrder(3, 11);
    assertThat(trials.get()).isLessThan(20);
  }

  @Test
  void fusions_that_are_different_only_together_are_all_culprits() throws Exception {
    Set<Integer> culprits =
        Bisection.culprits(
            plan(), FusionPlan::without, part -> ids(part).contains(0) && ids(part).contains(19));

    assertThat(culprits).contains(0, 19);
  }
}
