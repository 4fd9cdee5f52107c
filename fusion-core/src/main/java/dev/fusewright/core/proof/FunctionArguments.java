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
package dev.fusewright.core.proof;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.tensor.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Constants that all calls of a function pass for one of its inputs. */
final class FunctionArguments {
  /** Finds the tensor of a constant in a scope; null for anything that varies. */
  interface ConstantFinder {
    @Nullable Initializer find(List<String> steps, String value);
  }

  /** A call, and the steps to the scope in which it stands. */
  private record Call(List<String> steps, Node node) {}

  private final Map<OpKind, Function> functions;
  private final Map<OpKind, List<Call>> calls = new HashMap<>();
  private final ConstantFinder constants;

  FunctionArguments(ModelGraph model, ConstantFinder constants) {
    this.functions = Function.byOperator(model.functions());
    this.constants = constants;
    if (!functions.isEmpty()) {
      collect(model.graph(), List.of());
      model
          .functions()
          .forEach(function -> collect(function.body(), List.of(ScopePath.of(function).text())));
    }
  }

  private void collect(Graph graph, List<String> steps) {
    for (Node node : graph.nodes()) {
      if (functions.containsKey(node.op())) {
        calls.computeIfAbsent(node.op(), op -> new ArrayList<>()).add(new Call(steps, node));
      }
      for (Map.Entry<String, Attribute> entry : node.attributes().entrySet()) {
        List<Graph> bodies = ScopeLocator.bodies(entry.getValue());
        for (int i = 0; i < bodies.size(); i++) {
          List<String> inner = new ArrayList<>(steps);
          inner.add(ScopeLocator.step(node, entry.getKey(), i));
          collect(bodies.get(i), inner);
        }
      }
    }
  }

  /** By the name of the input; empty for a function that is never called, or overloaded. */
  Map<String, Initializer> of(String functionStep) {
    Map<String, Initializer> agreed = new HashMap<>();
    for (Function function : functions.values()) {
      List<Call> sites = calls.getOrDefault(function.op(), List.of());
      if (ScopePath.of(function).text().equals(functionStep) && !sites.isEmpty()) {
        for (int i = 0; i < function.body().inputs().size(); i++) {
          String input = function.body().inputs().get(i).name();
          Initializer passed = agreed(input, i, sites);
          if (passed != null) {
            agreed.put(input, passed);
          }
        }
      }
    }
    return agreed;
  }

  private @Nullable Initializer agreed(String input, int index, List<Call> sites) {
    Initializer agreed = null;
    for (Call call : sites) {
      String argument = call.node().input(index);
      Initializer passed = argument.isEmpty() ? null : constants.find(call.steps(), argument);
      if (passed == null
          || (agreed != null && !Tensors.areEqual(agreed.tensor(), passed.tensor()))) {
        return null;
      }
      agreed = new Initializer(input, passed.tensor());
    }
    return agreed;
  }
}
