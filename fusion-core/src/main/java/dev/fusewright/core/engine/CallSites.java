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
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.tensor.TensorReadException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the calls of model-local functions pass to them. An input that every call gives the same
 * constant is a constant of the function.
 */
final class CallSites {
  /**
   * One call.
   *
   * @param scope in which the node stands
   */
  private record Call(GraphView scope, Node node) {}

  private final Map<OpKind, Function> callable;
  private final Map<OpKind, List<Call>> calls = new HashMap<>();
  private final Map<OpKind, Map<String, Operand>> disagreements = new HashMap<>();

  /** Of these functions; those that are overloaded are left alone. */
  CallSites(List<Function> functions) {
    this.callable = Function.byOperator(functions);
  }

  /** Keeps the calls among the nodes of a scope. */
  void collect(GraphView scope) {
    for (Node node : scope.nodes()) {
      if (callable.containsKey(node.op())) {
        calls.computeIfAbsent(node.op(), op -> new ArrayList<>()).add(new Call(scope, node));
      }
    }
  }

  /** What each input of {@code function} is, by its name, as far as the calls agree. */
  Map<String, Operand> arguments(Function function) {
    Map<String, Operand> arguments = new HashMap<>();
    List<Call> sites = calls.getOrDefault(function.op(), List.of());
    if (sites.isEmpty()) {
      return arguments;
    }
    for (int i = 0; i < function.body().inputs().size(); i++) {
      String input = function.body().inputs().get(i).name();
      Operand argument = argument(function, input, i, sites);
      arguments.put(input, argument);
      if (argument instanceof Operand.Variable variable
          && variable.reason() == Reason.CALL_SITES_DISAGREE) {
        disagreements.computeIfAbsent(function.op(), op -> new HashMap<>()).put(input, argument);
      }
    }
    return arguments;
  }

  /** Whether a scope that was collected calls the function. */
  boolean areThere(Function function) {
    return calls.containsKey(function.op());
  }

  /**
   * For each function the inputs for which its calls pass different constants, or pass on what the
   * calls of their own function disagree on, as {@link #arguments} has found.
   */
  Map<OpKind, Map<String, Operand>> disagreements() {
    return disagreements;
  }

  private static Operand argument(Function function, String input, int index, List<Call> sites) {
    Operand agreed = null;
    Operand variable = null;
    for (Call call : sites) {
      Operand passed = passed(call, index);
      if (!(passed instanceof Operand.Constant constant)) {
        variable = variable == null ? passed : variable;
        continue;
      }
      if (agreed instanceof Operand.Constant other && !other.tensor().equals(constant.tensor())) {
        return new Operand.Variable(
            Reason.CALL_SITES_DISAGREE,
            "the %d calls of %s pass different values for '%s'"
                .formatted(sites.size(), function.op(), input));
      }
      agreed = constant;
    }
    return Objects.requireNonNull(variable == null ? agreed : variable);
  }

  private static Operand passed(Call call, int index) {
    String value = call.node().input(index);
    try {
      return Constants.resolve(call.scope(), value);
    } catch (TensorReadException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      return new Operand.Variable(
          Reason.DEFECT,
          "to find out what '%s' of the call '%s' is failed unexpectedly: %s; this is a defect of fusewright, please report it"
              .formatted(value, call.node().label(), e));
    }
  }
}
