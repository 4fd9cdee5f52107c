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

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.verdict.Assumption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A model in normal form.
 *
 * @param plan from the model as it is to its normal form; every fusion in it is proven
 * @param model in normal form
 * @param assumptions what the proofs of the fusions rest on
 */
record NormalizedModel(FusionPlan plan, ModelGraph model, List<Assumption> assumptions) {
  /** How often what is not proven is undone and the rest proven anew. */
  private static final int ROUNDS = 4;

  /** Copies of shared parameters are read as they are folded, and never written. */
  private static final long UNBOUNDED = Long.MAX_VALUE;

  static NormalizedModel of(ModelGraph model, long seed) {
    FusionPlan plan = new FusionEngine(Rules.inference()).withCloneBudget(UNBOUNDED).plan(model);
    for (int round = 0; round < ROUNDS && plan.changesModel(); round++) {
      ModelGraph normal = plan.apply();
      FusionProof proof = FusionProof.of(plan, normal, seed);
      Set<Integer> culprits = proof.culprits();
      if (culprits.isEmpty()) {
        return new NormalizedModel(plan, normal, proof.assumptions());
      }
      plan = plan.without(culprits);
    }
    return plan.changesModel() ? asItIs(model, plan) : new NormalizedModel(plan, model, List.of());
  }

  private static NormalizedModel asItIs(ModelGraph model, FusionPlan plan) {
    Set<Integer> all = new HashSet<>();
    plan.fusions().forEach(fusion -> all.add(fusion.id()));
    return new NormalizedModel(plan.without(all), model, List.of());
  }

  /**
   * Ids of the fusions that made, or changed, a node of the main graph; empty if none of them made
   * the parameter.
   */
  Set<Integer> fusionsOf(int node, String parameter) {
    Set<Integer> ids = new HashSet<>();
    boolean isMade = false;
    for (Fusion fusion : plan.fusions()) {
      if (fusion.scope().equals(ScopePath.MAIN)
          && fusion.result() == Fusion.Result.FOLDED
          && fusion.touched().contains("node " + node)) {
        ids.add(fusion.id());
        isMade |= fusion.touchesValue(parameter);
      }
    }
    return isMade ? ids : Set.of();
  }
}
