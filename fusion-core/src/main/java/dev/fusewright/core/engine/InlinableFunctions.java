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

import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.KernelDomains;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.plan.SiteKey;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The functions that are inlined where a call passes constants of its own, found by a plan in which
 * none is.
 *
 * @param functions by what calls them
 * @param disagreements of each of these functions the inputs on which its calls disagree
 * @param uses of calls, as a plan has found them in which each was inlined; empty before there is
 *     one
 */
record InlinableFunctions(
    Map<OpKind, Function> functions,
    Map<OpKind, Map<String, Operand>> disagreements,
    Map<SiteKey, Use> uses) {
  /** No function at all. */
  static final InlinableFunctions NONE = new InlinableFunctions(Map.of(), Map.of(), Map.of());

  /** What inlining a call is good for. */
  enum Use {
    /** Nobody has tried, or there was no budget left for it. */
    UNKNOWN,
    /** Nothing is fused in the body then. */
    NONE,
    /** Something is. */
    SOME
  }

  InlinableFunctions {
    functions = Map.copyOf(functions);
    disagreements = Map.copyOf(disagreements);
    uses = Map.copyOf(uses);
  }

  /**
   * Those in which something was refused because the calls disagree, and those that pass such
   * arguments on to them.
   *
   * @param refusals of a plan in which no call was inlined
   * @param disagreements of all functions
   */
  static InlinableFunctions of(
      ModelGraph model,
      List<Refusal> refusals,
      Map<OpKind, Map<String, Operand>> disagreements) {
    Map<OpKind, Function> callable = Function.byOperator(model.functions());
    Map<OpKind, Set<OpKind>> called = new HashMap<>();
    callable.forEach((op, function) -> called.put(op, called(function.body(), callable)));
    Set<String> refused = new HashSet<>();
    for (Refusal refusal : refusals) {
      if (refusal.reason() == Reason.CALL_SITES_DISAGREE) {
        refused.add(refusal.scope().text());
      }
    }
    Map<OpKind, Function> chosen = new LinkedHashMap<>();
    for (Function function : model.functions()) {
      OpKind op = function.op();
      boolean isCandidate =
          callable.containsKey(op)
              && disagreements.containsKey(op)
              && canBeInlined(function)
              && !reaches(op, called).contains(op)
              && callersAgree(function, model, called);
      boolean isWanted =
          refused.contains(ScopePath.of(function).text())
              || reaches(op, called).stream()
                  .anyMatch(
                      inner ->
                          refused.contains(
                              ScopePath.of(Objects.requireNonNull(callable.get(inner))).text()));
      if (isCandidate && isWanted) {
        chosen.put(op, function);
      }
    }
    Map<OpKind, Map<String, Operand>> own = new HashMap<>(disagreements);
    own.keySet().retainAll(chosen.keySet());
    return new InlinableFunctions(chosen, own, Map.of());
  }

  private static Set<OpKind> called(Graph graph, Map<OpKind, Function> callable) {
    Set<OpKind> called = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      if (callable.containsKey(node.op())) {
        called.add(node.op());
      }
      node.bodies().forEach(body -> called.addAll(called(body, callable)));
    }
    return called;
  }

  /** All that a function calls, and what that calls: itself only where it is recursive. */
  private static Set<OpKind> reaches(OpKind function, Map<OpKind, Set<OpKind>> called) {
    Set<OpKind> reached = new HashSet<>();
    Deque<OpKind> open = new ArrayDeque<>(called.getOrDefault(function, Set.of()));
    while (!open.isEmpty()) {
      OpKind next = open.remove();
      if (reached.add(next)) {
        open.addAll(called.getOrDefault(next, Set.of()));
      }
    }
    return reached;
  }

  /**
   * Whether the nodes of the body mean the same in another scope under other names: no kernel runs
   * in the body's place, no attribute is the call's, nothing is hidden in a body or in bytes that
   * nobody understands, and each output is computed by a node.
   */
  private static boolean canBeInlined(Function function) {
    Set<String> defined = new HashSet<>();
    for (ValueInfo input : function.body().inputs()) {
      if (!defined.add(input.name())) {
        return false;
      }
    }
    Set<String> computed = new HashSet<>();
    for (Node node : function.body().nodes()) {
      for (String output : node.outputs()) {
        if (!output.isEmpty() && (!defined.add(output) || !computed.add(output))) {
          return false;
        }
      }
      for (Attribute attribute : node.attributes().values()) {
        if (attribute instanceof Attribute.Reference
            || attribute instanceof Attribute.Opaque
            || attribute instanceof Attribute.Body
            || attribute instanceof Attribute.Bodies) {
          return false;
        }
      }
    }
    Set<String> outputs = new HashSet<>();
    return !KernelDomains.contains(function.op().domain())
        && function.body().initializers().isEmpty()
        && function.body().sparseInitializers().isEmpty()
        && function.body().outputs().stream()
            .allMatch(output -> computed.contains(output.name()) && outputs.add(output.name()));
  }

  /** Whether everybody who calls the function means the same operators by their names. */
  private static boolean callersAgree(
      Function function, ModelGraph model, Map<OpKind, Set<OpKind>> called) {
    Set<String> domains = new HashSet<>();
    function.body().nodes().forEach(node -> domains.add(node.op().domain()));
    return isSame(function, model.opsets(), domains)
        && model.functions().stream()
            .filter(
                caller ->
                    called.getOrDefault(caller.op(), Set.of()).contains(function.op())
                        || !called.containsKey(caller.op()))
            .allMatch(caller -> isSame(function, caller.opsets(), domains));
  }

  private static boolean isSame(Function function, Map<String, Long> opsets, Set<String> domains) {
    return domains.stream()
        .allMatch(
            domain ->
                opsets.containsKey(domain)
                    && Objects.equals(opsets.get(domain), function.opsets().get(domain)));
  }

  boolean isEmpty() {
    return functions.isEmpty();
  }

  /** Whether the calls that are of use are known; then no others are inlined. */
  boolean isChosen() {
    return !uses.isEmpty();
  }

  Use use(SiteKey call) {
    return uses.getOrDefault(call, Use.UNKNOWN);
  }

  /** The same, knowing what a plan fused in the calls that it inlined. */
  InlinableFunctions whereUseful(List<Fusion> fusions) {
    Set<String> needed = new HashSet<>();
    Map<SiteKey, Use> found = new HashMap<>();
    for (int i = fusions.size() - 1; i >= 0; i--) {
      Fusion fusion = fusions.get(i);
      boolean isInlining = fusion.rule().equals(CallInlining.ID);
      boolean isUsed = fusion.touched().stream().anyMatch(needed::contains);
      if (isInlining) {
        found.put(SiteKey.of(fusion), isUsed ? Use.SOME : Use.NONE);
      }
      if (isInlining ? isUsed : fusion.result() == Fusion.Result.FOLDED) {
        needed.addAll(fusion.touched());
        fusion.nodeIds().forEach(id -> needed.add("node " + id));
      }
    }
    return new InlinableFunctions(functions, disagreements, found);
  }
}
