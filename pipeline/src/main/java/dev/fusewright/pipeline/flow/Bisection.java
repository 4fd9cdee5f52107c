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
package dev.fusewright.pipeline.flow;

import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the fusions that make a model different when each of them seems right by itself: halves of
 * the plan are carried out and judged, and halves that differ are halved again.
 */
final class Bisection {
  /** Carries a plan out and says whether the result differs from the original. */
  @FunctionalInterface
  interface Trial {
    boolean isDifferent(FusionPlan plan) throws Exception;
  }

  /** More trials than that find nothing that is worth their time. */
  private static final int MAX_TRIALS = 64;

  private final FusionPlan plan;
  private final Trial trial;
  private int trials;

  private Bisection(FusionPlan plan, Trial trial) {
    this.plan = plan;
    this.trial = trial;
  }

  /**
   * The guilty fusions of a plan that is known to be different; all of them if none can be singled
   * out.
   */
  static Set<Integer> guilty(FusionPlan plan, Trial trial) throws Exception {
    List<Integer> suspects =
        plan.fusions().stream()
            .filter(fusion -> fusion.result() == Fusion.Result.FOLDED)
            .map(Fusion::id)
            .toList();
    return new Bisection(plan, trial).search(suspects);
  }

  /** Invariant: carrying out exactly the suspects makes the model different. */
  private Set<Integer> search(List<Integer> suspects) throws Exception {
    if (suspects.size() <= 1 || trials >= MAX_TRIALS) {
      return Set.copyOf(suspects);
    }
    int middle = suspects.size() / 2;
    Set<Integer> guilty = new HashSet<>();
    for (List<Integer> half :
        List.of(suspects.subList(0, middle), suspects.subList(middle, suspects.size()))) {
      if (isDifferent(half)) {
        guilty.addAll(search(half));
      }
    }
    // Where neither half differs, it takes fusions of both to do so.
    return guilty.isEmpty() ? Set.copyOf(suspects) : guilty;
  }

  private boolean isDifferent(List<Integer> kept) throws Exception {
    trials++;
    Set<Integer> others = new HashSet<>();
    plan.fusions().forEach(fusion -> others.add(fusion.id()));
    kept.forEach(others::remove);
    FusionPlan part = plan.without(others);
    return part.changesModel() && trial.isDifferent(part);
  }
}
