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
import dev.fusewright.core.engine.Explanation.Status;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.MatchResult;
import dev.fusewright.core.plan.Edit;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Answers why rules did or did not fuse a node, from the graph as it is when its scope is planned:
 * what was taken by then is said to be taken, by which rule; where the node still stands, each rule
 * is looked for once more with the node in any part of its pattern.
 *
 * <p>Listens to one plan.
 */
public final class Explanations implements RuleListener {
  private final String name;
  private final List<Explanation> explanations = new ArrayList<>();
  private final Map<ScopePath, List<Node>> asked = new HashMap<>();
  private final List<Fusion> fusions = new ArrayList<>();
  private final Map<String, LastRefusal> refusals = new HashMap<>();
  private RuleSet rules = new RuleSet("", List.of(), List.of());

  /** Why a match was refused when it was last tried. */
  private record LastRefusal(Reason reason, String message) {}

  /**
   * Explains the nodes of a name.
   *
   * @param name a node's name or label, or a value that it computes
   */
  public Explanations(String name) {
    this.name = name;
  }

  /** Whether any node of the model has the name. */
  public boolean isFound() {
    return !asked.isEmpty();
  }

  /** For each node of the name, what each rule made of it, in the order of the rules. */
  public List<Explanation> list() {
    return List.copyOf(explanations);
  }

  @Override
  public void onBegun(RuleSet begun) {
    rules = begun;
  }

  @Override
  public void onScope(ScopePath scope, GraphView graph) {
    for (Node node : graph.nodes()) {
      if (node.name().equals(name) || node.label().equals(name) || node.outputs().contains(name)) {
        asked.computeIfAbsent(scope, path -> new ArrayList<>()).add(node);
      }
    }
  }

  @Override
  public void onRefused(Rule<?> rule, Match match, Reason reason, String message) {
    refusals.put(key(rule, match), new LastRefusal(reason, message));
  }

  private static String key(Rule<?> rule, Match match) {
    return rule.info().id() + match.nodes().stream().map(Node::id).toList();
  }

  @Override
  public void onApplied(Fusion fusion) {
    fusions.add(fusion);
  }

  @Override
  public void onPlanned(ScopePath scope, GraphView graph) {
    for (Node node : asked.getOrDefault(scope, List.of())) {
      AskedNode asking = new AskedNode(scope, graph, node);
      rules.stream().forEach(rule -> explanations.add(asking.explain(rule)));
    }
  }

  /** One node that was asked for, and what has become of it. */
  private final class AskedNode {
    private final ScopePath scope;
    private final GraphView graph;
    private final Node before;
    private final @Nullable Node now;

    AskedNode(ScopePath scope, GraphView graph, Node before) {
      this.scope = scope;
      this.graph = graph;
      this.before = before;
      Node found = null;
      for (Node node : graph.nodes()) {
        found = node.id() == before.id() ? node : found;
      }
      this.now = found;
    }

    Explanation explain(Rule<?> rule) {
      Optional<Fusion> own = last(fusion -> fusion.rule().equals(rule.info().id()) && has(fusion));
      if (own.isPresent()) {
        return fired(rule, own.get());
      }
      if (now != null && rule.pattern().mentions(now.op())) {
        return nearest(rule, now);
      }
      // The node is gone, or has become one of another kind.
      Optional<Fusion> taker = last(this::changed);
      return taker.isPresent() && rule.pattern().mentions(before.op())
          ? taken(rule, taker.get())
          : of(rule, Status.NO_MATCH, List.of(), null, outside(rule));
    }

    private String outside(Rule<?> rule) {
      MatchResult result = GuardedRule.nearest(rule, graph, before);
      return result instanceof MatchResult.None none ? none.nearest().message() : "";
    }

    private Optional<Fusion> last(Predicate<Fusion> condition) {
      return fusions.stream()
          .filter(fusion -> fusion.scope().equals(scope))
          .filter(condition)
          .reduce((earlier, later) -> later);
    }

    private boolean has(Fusion fusion) {
      return fusion.nodeIds().contains(before.id());
    }

    private boolean changed(Fusion fusion) {
      return fusion.edits().stream()
          .anyMatch(
              edit ->
                  (edit instanceof Edit.RemoveNode removed && removed.id() == before.id())
                      || (edit instanceof Edit.ReplaceNode replaced
                          && replaced.after().id() == before.id()
                          && !replaced.after().op().equals(before.op())));
    }

    private Explanation fired(Rule<?> rule, Fusion fusion) {
      String what =
          fusion.result() == Fusion.Result.UNCHANGED
              ? "is listed as %s, unchanged".formatted(fusion.module())
              : "became " + fusion.module();
      return of(rule, Status.FIRED, fusion.nodes(), null, what);
    }

    private Explanation taken(Rule<?> rule, Fusion fusion) {
      return of(
          rule,
          Status.TAKEN,
          fusion.nodes(),
          null,
          "%s has taken '%s' already: %s became %s"
              .formatted(
                  fusion.rule(),
                  before.label(),
                  String.join(" + ", fusion.nodes()),
                  fusion.module()));
    }

    private <F> Explanation nearest(Rule<F> rule, Node node) {
      MatchResult result = GuardedRule.nearest(rule, graph, node);
      if (result instanceof MatchResult.None none) {
        return of(rule, Status.NO_MATCH, List.of(), null, none.nearest().message());
      }
      if (result instanceof MatchResult.NearMiss miss) {
        return GuardedRule.check(rule, miss.match()) instanceof Decision.Elsewhere<F> elsewhere
            ? at(rule, Status.PASSED_OVER, miss.match(), null, elsewhere.why())
            : at(rule, Status.REFUSED, miss.match(), miss.reason(), miss.message());
      }
      Match match = ((MatchResult.Found) result).match();
      Decision<F> decision = GuardedRule.check(rule, match);
      if (decision instanceof Decision.Refused<F> refused) {
        return at(rule, Status.REFUSED, match, refused.reason(), refused.message());
      }
      if (decision instanceof Decision.Elsewhere<F> elsewhere) {
        return at(rule, Status.PASSED_OVER, match, null, elsewhere.why());
      }
      return unapplied(rule, match);
    }

    /** Sound, and yet it was not fused: another has it, or there was no budget for it. */
    private Explanation unapplied(Rule<?> rule, Match match) {
      LastRefusal refused = refusals.get(key(rule, match));
      if (refused != null) {
        return at(rule, Status.REFUSED, match, refused.reason(), refused.message());
      }
      Optional<Fusion> other =
          last(
              fusion ->
                  match.nodes().stream()
                      .skip(1)
                      .anyMatch(it -> fusion.nodeIds().contains(it.id())));
      return other.isPresent()
          ? taken(rule, other.get())
          : at(rule, Status.PASSED_OVER, match, null, "it applies here, and was not asked for");
    }

    private Explanation at(
        Rule<?> rule, Status status, Match match, @Nullable Reason reason, String message) {
      List<String> labels = match.nodes().stream().map(Node::label).toList();
      return of(rule, status, labels, reason, message);
    }

    private Explanation of(
        Rule<?> rule, Status status, List<String> labels, @Nullable Reason reason, String message) {
      return new Explanation(
          before.label(), scope, rule.info().id(), status, labels, reason, message);
    }
  }
}
