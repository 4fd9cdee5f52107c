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
package dev.fusewright.core.modules;

import dev.fusewright.core.analysis.Activation;
import dev.fusewright.core.engine.GuardedRule;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.MatchResult;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleSet;
import java.util.List;
import java.util.Optional;

/** Fuses one sequence of calls: with somebody's fuser, or with the rule for it. */
final class SequenceFuser {
  private final FusionMode mode;
  private final RuleSet rules;
  private final Fusers fusers;

  SequenceFuser(FusionMode mode, RuleSet rules, Fusers fusers) {
    this.mode = mode;
    this.rules = rules;
    this.fusers = fusers;
  }

  FusionMode mode() {
    return mode;
  }

  /** Whether there is a fuser for these types. */
  boolean takes(List<String> types) {
    return fusers.of(types).isPresent() || TorchSequences.module(types, mode).isPresent();
  }

  /** Why there is no fuser for these types. */
  <F> Decision<F> refuse(List<String> names, List<String> types) {
    if (TorchSequences.isEvalOnly(types)) {
      return Decision.refuse(
          Reason.QAT_UNSUPPORTED,
          "Fusing ConvTranspose+BatchNorm not yet supported in QAT: '%s' is a %s",
          names.get(0),
          types.get(0));
    }
    return Decision.refuse(
        Reason.NOT_FUSABLE_SEQUENCE,
        "did not find fuser method for: (%s)%s",
        String.join(", ", types),
        culprit(names, types));
  }

  private String culprit(List<String> names, List<String> types) {
    if (names.size() == 1) {
      return ": a single module has nothing to be fused with";
    }
    for (int length = types.size() - 1; length >= 2; length--) {
      if (takes(types.subList(0, length))) {
        return ": '%s' is a %s; without it the group can be fused"
            .formatted(names.get(length), types.get(length));
      }
    }
    return ": '%s' is a %s and '%s' a %s"
        .formatted(names.get(0), types.get(0), names.get(1), types.get(1));
  }

  /** What is put in the place of the sequence. */
  Decision<ListedGroup.SequenceRewrite> fuse(ModuleSequence sequence) {
    Optional<Fuser> fuser = fusers.of(sequence.types());
    if (fuser.isPresent()) {
      return fuser
          .get()
          .fuse(sequence, mode)
          .then(rewrite -> site(sequence, fuser.get().id(), rewrite));
    }
    String module = TorchSequences.module(sequence.types(), mode).orElseThrow();
    return switch (mode) {
      case EVAL -> eval(sequence, module);
      case QAT -> byRule(sequence, sequence);
    };
  }

  private static Decision<ListedGroup.SequenceRewrite> site(
      ModuleSequence sequence, String rule, Rewrite rewrite) {
    return Decision.sound(new ListedGroup.SequenceRewrite(sequence, rule, rewrite));
  }

  private Decision<ListedGroup.SequenceRewrite> eval(ModuleSequence sequence, String module) {
    String output = sequence.last().output();
    if (!sequence.types().get(1).startsWith("BatchNorm")) {
      return site(
          sequence, containerRule(sequence), Rewrite.of(sequence.nodes()).into(module, output));
    }
    return byRule(sequence, sequence.head(2))
        .then(
            folded ->
                site(
                    sequence,
                    folded.rule(),
                    folded.rewrite().as(module, sequence.nodes(), output)));
  }

  private static String containerRule(ModuleSequence sequence) {
    String first = sequence.types().get(0);
    String layer =
        first.startsWith("Conv") ? "conv" : first.equals("Linear") ? "linear" : "batch-norm";
    return layer + "-" + Activation.named(sequence.types().get(1)).orElseThrow().id();
  }

  /** The rule whose site is exactly {@code part}, rooted at its last node. */
  private Decision<ListedGroup.SequenceRewrite> byRule(
      ModuleSequence sequence, ModuleSequence part) {
    List<Integer> expected = part.nodes().stream().map(Node::id).toList();
    Decision<ListedGroup.SequenceRewrite> refusal =
        Decision.refuse(
            Reason.NOT_FUSABLE_SEQUENCE,
            "no rule of the set '%s' fuses (%s) as the file spells it: %s",
            rules.name(),
            String.join(", ", part.types()),
            String.join(", ", part.nodes().stream().map(node -> node.op().toString()).toList()));
    for (Rule<?> rule : rules.folds()) {
      if (rule.pattern().roots().contains(part.last().op())) {
        Decision<ListedGroup.SequenceRewrite> decision = apply(rule, sequence, part, expected);
        if (decision instanceof Decision.Sound<ListedGroup.SequenceRewrite>) {
          return decision;
        } else if (decision instanceof Decision.Refused<ListedGroup.SequenceRewrite>) {
          refusal = decision;
        }
      }
    }
    return refusal;
  }

  private static <F> Decision<ListedGroup.SequenceRewrite> apply(
      Rule<F> rule, ModuleSequence sequence, ModuleSequence part, List<Integer> expected) {
    MatchResult result = GuardedRule.match(rule, sequence.graph(), part.last());
    if (result instanceof MatchResult.NearMiss miss) {
      return Decision.refuse(miss.reason(), "%s", miss.message());
    }
    if (!(result instanceof MatchResult.Found found)) {
      return Decision.elsewhere("the nodes are in no such order");
    }
    Match match = found.match();
    if (!match.nodes().stream().map(Node::id).toList().equals(expected)) {
      return Decision.elsewhere("the site is another than the listed one");
    }
    return GuardedRule.check(rule, match)
        .then(facts -> GuardedRule.rewrite(rule, match, facts))
        .then(rewrite -> site(sequence, rule.info().id(), rewrite));
  }
}
