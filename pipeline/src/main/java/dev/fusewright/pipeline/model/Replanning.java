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
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.plan.SiteKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Plans a model anew without fusions that were not confirmed, so that what was built on them is
 * fused without them where it can be.
 *
 * <p>Fusions that build on one another are proven together, and all of them are blamed where they
 * are not. Then the least of them to leave out is searched: what is left is planned and proven by
 * itself, and only where leaving out fewer never helps all of them go.
 */
final class Replanning {
  /** More attempts than that at one site find nothing that is worth their time. */
  private static final int MAX_ATTEMPTS = 32;

  /** More plans than that are not made of one model. */
  private static final int MAX_PLANS = 32;

  private final Plans plans;
  private final Proof proof;
  private final Set<SiteKey> excluded = new HashSet<>();
  private int made;

  /** Makes a plan that leaves some sites as they are. */
  interface Plans {
    FusionPlan without(Set<SiteKey> sites) throws Exception;
  }

  /** Says whether every fusion of a plan is proven by itself. */
  interface Proof {
    boolean holds(FusionPlan plan) throws Exception;
  }

  Replanning(Plans plans, Proof proof) {
    this.plans = plans;
    this.proof = proof;
  }

  /**
   * A plan of the same model without some of a plan's fusions.
   *
   * @param culprits ids of fusions that were not confirmed
   */
  FusionPlan without(FusionPlan plan, Set<Integer> culprits) throws Exception {
    if (++made > MAX_PLANS) {
      return plan.without(culprits);
    }
    Set<Fusion> left = Collections.newSetFromMap(new IdentityHashMap<>());
    for (List<Fusion> site : sites(plan, culprits)) {
      left.addAll(leastToLeave(site));
    }
    left.forEach(fusion -> excluded.add(SiteKey.of(fusion)));
    FusionPlan anew = plans.without(excluded);
    return reported(plan, left, anew);
  }

  /** The culprits, those together that build on one another, in plan order. */
  private static List<List<Fusion>> sites(FusionPlan plan, Set<Integer> culprits) {
    List<List<Fusion>> sites = new ArrayList<>();
    for (Fusion fusion : plan.fusions()) {
      if (culprits.contains(fusion.id())) {
        List<Fusion> together = new ArrayList<>();
        List<List<Fusion>> others = new ArrayList<>();
        for (List<Fusion> site : sites) {
          if (site.stream().anyMatch(other -> isTogether(other, fusion))) {
            together.addAll(site);
          } else {
            others.add(site);
          }
        }
        together.add(fusion);
        others.add(together);
        sites = others;
      }
    }
    return sites;
  }

  private static boolean isTogether(Fusion one, Fusion other) {
    return one.scope().equals(other.scope())
        && (!Collections.disjoint(one.touched(), other.touched())
            || !Collections.disjoint(one.nodeIds(), other.nodeIds()));
  }

  /** The fewest fusions of a site without which the rest of it is proven; all if none are. */
  private List<Fusion> leastToLeave(List<Fusion> site) throws Exception {
    return DeltaDebugging.least(
        site,
        MAX_ATTEMPTS,
        some -> {
          Set<SiteKey> without = new HashSet<>(excluded);
          some.forEach(fusion -> without.add(SiteKey.of(fusion)));
          FusionPlan part = only(site, plans.without(without));
          return part.changesModel() && proof.holds(part);
        });
  }

  /** What a plan does at the nodes of a site. */
  private static FusionPlan only(List<Fusion> site, FusionPlan plan) {
    Set<Integer> nodes =
        site.stream().flatMap(fusion -> fusion.nodeIds().stream()).collect(Collectors.toSet());
    Set<Integer> elsewhere =
        plan.fusions().stream()
            .filter(
                fusion ->
                    !fusion.scope().equals(site.get(0).scope())
                        || Collections.disjoint(fusion.nodeIds(), nodes))
            .map(Fusion::id)
            .collect(Collectors.toSet());
    return plan.without(elsewhere);
  }

  /** The new plan, which says what has gone: what was left out, and what cannot do without it. */
  private static FusionPlan reported(FusionPlan before, Set<Fusion> left, FusionPlan anew) {
    Set<Integer> ids = left.stream().map(Fusion::id).collect(Collectors.toSet());
    FusionPlan without = before.without(ids);
    List<Fusion> dropped = new ArrayList<>(before.dropped());
    Map<SiteKey, Refusal> missing = new LinkedHashMap<>();
    for (Fusion fusion :
        without.dropped().subList(before.dropped().size(), without.dropped().size())) {
      if (left.contains(fusion) || !isPlanned(fusion, anew)) {
        dropped.add(fusion);
      }
    }
    for (Fusion fusion : dropped) {
      missing.put(
          SiteKey.of(fusion),
          new Refusal(
              fusion.rule(),
              fusion.scope(),
              fusion.nodes(),
              Reason.DROPPED_BY_VERIFICATION,
              Reason.DROPPED_BY_VERIFICATION.sentence()));
    }
    anew.refusals()
        .forEach(
            refusal ->
                missing.remove(new SiteKey(refusal.rule(), refusal.scope(), refusal.nodes())));
    List<Refusal> refusals = new ArrayList<>(anew.refusals());
    refusals.addAll(missing.values());
    return new FusionPlan(anew.original(), anew.fusions(), refusals, dropped);
  }

  /** Whether a plan still fuses what a fusion ended at. */
  private static boolean isPlanned(Fusion fusion, FusionPlan plan) {
    String last = fusion.nodes().get(fusion.nodes().size() - 1);
    return plan.fusions().stream()
        .filter(other -> other.scope().equals(fusion.scope()))
        .anyMatch(other -> other.nodes().contains(last));
  }
}
