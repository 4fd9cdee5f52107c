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
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.Use;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.MatchResult;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.tensor.TensorReadException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

  private final ScopePath path;
  private final MutableScope draft;
  private final Names names;
  private final CloneBudget clones;
  private final boolean inFunction;
  private final List<Fusion> fusions;
  private final List<Refusal> refusals;
  private final Set<Integer> contained = new HashSet<>();
  private boolean outOfBudget;

  ScopePlanner(
      ScopePath path,
      MutableScope draft,
      Names names,
      CloneBudget clones,
      boolean inFunction,
      List<Fusion> fusions,
      List<Refusal> refusals) {
    this.path = path;
    this.draft = draft;
    this.names = names;
    this.clones = clones;
    this.inFunction = inFunction;
    this.fusions = fusions;
    this.refusals = refusals;
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
    if (!(rule.pattern().match(draft, root) instanceof MatchResult.Found found)
        || !(check(rule, found.match()) instanceof Decision.Sound<F> sound)) {
      return null;
    }
    Rewrite rewrite = rewrite(rule, found.match(), sound.facts());
    RewriteApplier editing = new RewriteApplier(draft, names, inFunction);
    long copied = editing.copies(rewrite);
    if (!clones.allows(copied)) {
      return null;
    }
    clones.spend(copied);
    try {
      editing.carryOut(rewrite);
    } catch (RuntimeException e) {
      throw defect(rule, "broke the graph", found.match(), e);
    }
    record(rule, rewrite, editing);
    return editing.made();
  }

  private static <F> Decision<F> check(Rule<F> rule, Match match) {
    try {
      return rule.check(match);
    } catch (TensorReadException e) {
      throw e; // The file's fault, not the rule's.
    } catch (RuntimeException e) {
      throw defect(rule, "failed to check", match, e);
    }
  }

  private static <F> Rewrite rewrite(Rule<F> rule, Match match, F facts) {
    try {
      return rule.rewrite(match, facts);
    } catch (TensorReadException e) {
      throw e;
    } catch (RuntimeException e) {
      throw defect(rule, "failed to rewrite what it had found sound:", match, e);
    }
  }

  private static IllegalStateException defect(
      Rule<?> rule, String what, Match match, RuntimeException cause) {
    return new IllegalStateException(
        "rule %s %s %s: %s; this is a defect of the rule, --rules can leave it out"
            .formatted(
                rule.info().id(),
                what,
                match.nodes().stream().map(Node::label).toList(),
                cause.getMessage()),
        cause);
  }

  private void record(Rule<?> rule, Rewrite rewrite, RewriteApplier editing) {
    fusions.add(editing.fusion(fusions.size(), rule.info().id(), path, rewrite));
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
   * Collects why rules did not apply where they nearly did; every BatchNormalization that stays
   * gets a reason.
   */
  void refuse(RuleIndex rules) {
    for (Node root : draft.nodes()) {
      boolean explained = refuse(rules, root);
      if (!explained && root.is(OpKind.BATCH_NORMALIZATION) && !rules.at(root).isEmpty()) {
        Node producer = draft.producer(root.input(0));
        refusals.add(
            new Refusal(
                "batch-norm",
                path,
                List.of(draft.label(root)),
                Reason.NOTHING_TO_FOLD_INTO,
                "'%s' follows %s"
                    .formatted(
                        root.label(),
                        producer == null
                            ? "'" + root.input(0) + "', which is no node's output"
                            : producer.op() + " '" + producer.label() + "'")));
      }
    }
  }

  private boolean refuse(RuleIndex rules, Node root) {
    int before = refusals.size();
    for (Rule<?> rule : rules.at(root)) {
      if (!contained.contains(root.id())) {
        refuse(rule, root);
      }
    }
    return refusals.size() > before;
  }

  private <F> void refuse(Rule<F> rule, Node root) {
    MatchResult result = rule.pattern().match(draft, root);
    if (result instanceof MatchResult.NearMiss miss) {
      if (!(check(rule, miss.match()) instanceof Decision.Elsewhere<F>)) {
        refuse(rule, miss.match().nodes(), miss.reason(), miss.message());
      }
    } else if (result instanceof MatchResult.Found found) {
      Decision<F> decision = check(rule, found.match());
      if (decision instanceof Decision.Refused<F> refused) {
        refuse(rule, found.match().nodes(), refused.reason(), refused.message());
      } else if (decision instanceof Decision.Sound<F> sound) {
        outOfBudget(rule, found.match(), sound.facts());
      }
    }
  }

  /** What is sound and has not been applied is so for want of steps, or of bytes for copies. */
  private <F> void outOfBudget(Rule<F> rule, Match match, F facts) {
    if (outOfBudget) {
      refuse(rule, match.nodes(), Reason.BUDGET, Reason.BUDGET.sentence());
      return;
    }
    long copied = new RewriteApplier(draft, names, inFunction).copies(rewrite(rule, match, facts));
    if (!clones.allows(copied)) {
      refuse(
          rule,
          match.nodes(),
          Reason.CLONE_BUDGET,
          "parameters of %d bytes are read by others too and would have to be copied; %d bytes are left for that"
              .formatted(copied, clones.left()));
    }
  }

  private void refuse(Rule<?> rule, List<Node> nodes, Reason reason, String message) {
    refusals.add(
        new Refusal(
            rule.info().id(), path, nodes.stream().map(draft::label).toList(), reason, message));
  }
}
