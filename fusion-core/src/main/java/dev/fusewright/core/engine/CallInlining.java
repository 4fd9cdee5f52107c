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

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.pattern.Capture;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.plan.SiteKey;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Puts the body of a function in the place of a call that passes constants of its own, so that they
 * can be folded there.
 *
 * <pre>
 *   [l1] h = my.ConvBn(x, w, …)    →    [l1/conv] c = Conv(x, w)
 *   [l2] y = my.ConvBn(h, v, …)         [l1/bn]   h = BatchNormalization(c, …)
 *                                       [l2/conv] d = Conv(h, v)
 *                                       [l2/bn]   y = BatchNormalization(d, …)
 * </pre>
 *
 * A call to which one of these arguments is given at run time stays: nothing could be folded into
 * it. Which functions may be inlined at all is said in {@link InlinableFunctions}. This is no rule
 * of a rule set: it only serves the others, and is asked before them.
 */
final class CallInlining implements Rule<Function> {
  /** As reports name it. */
  static final String ID = "inline-call";

  private static final Capture CALL = Capture.named("call");
  private static final RuleInfo INFO =
      new RuleInfo(
          ID,
          "A call of a function that passes constants of its own is inlined",
          "f(x, w) = body of f, with x and w for its inputs");

  private final InlinableFunctions inlinable;
  private final InliningBudget budget;
  private final ScopePath scope;
  private final MutableScope draft;
  private final Pattern pattern;

  CallInlining(
      InlinableFunctions inlinable, InliningBudget budget, ScopePath scope, MutableScope draft) {
    this.inlinable = inlinable;
    this.budget = budget;
    this.scope = scope;
    this.draft = draft;
    this.pattern =
        Pattern.node(inlinable.functions().keySet().toArray(OpKind[]::new)).as(CALL);
  }

  @Override
  public RuleInfo info() {
    return INFO;
  }

  @Override
  public Pattern pattern() {
    return pattern;
  }

  /** Whether a node calls one of the functions. */
  boolean isCandidate(Node node) {
    return inlinable.functions().containsKey(node.op());
  }

  @Override
  public Decision<Function> check(Match match) {
    Node call = match.node(CALL);
    Function function = Objects.requireNonNull(inlinable.functions().get(call.op()));
    if (output(call).isEmpty()) {
      return Decision.elsewhere("nothing of '%s' is asked for", call.label());
    }
    if (call.inputs().size() > function.body().inputs().size()
        || call.outputs().size() > function.body().outputs().size()) {
      return Decision.elsewhere(
          "'%s' passes or takes more values than %s has", call.label(), call.op());
    }
    Map<String, Operand> disagreements =
        inlinable.disagreements().getOrDefault(call.op(), Map.of());
    for (int i = 0; i < function.body().inputs().size(); i++) {
      String input = function.body().inputs().get(i).name();
      if (disagreements.containsKey(input)
          && Constants.resolve(match.graph(), call.input(i)) instanceof Operand.Variable variable) {
        return Decision.refuse(
            "argument '%s' of '%s'".formatted(input, call.label()), variable);
      }
    }
    SiteKey site = new SiteKey(ID, scope, List.of(draft.label(call)));
    return switch (inlinable.use(site)) {
      case NONE ->
          Decision.elsewhere("nothing would be fused in the body of %s here", call.op());
      case SOME -> Decision.sound(function);
      case UNKNOWN -> affordable(call, function);
    };
  }

  private Decision<Function> affordable(Node call, Function function) {
    int nodes = function.body().nodes().size();
    return budget.allows(nodes)
        ? Decision.sound(function)
        : Decision.refuse(
            Reason.CLONE_BUDGET,
            "the body of %s has %d nodes, and would be copied in the place of '%s'; the budget of nodes for copies of bodies is used up",
            call.op(),
            nodes,
            call.label());
  }

  @Override
  public Rewrite rewrite(Match match, Function function) {
    Node call = match.node(CALL);
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < function.body().inputs().size(); i++) {
      values.put(function.body().inputs().get(i).name(), call.input(i));
    }
    for (int i = 0; i < call.outputs().size(); i++) {
      if (!call.outputs().get(i).isEmpty()) {
        values.put(function.body().outputs().get(i).name(), call.outputs().get(i));
      }
    }
    String prefix = (call.name().isEmpty() ? output(call) : call.name()) + "/";
    Set<String> taken = labels(match.graph());
    Rewrite.Builder rewrite = Rewrite.of(List.of(call)).remove(call);
    int id = 0;
    for (Node node : function.body().nodes()) {
      Node copy =
          node.withId(--id)
              .withName(free(call.label() + "/" + node.label(), taken))
              .withInputs(named(node.inputs(), values, prefix))
              .withOutputs(named(node.outputs(), values, prefix));
      rewrite.insert(copy, call);
    }
    return rewrite.into(function.op().type(), output(call));
  }

  /** Takes what an inlined body costs. */
  void spend(int nodes) {
    budget.spend(nodes);
  }

  private static String output(Node call) {
    return call.outputs().stream().filter(output -> !output.isEmpty()).findFirst().orElse("");
  }

  private static Set<String> labels(GraphView graph) {
    Set<String> labels = new HashSet<>();
    graph.nodes().forEach(node -> labels.add(node.label()));
    return labels;
  }

  private static String free(String wanted, Set<String> taken) {
    String name = wanted;
    for (int i = 1; !taken.add(name); i++) {
      name = wanted + "_" + i;
    }
    return name;
  }

  private static List<String> named(
      List<String> names, Map<String, String> values, String prefix) {
    List<String> named = new ArrayList<>();
    for (String name : names) {
      named.add(
          name.isEmpty()
              ? ""
              : values.computeIfAbsent(name, inner -> Rewrite.newValue(prefix + inner)));
    }
    return named;
  }
}
