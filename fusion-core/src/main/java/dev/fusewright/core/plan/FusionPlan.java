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
import dev.fusewright.core.graph.TopologicalOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Plan for one model: its fusions, and its refusals.
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
    return fusions.stream().anyMatch(fusion -> fusion.result() != Fusion.Result.UNCHANGED);
  }

  /**
   * The model after all fusions. Parameters and nodes that were used before and no longer are have
   * gone, except what is a graph input; parts that no fusion touches are the same instances as in
   * the original. Nodes are listed in {@linkplain TopologicalOrder topological order}.
   *
   * @throws dev.fusewright.core.graph.GraphException if the result breaks an invariant, which is a
   *     defect of a rule
   */
  public ModelGraph apply() {
    return PlanApplication.apply(this);
  }

  /** Whether carrying the plan out lists nodes anew, because the original's are out of order. */
  public boolean reordersNodes() {
    return changesModel() && !TopologicalOrder.isKeptBy(original);
  }

  /**
   * This plan without fusions that verification did not confirm, and without those that build on
   * them; {@link #dropped} lists them.
   *
   * @param ids of fusions to drop
   */
  public FusionPlan without(Set<Integer> ids) {
    List<Fusion> lost = dependants(ids);
    List<Fusion> out = new ArrayList<>(dropped);
    out.addAll(lost);
    return new FusionPlan(original, kept(lost), refused(lost, Reason.DROPPED_BY_VERIFICATION), out);
  }

  /**
   * This plan without fusions that turned out to be unsound when they were carried out, and without
   * those that build on them; to be refused is all that becomes of them.
   *
   * @param ids of fusions to refuse
   */
  public FusionPlan refusing(Set<Integer> ids, Reason reason) {
    List<Fusion> lost = dependants(ids);
    return new FusionPlan(original, kept(lost), refused(lost, reason), dropped);
  }

  /**
   * The same, where each is refused for a reason of its own.
   *
   * @param sentences for people, by the ids of the fusions
   */
  public FusionPlan refusing(Map<Integer, String> sentences, Reason reason) {
    List<Fusion> lost = dependants(sentences.keySet());
    List<Refusal> refused = new ArrayList<>(refusals);
    for (Fusion fusion : lost) {
      String sentence = sentences.getOrDefault(fusion.id(), reason.sentence());
      refused.add(new Refusal(fusion.rule(), fusion.scope(), fusion.nodes(), reason, sentence));
    }
    return new FusionPlan(original, kept(lost), refused, dropped);
  }

  /** The fusions with these ids and what builds on them. */
  private List<Fusion> dependants(Set<Integer> ids) {
    Set<String> lost = new HashSet<>();
    List<Fusion> dependants = new ArrayList<>();
    for (Fusion fusion : fusions) {
      if (ids.contains(fusion.id()) || fusion.touched().stream().anyMatch(lost::contains)) {
        lost.addAll(fusion.touched());
        dependants.add(fusion);
      }
    }
    return dependants;
  }

  private List<Fusion> kept(List<Fusion> lost) {
    return fusions.stream().filter(fusion -> !lost.contains(fusion)).toList();
  }

  private List<Refusal> refused(List<Fusion> lost, Reason reason) {
    List<Refusal> refused = new ArrayList<>(refusals);
    for (Fusion fusion : lost) {
      refused.add(
          new Refusal(fusion.rule(), fusion.scope(), fusion.nodes(), reason, reason.sentence()));
    }
    return refused;
  }
}
