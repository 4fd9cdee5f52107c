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
package dev.fusewright.core.plan;

import dev.fusewright.core.graph.ModelGraph;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is to be done to a model, and what is not and why.
 *
 * @param original the graph that was looked at
 * @param fusions in the order in which they are carried out
 * @param refusals in graph order
 * @param dropped fusions that {@link #without} took out
 */
public record FusionPlan(
    ModelGraph original, List<Fusion> fusions, List<Refusal> refusals, List<Fusion> dropped) {

  /** Copies the lists. */
  public FusionPlan {
    fusions = List.copyOf(fusions);
    refusals = List.copyOf(refusals);
    dropped = List.copyOf(dropped);
  }

  /** Whether carrying the plan out changes anything. */
  public boolean changesModel() {
    return fusions.stream().anyMatch(fusion -> fusion.result() == Fusion.Result.FOLDED);
  }

  /**
   * The model after all fusions. Parameters and nodes that were used before and no longer are have
   * gone, except what is a graph input; parts that no fusion touches are the same instances as in
   * the original.
   *
   * @throws dev.fusewright.core.graph.GraphException if the result breaks an invariant, which is a
   *     defect of a rule
   */
  public ModelGraph apply() {
    return PlanApplication.apply(this);
  }

  /**
   * This plan without some of its fusions, and without those that build on them.
   *
   * @param ids of fusions to drop
   */
  public FusionPlan without(Set<Integer> ids) {
    Set<String> lost = new HashSet<>();
    List<Fusion> kept = new ArrayList<>();
    List<Fusion> out = new ArrayList<>(dropped);
    List<Refusal> refused = new ArrayList<>(refusals);
    for (Fusion fusion : fusions) {
      if (ids.contains(fusion.id()) || fusion.touched().stream().anyMatch(lost::contains)) {
        lost.addAll(fusion.touched());
        out.add(fusion);
        refused.add(
            new Refusal(
                fusion.rule(),
                fusion.scope(),
                fusion.nodes(),
                Reason.DROPPED_BY_VERIFICATION,
                Reason.DROPPED_BY_VERIFICATION.sentence()));
      } else {
        kept.add(fusion);
      }
    }
    return new FusionPlan(original, kept, refused, out);
  }
}
