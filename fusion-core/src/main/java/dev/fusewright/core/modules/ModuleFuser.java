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

import dev.fusewright.core.engine.GuardedRule;
import dev.fusewright.core.engine.RuleListener;
import dev.fusewright.core.engine.StepwisePlanning;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.MatchResult;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.rule.fold.Rules;
import java.util.ArrayList;
import java.util.List;

/**
 * Plans what a module list asks for: PyTorch's {@code fuse_modules} and {@code fuse_modules_qat} on
 * a graph.
 *
 * <p>As there, the groups are taken in order, the first module of a group becomes the fused one and
 * the others become Identity, which is what later groups see. Unlike there, a list is carried out
 * as a whole or not at all, and the data flow is looked at: a module that is used elsewhere too is
 * never changed behind somebody's back.
 *
 * <p>Looks at the main graph only; modules that were exported as functions are not found.
 */
public final class ModuleFuser {
  private final ModuleList list;
  private final FusionMode mode;
  private final RuleSet rules;
  private final Fusers fusers;
  private final RuleListener listener;

  /**
   * A planner.
   *
   * @param rules that fuse what PyTorch knows
   * @param fusers that take precedence over them
   */
  public ModuleFuser(ModuleList list, FusionMode mode, RuleSet rules, Fusers fusers) {
    this(list, mode, rules, fusers, RuleListener.NONE);
  }

  private ModuleFuser(
      ModuleList list, FusionMode mode, RuleSet rules, Fusers fusers, RuleListener listener) {
    this.list = list;
    this.mode = mode;
    this.rules = rules;
    this.fusers = fusers;
    this.listener = listener;
  }

  /** The same planner, whose plans {@code other} hears of. */
  public ModuleFuser withListener(RuleListener other) {
    return new ModuleFuser(list, mode, rules, fusers, other);
  }

  /** {@code fuse_modules}, with PyTorch's arithmetic and no fusers but the built-in ones. */
  public static ModuleFuser eval(ModuleList list) {
    return new ModuleFuser(list, FusionMode.EVAL, Rules.torch(), Fusers.builtIn());
  }

  /**
   * What the list comes to in {@code model}.
   *
   * @throws ModuleListException if a group cannot be fused; it names every such group and the
   *     module in it
   * @throws dev.fusewright.core.graph.GraphException if the model breaks an invariant
   */
  public FusionPlan plan(ModelGraph model) {
    listener.onBegun(rules);
    StepwisePlanning planning = new StepwisePlanning(model, listener);
    ListedModules modules = new ListedModules(planning, GraphModules.of(planning.graph()));
    SequenceFuser sequences = new SequenceFuser(mode, rules, fusers);
    String prefix = prefix(modules, sequences);
    ModuleList.Expansion expansion = list.expansion(directory(modules, sequences, prefix));
    List<List<String>> groups = behind(prefix, expansion);
    expansion
        .types()
        .forEach((name, type) -> requireType(prefix + name, type, modules.type(prefix + name)));
    Documentation documentation = new Documentation(model.graph());
    List<Refusal> refusals = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      ListedGroup group = new ListedGroup(i + 1, groups.get(i), modules, sequences);
      if (!prefix.isEmpty()) {
        group.note("the names of the list stand behind '%s'".formatted(prefix));
      }
      Decision<List<ListedGroup.SequenceRewrite>> decision = group.check();
      if (decision instanceof Decision.Sound<List<ListedGroup.SequenceRewrite>> sound) {
        for (ListedGroup.SequenceRewrite site : sound.facts()) {
          planning.apply(site.rule(), documentation.moved(site));
          modules.claim(group, site);
        }
      } else if (decision instanceof Decision.Refused<List<ListedGroup.SequenceRewrite>> refused) {
        refusals.add(
            new Refusal(
                ModuleListException.RULE,
                ScopePath.MAIN,
                groups.get(i),
                refused.reason(),
                group + ": " + refused.message()));
      }
    }
    if (!refusals.isEmpty()) {
      throw new ModuleListException(refusals);
    }
    if (mode == FusionMode.QAT) {
      prepareTheRest(planning);
    }
    return planning.plan();
  }

  /**
   * What all names of the model begin with and those of the list do not, as where a model was
   * exported within a wrapper; none where the list fits as it is, or nowhere.
   */
  private String prefix(ListedModules modules, SequenceFuser sequences) {
    List<String> prefixes = CommonPrefix.of(modules.names());
    return fits("", modules, sequences)
        ? ""
        : prefixes.stream()
            .filter(prefix -> fits(prefix, modules, sequences))
            .findFirst()
            .orElse("");
  }

  private boolean fits(String prefix, ListedModules modules, SequenceFuser sequences) {
    try {
      return behind(prefix, list.expansion(directory(modules, sequences, prefix))).stream()
          .allMatch(group -> modules.has(group.get(0)));
    } catch (ModuleListException e) {
      return false;
    }
  }

  private static List<List<String>> behind(String prefix, ModuleList.Expansion expansion) {
    return expansion.groups().stream()
        .map(group -> group.stream().map(name -> prefix + name).toList())
        .toList();
  }

  /** A graph says itself what its modules are. */
  private static void requireType(String name, String declared, String seen) {
    if (!seen.isEmpty() && !seen.equals(declared)) {
      throw ModuleListException.of(
          Reason.NOT_FUSABLE_SEQUENCE,
          "'%s' is listed as a %s, and in the model it is a %s",
          name,
          declared,
          seen);
    }
  }

  /** {@code prepare_qat} swaps every layer of a model, also those that no group names. */
  private void prepareTheRest(StepwisePlanning planning) {
    List<Node> nodes = new ArrayList<>();
    planning.graph().nodes().forEach(nodes::add);
    for (Node node : nodes) {
      for (Rule<?> rule : rules.containers()) {
        apply(rule, node, planning);
      }
    }
  }

  private static <F> void apply(Rule<F> rule, Node root, StepwisePlanning planning) {
    if (!(GuardedRule.match(rule, planning.graph(), root) instanceof MatchResult.Found found)) {
      return;
    }
    Match match = found.match();
    Decision<Rewrite> decision =
        GuardedRule.check(rule, match).then(facts -> GuardedRule.rewrite(rule, match, facts));
    if (decision instanceof Decision.Sound<Rewrite> sound) {
      planning.apply(rule.info().id(), sound.facts());
    } else if (decision instanceof Decision.Refused<Rewrite> refused
        && refused.reason() == Reason.DEFECT) {
      planning.refuse(
          new Refusal(
              rule.info().id(),
              ScopePath.MAIN,
              List.of(root.label()),
              refused.reason(),
              refused.message()));
    }
  }

  private static ModuleDirectory directory(
      ListedModules modules, SequenceFuser sequences, String prefix) {
    return new ModuleDirectory() {
      @Override
      public List<String> names() {
        return modules.names().stream()
            .filter(name -> name.startsWith(prefix))
            .map(name -> name.substring(prefix.length()))
            .toList();
      }

      @Override
      public boolean isFusable(List<String> group) {
        return sequences.takes(group.stream().map(name -> modules.type(prefix + name)).toList());
      }
    };
  }
}
