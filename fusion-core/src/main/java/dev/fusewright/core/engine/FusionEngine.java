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

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.GraphInvariants;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.match.GraphView;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.rules.RuleSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes the plan of a model with a set of rules. Deterministic: the same model and rules give the
 * same plan.
 */
public final class FusionEngine {
  private final RuleSet rules;
  private final RuleIndex folds;
  private final RuleIndex containers;

  /** An engine that applies {@code rules}. */
  public FusionEngine(RuleSet rules) {
    this.rules = rules;
    this.folds = new RuleIndex(rules.folds());
    this.containers = new RuleIndex(rules.containers());
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
    GraphInvariants.check(model);
    Planning planning = new Planning(model);
    planning.scope(ScopePath.MAIN, model.graph(), model.opsets(), null, false);
    for (Function function : model.functions()) {
      planning.scope(ScopePath.of(function), function.body(), function.opsets(), null, true);
    }
    return new FusionPlan(model, planning.fusions, planning.refusals, List.of());
  }

  /** The plan of one model while it grows. */
  private final class Planning {
    private final long irVersion;
    private final Names names;
    private final List<Fusion> fusions = new ArrayList<>();
    private final List<Refusal> refusals = new ArrayList<>();

    Planning(ModelGraph model) {
      this.irVersion = model.irVersion();
      this.names = new Names(model);
    }

    void scope(
        ScopePath path,
        Graph graph,
        Map<String, Long> opsets,
        @Nullable GraphView outer,
        boolean inFunction) {
      Draft draft = new Draft(irVersion, opsets.getOrDefault("", 1L), graph, outer, inFunction);
      ScopePlanner planner = new ScopePlanner(path, draft, names, inFunction, fusions, refusals);
      planner.fold(folds);
      planner.list(containers);
      planner.refuse(folds);
      for (Node node : graph.nodes()) {
        for (Map.Entry<String, Attribute> entry : node.attributes().entrySet()) {
          if (entry.getValue() instanceof Attribute.Body body) {
            scope(path.body(node, entry.getKey(), 0), body.value(), opsets, draft, inFunction);
          } else if (entry.getValue() instanceof Attribute.Bodies bodies) {
            for (int i = 0; i < bodies.values().size(); i++) {
              scope(
                  path.body(node, entry.getKey(), i),
                  bodies.values().get(i),
                  opsets,
                  draft,
                  inFunction);
            }
          }
        }
      }
    }
  }
}
