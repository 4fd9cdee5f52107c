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
package dev.fusewright.core.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Call graph of the model-local functions. */
public final class CallOrder {
  /** Identity of a function within its model. */
  private record Key(OpKind op, String overload) {}

  private final Map<OpKind, List<Function>> byOperator = new HashMap<>();
  private final Set<Key> open = new HashSet<>();
  private final Map<Key, Function> order = new LinkedHashMap<>();

  private CallOrder(List<Function> functions) {
    functions.forEach(
        function ->
            byOperator.computeIfAbsent(function.op(), op -> new ArrayList<>()).add(function));
  }

  /**
   * The functions in an order in which each stands before those that call it. ONNX allows no
   * recursion; where a file has it all the same, the order within the cycle is that of the file.
   */
  public static List<Function> calleesFirst(List<Function> functions) {
    CallOrder calls = new CallOrder(functions);
    functions.forEach(calls::visit);
    return List.copyOf(calls.order.values());
  }

  private void visit(Function function) {
    Key key = new Key(function.op(), function.overload());
    if (open.add(key)) {
      for (OpKind op : operators(function.body())) {
        byOperator.getOrDefault(op, List.of()).forEach(this::visit);
      }
      order.put(key, function);
    }
  }

  private static Set<OpKind> operators(Graph graph) {
    Set<OpKind> operators = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      operators.add(node.op());
      node.bodies().forEach(body -> operators.addAll(operators(body)));
    }
    return operators;
  }
}
