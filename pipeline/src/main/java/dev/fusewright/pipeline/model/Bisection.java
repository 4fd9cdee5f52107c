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

import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Finds the fusions that make a model different when each of them seems right by itself: half of
 * them are carried out and judged, and halves that differ are halved again.
 *
 * @param <T> what names a fusion
 */
final class Bisection<T> {
  /** Carries some of the fusions out and says whether the result differs from the original. */
  @FunctionalInterface
  interface Trial<T> {
    boolean isDifferent(T kept) throws Exception;
  }

  /** More trials than that find nothing that is worth their time. */
  private static final int MAX_TRIALS = 64;

  private final Trial<List<T>> trial;
  private int trials;

  private Bisection(Trial<List<T>> trial) {
    this.trial = trial;
  }

  /**
   * The culprits among fusions that together are known to make a model different; all of them if
   * none can be singled out.
   */
  static <T> Set<T> culprits(List<T> suspects, Trial<List<T>> trial) throws Exception {
    return new Bisection<>(trial).search(suspects);
  }

  /**
   * The fusions that make a plan that is known to be different so.
   *
   * @param without leaves fusions out of a plan, with what cannot do without them
   */
  static Set<Integer> culprits(
      FusionPlan plan,
      BiFunction<FusionPlan, Set<Integer>, FusionPlan> without,
      Trial<FusionPlan> trial)
      throws Exception {
    List<Integer> suspects =
        plan.fusions().stream()
            .filter(fusion -> fusion.result() != Fusion.Result.UNCHANGED)
            .map(Fusion::id)
            .toList();
    return culprits(
        suspects,
        kept -> {
          Set<Integer> others = new HashSet<>();
          plan.fusions().forEach(fusion -> others.add(fusion.id()));
          kept.forEach(others::remove);
          FusionPlan part = without.apply(plan, others);
          return part.changesModel() && trial.isDifferent(part);
        });
  }

  /** Invariant: carrying out exactly the suspects makes the model different. */
  private Set<T> search(List<T> suspects) throws Exception {
    if (suspects.size() <= 1 || trials >= MAX_TRIALS) {
      return Set.copyOf(suspects);
    }
    int middle = suspects.size() / 2;
    Set<T> culprits = new HashSet<>();
    for (List<T> half :
        List.of(suspects.subList(0, middle), suspects.subList(middle, suspects.size()))) {
      trials++;
      if (trial.isDifferent(half)) {
        culprits.addAll(search(half));
      }
    }
    // Where neither half differs, it takes fusions of both to do so.
    return culprits.isEmpty() ? Set.copyOf(suspects) : culprits;
  }
}
