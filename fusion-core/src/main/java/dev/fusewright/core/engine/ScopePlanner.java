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

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.Use;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.MatchResult;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.plan.SiteKey;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.text.Amounts;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Plans one scope: folds to a fixpoint, then lists containers, then collects why the rest was
 * refused. Refusals are looked for last, since a site that is refused at first may be folded once
 * its neighbour is.
 */
final class ScopePlanner {
  /**
   * No node is fused more often than this on average; a rule set that needs more undoes its own
   * work.
   */
  private static final int FUSIONS_PER_NODE = 4;

  /** How many rules are named where the budget ended. */
  private static final int BUSIEST = 3;

  private final ScopePath path;
  private final MutableScope draft;
  private final Names names;
  private final Budgets budgets;
  private final boolean inFunction;
  private final List<Fusion> fusions;
  private final List<Refusal> refusals;
  private final RuleListener listener;
  private final Set<SiteKey> excluded;
  private final CallInlining inlining;
  private final Set<Integer> contained = new HashSet<>();
  private final Set<String> broken = new HashSet<>();
  private final Set<Integer> defective = new HashSet<>();
  private final Map<String, Refusal> defects = new LinkedHashMap<>();
  private boolean outOfBudget;

  ScopePlanner(
      ScopePath path,
      MutableScope draft,
      Names names,
      Budgets budgets,
      boolean inFunction,
      List<Fusion> fusions,
      List<Refusal> refusals,
      RuleListener listener,
      Set<SiteKey> excluded,
      CallInlining inlining) {
    this.excluded = excluded;
    this.inlining = inlining;
    this.path = path;
    this.draft = draft;
    this.names = names;
    this.budgets = budgets;
    this.inFunction = inFunction;
    this.fusions = fusions;
    this.refusals = refusals;
    this.listener = listener;
  }

  /**
   * Inlines calls, and the calls in what they are replaced by: each to the end before the next, so
   * that what a budget allows is whole.
   */
  void inline() {
    Deque<Node> open = new ArrayDeque<>(draft.nodes());
    while (!open.isEmpty()) {
      Node node = open.remove();
      List<Integer> made = inlining.isCandidate(node) ? apply(inlining, node) : null;
      if (made != null) {
        inlining.spend(made.size());
        for (int i = made.size() - 1; i >= 0; i--) {
          open.addFirst(Objects.requireNonNull(draft.node(made.get(i))));
        }
      }
    }
  }

  /**
   * Applies rules until none applies, looking again only at what an application has changed the
   * neighbours of.
   */
  void fold(RuleIndex rules) {
    Deque<Integer> open = new ArrayDeque<>();
    Set<Integer> queued = new HashSet<>();
    draft.nodes().forEach(node -> enqueue(node, open, queued));
    long budget = (long) FUSIONS_PER_NODE * draft.size();
    while (!open.isEmpty()) {
      int id = open.remove();
      queued.remove(id);
      Node node = draft.node(id);
      List<Integer> made = node == null ? null : firstApplied(rules, node);
      if (made == null) {
        continue;
      }
      if (--budget < 0) {
        outOfBudget = true;
        return;
      }
      for (int changed : made) {
        Node now = draft.node(changed);
        if (now != null) {
          enqueueAround(now, open, queued);
        }
      }
    }
  }

  private static void enqueue(Node node, Deque<Integer> open, Set<Integer> queued) {
    if (queued.add(node.id())) {
      open.add(node.id());
    }
  }

  private void enqueueAround(Node node, Deque<Integer> open, Set<Integer> queued) {
    enqueue(node, open, queued);
    for (String output : node.outputs()) {
      for (Use use : draft.uses(output)) {
        enqueue(use.node(), open, queued);
        // A pattern may be rooted one node further down, behind what a value merely passes.
        for (Use next : draft.uses(use.node().output())) {
          enqueue(next.node(), open, queued);
        }
      }
    }
  }

  /** The ids of the nodes that the first rule that applied has made or changed, if one did. */
  private @Nullable List<Integer> firstApplied(RuleIndex rules, Node root) {
    for (Rule<?> rule : rules.at(root)) {
      List<Integer> made = apply(rule, root);
      if (made != null) {
        return made;
      }
    }
    return null;
  }

  private <F> @Nullable List<Integer> apply(Rule<F> rule, Node root) {
    listener.onTried(rule, root);
    MatchResult result = GuardedRule.match(rule, draft, root);
    if (!(result instanceof MatchResult.Found found)) {
      notFound(rule, root, result);
      return null;
    }
    Match match = found.match();
    Decision<Rewrite> decision =
        broken.contains(site(rule, match))
            ? Decision.elsewhere("it has broken the graph here")
            : decide(rule, match);
    if (!(decision instanceof Decision.Sound<Rewrite> sound)) {
      unsound(rule, match, decision);
      return null;
    }
    return carryOut(rule, match, sound.facts());
  }

  /** What is to be put in the place of a match, or why nothing is. */
  private <F> Decision<Rewrite> decide(Rule<F> rule, Match match) {
    return GuardedRule.check(rule, match)
        .then(facts -> GuardedRule.rewrite(rule, match, facts))
        .then(rewrite -> GuardedRule.rewired(rule, match, () -> ShapeRewiring.of(draft, rewrite)));
  }

  private @Nullable List<Integer> carryOut(Rule<?> rule, Match match, Rewrite rewrite) {
    if (isExcluded(rule, rewrite)) {
      listener.onRefused(
          rule, match, Reason.DROPPED_BY_VERIFICATION, Reason.DROPPED_BY_VERIFICATION.sentence());
      return null;
    }
    RewriteApplier editing = new RewriteApplier(draft, names, inFunction);
    Fusion fusion;
    try {
      SiteGrowth growth = SiteGrowth.of(draft, rewrite);
      if (budgets.exceededBy(growth) instanceof Decision.Refused<SiteGrowth> refused) {
        listener.onRefused(rule, match, refused.reason(), refused.message());
        return null;
      }
      Rewrite grown = growth.noted(rewrite);
      editing.carryOut(grown);
      fusion = editing.fusion(fusions.size(), rule.info().id(), path, grown);
      budgets.spend(growth);
    } catch (TensorReadException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      undo(rule, match, e);
      return null;
    }
    record(fusion, rewrite);
    return editing.made();
  }

  private boolean isExcluded(Rule<?> rule, Rewrite rewrite) {
    return !excluded.isEmpty()
        && excluded.contains(
            new SiteKey(
                rule.info().id(), path, rewrite.site().stream().map(draft::label).toList()));
  }

  /** Takes back what a defective rewrite may have done to the draft. */
  private void undo(Rule<?> rule, Match match, Throwable cause) {
    broken.add(site(rule, match));
    draft.restore(
        fusions.stream()
            .filter(fusion -> fusion.scope().equals(path))
            .flatMap(fusion -> fusion.edits().stream())
            .toList());
    String message = GuardedRule.message(rule, "broke the graph at", match, cause);
    listener.onRefused(rule, match, Reason.DEFECT, message);
    defect(rule, match, message);
  }

  /** Keeps a defect for the end: whatever becomes of its site later, it is reported, once. */
  private void defect(Rule<?> rule, Match match, String message) {
    match.nodes().forEach(node -> defective.add(node.id()));
    defects.putIfAbsent(site(rule, match), refusal(rule, match, Reason.DEFECT, message));
  }

  private static String site(Rule<?> rule, Match match) {
    return rule.info().id() + match.nodes().stream().map(Node::id).toList();
  }

  private void notFound(Rule<?> rule, Node root, MatchResult result) {
    if (result instanceof MatchResult.None none) {
      listener.onNoMatch(rule, root, none.nearest());
    } else if (result instanceof MatchResult.NearMiss miss) {
      refusedForNow(rule, miss.match(), miss.reason(), miss.message());
    }
  }

  private void unsound(Rule<?> rule, Match match, Decision<Rewrite> decision) {
    if (decision instanceof Decision.Refused<Rewrite> refused) {
      refusedForNow(rule, match, refused.reason(), refused.message());
    } else if (decision instanceof Decision.Elsewhere<Rewrite> elsewhere) {
      listener.onPassedOver(rule, match, elsewhere.why());
    }
  }

  /** What is refused now may be folded once its neighbour is; a defect is one. */
  private void refusedForNow(Rule<?> rule, Match match, Reason reason, String message) {
    listener.onRefused(rule, match, reason, message);
    if (reason == Reason.DEFECT) {
      defect(rule, match, message);
    }
  }

  private void record(Fusion fusion, Rewrite rewrite) {
    fusions.add(fusion);
    listener.onApplied(fusion);
    rewrite.site().stream().skip(1).forEach(node -> contained.add(node.id()));
  }

  /** Lists the containers among what the folds left. */
  void list(RuleIndex rules) {
    for (Node root : draft.nodes()) {
      if (!contained.contains(root.id())) {
        if (firstApplied(rules, root) == null) {
          refuse(rules, root);
        }
      }
    }
  }

  /**
   * Collects why rules did not apply where they nearly did; every BatchNormalization that stays,
   * and every elementwise operator that stays behind a layer, gets a reason.
   */
  void refuse(RuleIndex rules) {
    for (Node root : draft.nodes()) {
      boolean explained = refuse(rules, root) || defective.contains(root.id());
      if (!explained && !contained.contains(root.id()) && !rules.at(root).isEmpty()) {
        LeftOver.of(path, draft, root).ifPresent(refusals::add);
      }
    }
    refusals.addAll(defects.values());
  }

  private boolean refuse(RuleIndex rules, Node root) {
    int before = refusals.size();
    if (inlining.isCandidate(root)) {
      refuse(inlining, root);
    }
    for (Rule<?> rule : rules.at(root)) {
      if (!contained.contains(root.id())) {
        refuse(rule, root);
      }
    }
    return refusals.size() > before;
  }

  private <F> void refuse(Rule<F> rule, Node root) {
    listener.onTried(rule, root);
    MatchResult result = GuardedRule.match(rule, draft, root);
    if (result instanceof MatchResult.NearMiss miss) {
      if (GuardedRule.check(rule, miss.match()) instanceof Decision.Elsewhere<F> elsewhere) {
        listener.onPassedOver(rule, miss.match(), elsewhere.why());
      } else {
        refuse(rule, miss.match(), miss.reason(), miss.message());
      }
    } else if (result instanceof MatchResult.Found found) {
      Match match = found.match();
      Decision<Rewrite> decision = decide(rule, match);
      if (decision instanceof Decision.Refused<Rewrite> refused) {
        refuse(rule, match, refused.reason(), refused.message());
      } else if (decision instanceof Decision.Sound<Rewrite> sound) {
        unapplied(rule, match, sound.facts());
      } else if (decision instanceof Decision.Elsewhere<Rewrite> elsewhere) {
        listener.onPassedOver(rule, found.match(), elsewhere.why());
      }
    } else if (result instanceof MatchResult.None none) {
      listener.onNoMatch(rule, root, none.nearest());
    }
  }

  /**
   * What is sound and has not been applied is so for want of steps, or of bytes for copies, or
   * because it broke the graph, which has been said.
   */
  private void unapplied(Rule<?> rule, Match match, Rewrite rewrite) {
    if (broken.contains(site(rule, match))) {
      listener.onPassedOver(rule, match, "it has broken the graph here");
      return;
    }
    if (isExcluded(rule, rewrite)) {
      refuse(
          rule, match, Reason.DROPPED_BY_VERIFICATION, Reason.DROPPED_BY_VERIFICATION.sentence());
      return;
    }
    if (outOfBudget) {
      refuse(rule, match, Reason.BUDGET, Reason.BUDGET.sentence() + " " + busiestRules());
      return;
    }
    if (budgets.exceededBy(SiteGrowth.of(draft, rewrite))
        instanceof Decision.Refused<SiteGrowth> refused) {
      refuse(rule, match, refused.reason(), refused.message());
    } else {
      listener.onPassedOver(rule, match, "the site came about when nothing looked at it any more");
    }
  }

  /** The rules that were applied most often in this scope: where to look for one without end. */
  private String busiestRules() {
    Map<String, Integer> applications = new TreeMap<>();
    fusions.stream()
        .filter(fusion -> fusion.scope().equals(path))
        .forEach(fusion -> applications.merge(fusion.rule(), 1, Integer::sum));
    return applications.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .limit(BUSIEST)
        .map(entry -> "%s %s".formatted(entry.getKey(), Amounts.count(entry.getValue(), "time")))
        .collect(Collectors.joining(", ", "Applied most often: ", "."));
  }

  private void refuse(Rule<?> rule, Match match, Reason reason, String message) {
    listener.onRefused(rule, match, reason, message);
    if (reason == Reason.DEFECT) {
      defect(rule, match, message);
    } else {
      refusals.add(refusal(rule, match, reason, message));
    }
  }

  private Refusal refusal(Rule<?> rule, Match match, Reason reason, String message) {
    return new Refusal(
        rule.info().id(), path, match.nodes().stream().map(draft::label).toList(), reason, message);
  }
}
