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
package dev.fusewright.core.engine;

import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.GraphInvariants;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.rule.Rewrite;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes a plan step by step, for callers who know the sites: what {@link FusionEngine} does for
 * rules, without looking for anything. Works on the main graph.
 */
public final class StepwisePlanning {
  private final ModelGraph model;
  private final MutableScope draft;
  private final Names names;
  private final List<Fusion> fusions = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private final RuleListener listener;

  /**
   * Begins a plan.
   *
   * @throws dev.fusewright.core.graph.GraphException if the model breaks an invariant
   */
  public StepwisePlanning(ModelGraph model) {
    this(model, RuleListener.NONE);
  }

  /**
   * Begins a plan that {@code listener} hears of.
   *
   * @throws dev.fusewright.core.graph.GraphException if the model breaks an invariant
   */
  public StepwisePlanning(ModelGraph model, RuleListener listener) {
    GraphInvariants.check(model);
    this.model = model;
    this.draft =
        new MutableScope(
            model.irVersion(),
            model.opsets().getOrDefault("", 1L),
            model.graph(),
            null,
            Map.of(),
            Function.byOperator(model.functions()),
            /* isFunctionBody= */ false);
    this.names = new Names(model);
    this.listener = listener;
    listener.onScope(ScopePath.MAIN, draft);
  }

  /** The main graph as the steps so far have left it. */
  public GraphView graph() {
    return draft;
  }

  /** The node with this id as the steps so far have left it; null if it has gone. */
  public @Nullable Node node(int id) {
    return draft.node(id);
  }

  /** Carries a rewrite out, as the next fusion of the plan. */
  public void apply(String rule, Rewrite rewrite) {
    RewriteApplier editing = new RewriteApplier(draft, names, /* inFunction= */ false);
    editing.carryOut(rewrite);
    Fusion fusion = editing.fusion(fusions.size(), rule, ScopePath.MAIN, rewrite);
    fusions.add(fusion);
    listener.onApplied(fusion);
  }

  /** Adds what was left as it is. */
  public void refuse(Refusal refusal) {
    refusals.add(refusal);
  }

  /** The plan, once the steps are done. */
  public FusionPlan plan() {
    listener.onPlanned(ScopePath.MAIN, draft);
    return new FusionPlan(model, fusions, refusals, List.of());
  }
}
