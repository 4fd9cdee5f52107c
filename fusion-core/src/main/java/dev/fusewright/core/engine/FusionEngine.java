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
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.CallOrder;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.GraphInvariants;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.plan.SiteKey;
import dev.fusewright.core.rule.RuleSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the plan of a model with a set of rules. Deterministic: the same model and rules give the
 * same plan.
 */
public final class FusionEngine {
  /** How many times as large a model's parameters may become where nothing else is said. */
  public static final double STANDARD_MAX_GROWTH = 2;

  private final RuleSet rules;
  private final RuleIndex folds;
  private final RuleIndex containers;
  private final @Nullable Long cloneBudget;
  private final double maxGrowth;
  private final RuleListener listener;

  /** An engine that applies {@code rules}. */
  public FusionEngine(RuleSet rules) {
    this(rules, null, STANDARD_MAX_GROWTH, RuleListener.NONE);
  }

  private FusionEngine(
      RuleSet rules, @Nullable Long cloneBudget, double maxGrowth, RuleListener listener) {
    this.rules = rules;
    this.cloneBudget = cloneBudget;
    this.maxGrowth = maxGrowth;
    this.listener = listener;
    this.folds = new RuleIndex(rules.folds());
    this.containers = new RuleIndex(rules.containers());
  }

  /**
   * The same engine with another limit for what copies of shared parameters may add to a model;
   * without one it is what the model's parameters take, and at least 64 MiB.
   */
  public FusionEngine withCloneBudget(long bytes) {
    return new FusionEngine(rules, bytes, maxGrowth, listener);
  }

  /**
   * The same engine with another limit for what a model may grow to: {@code factor} times what its
   * parameters take, or 16 MB more than that, whichever is more. Without one the factor is 2.
   *
   * @throws IllegalArgumentException if the factor is below 1
   */
  public FusionEngine withMaxGrowth(double factor) {
    return new FusionEngine(rules, cloneBudget, factor, listener);
  }

  /** The same engine, whose plans {@code other} hears of. */
  public FusionEngine withListener(RuleListener other) {
    return new FusionEngine(rules, cloneBudget, maxGrowth, other);
  }

  /** The rules that this engine applies. */
  public RuleSet rules() {
    return rules;
  }

  /**
   * What is to be fused in {@code model}, and what is not and why.
   *
   * @throws dev.fusewright.core.graph.GraphException if the model itself breaks an invariant, such
   *     as a cycle
   */
  public FusionPlan plan(ModelGraph model) {
    return plan(model, Set.of());
  }

  /**
   * The plan of a model that leaves some sites as they are; what was built on them is fused without
   * them where it can be.
   *
   * @param excluded sites of an earlier plan of the same model
   * @throws dev.fusewright.core.graph.GraphException if the model itself breaks an invariant
   */
  public FusionPlan plan(ModelGraph model, Set<SiteKey> excluded) {
    GraphInvariants.check(model);
    InlinableFunctions inlinable = inlinable(model, excluded);
    listener.onBegun(rules);
    Planning planning = new Planning(model, excluded, inlinable, listener);
    planning.whole(model);
    return new FusionPlan(model, planning.fusions, planning.refusals, List.of());
  }

  /**
   * Which calls are to be inlined, found by planning without that, and then with all that may be.
   */
  private InlinableFunctions inlinable(ModelGraph model, Set<SiteKey> excluded) {
    if (model.functions().isEmpty()) {
      return InlinableFunctions.NONE;
    }
    Planning calling =
        new Planning(model, excluded, InlinableFunctions.NONE, RuleListener.NONE);
    calling.whole(model);
    InlinableFunctions inlinable =
        InlinableFunctions.of(model, calling.refusals, calling.calls.disagreements());
    if (inlinable.isEmpty()) {
      return inlinable;
    }
    Planning inlining = new Planning(model, excluded, inlinable, RuleListener.NONE);
    inlining.whole(model);
    return inlinable.whereUseful(inlining.fusions);
  }

  /** The plan of one model while it grows. */
  private final class Planning {
    private final Set<SiteKey> excluded;
    private final InlinableFunctions inlinable;
    private final InliningBudget inliningBudget;
    private final RuleListener hearing;
    private final long irVersion;
    private final Names names;
    private final Budgets budgets;
    private final CallSites calls;
    private final Map<OpKind, Function> callable;
    private final List<Fusion> fusions = new ArrayList<>();
    private final List<Refusal> refusals = new ArrayList<>();

    Planning(
        ModelGraph model,
        Set<SiteKey> excluded,
        InlinableFunctions inlinable,
        RuleListener hearing) {
      this.excluded = Set.copyOf(excluded);
      this.inlinable = inlinable;
      this.inliningBudget =
          inlinable.isChosen() ? InliningBudget.usedUp() : InliningBudget.of(model);
      this.hearing = hearing;
      this.irVersion = model.irVersion();
      this.names = new Names(model);
      this.budgets =
          new Budgets(
              cloneBudget == null ? CloneBudget.of(model) : new CloneBudget(cloneBudget),
              GrowthBudget.of(model, maxGrowth));
      this.calls = new CallSites(model.functions());
      this.callable = Function.byOperator(model.functions());
    }

    void whole(ModelGraph model) {
      main(model);
      functions(model);
    }

    private void main(ModelGraph model) {
      scope(ScopePath.MAIN, model.graph(), model.opsets(), null, Map.of(), false);
    }

    /** What a function's inputs are is known once everybody who calls it has been planned. */
    private void functions(ModelGraph model) {
      List<Function> callersFirst = new ArrayList<>(CallOrder.calleesFirst(model.functions()));
      Collections.reverse(callersFirst);
      for (Function function : callersFirst) {
        boolean isInlined = inlinable.functions().containsKey(function.op());
        if (isInlined && !calls.areThere(function)) {
          continue; // Nobody calls it any more, and it goes.
        }
        Map<String, Operand> arguments = calls.arguments(function);
        arguments.putAll(inlinable.disagreements().getOrDefault(function.op(), Map.of()));
        scope(
            ScopePath.of(function),
            function.body(),
            function.opsets(),
            null,
            arguments,
            true);
      }
    }

    private void scope(
        ScopePath path,
        Graph graph,
        Map<String, Long> opsets,
        @Nullable GraphView outer,
        Map<String, Operand> arguments,
        boolean inFunction) {
      MutableScope draft =
          new MutableScope(
              irVersion,
              opsets.getOrDefault("", 1L),
              graph,
              outer,
              arguments,
              callable,
              inFunction);
      ScopePlanner planner =
          new ScopePlanner(
              path, draft, names, budgets, inFunction, fusions, refusals, hearing, excluded,
              new CallInlining(inlinable, inliningBudget, path, draft));
      hearing.onScope(path, draft);
      planner.inline();
      planner.fold(folds);
      planner.list(containers);
      planner.refuse(folds);
      hearing.onPlanned(path, draft);
      calls.collect(draft);
      for (Node node : graph.nodes()) {
        for (Map.Entry<String, Attribute> entry : node.attributes().entrySet()) {
          if (entry.getValue() instanceof Attribute.Body body) {
            scope(
                path.body(node, entry.getKey(), 0),
                body.value(),
                opsets,
                draft,
                Map.of(),
                inFunction);
          } else if (entry.getValue() instanceof Attribute.Bodies bodies) {
            for (int i = 0; i < bodies.values().size(); i++) {
              scope(
                  path.body(node, entry.getKey(), i),
                  bodies.values().get(i),
                  opsets,
                  draft,
                  Map.of(),
                  inFunction);
            }
          }
        }
      }
    }
  }
}
