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
package dev.fusewright.core.reference;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Captures;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.Tensor;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the nodes of a graph, and of its bodies, have in common.
 *
 * @param opsets version by domain
 * @param functions that nodes may call
 * @param arguments inside a function, the attributes of the call
 * @param absent inside a function, the names of inputs that the call leaves out
 * @param budget of the whole evaluation
 */
record Scope(
    Map<String, Long> opsets,
    Map<OpKind, Function> functions,
    Map<String, Attribute> arguments,
    Set<String> absent,
    Budget budget) {

  /** Values of the scopes around a graph. */
  @FunctionalInterface
  interface Outer {
    @Nullable NdArray value(String name);
  }

  /** See {@link ReferenceEvaluator#values}. */
  Map<String, NdArray> evaluate(
      Graph graph, Map<String, NdArray> given, Outer outer, Collection<String> wanted) {
    Schedule schedule = Schedule.of(graph, given.keySet(), wanted);
    Map<String, Tensor> constants = new HashMap<>();
    for (Initializer initializer : graph.initializers()) {
      constants.put(initializer.name(), initializer.tensor());
    }
    Map<String, NdArray> live = new HashMap<>(given);
    Map<String, Integer> reads = new HashMap<>(schedule.reads());
    Outer values =
        name -> {
          NdArray value = live.get(name);
          Tensor constant = constants.get(name);
          if (value == null && constant != null) {
            value = NdArray.of(constant);
            live.put(name, value);
          }
          return value == null ? outer.value(name) : value;
        };
    for (Node node : schedule.nodes()) {
      budget.spendOnNode(node);
      List<NdArray> outputs = evaluate(node, graph, values);
      for (NdArray output : outputs) {
        budget.spend(node, output.size());
      }
      for (int i = 0; i < node.outputs().size(); i++) {
        String name = node.outputs().get(i);
        if (reads.containsKey(name) && !given.containsKey(name)) {
          if (i >= outputs.size()) {
            throw new UnsupportedOperatorException(node, "output " + i + " is not supported");
          }
          live.put(name, outputs.get(i));
        }
      }
      release(node, live, reads);
    }
    Map<String, NdArray> results = new LinkedHashMap<>();
    for (String name : wanted) {
      results.put(name, require(values, name, graph));
    }
    return results;
  }

  private static void release(Node node, Map<String, NdArray> live, Map<String, Integer> reads) {
    LinkedHashSet<String> read = new LinkedHashSet<>(node.inputs());
    read.addAll(Captures.of(node));
    for (String name : read) {
      if (reads.containsKey(name) && reads.merge(name, -1, Integer::sum) == 0) {
        live.remove(name);
      }
    }
  }

  private static NdArray require(Outer values, String name, Graph graph) {
    NdArray value = values.value(name);
    if (value == null) {
      String kind =
          graph.inputs().stream().anyMatch(input -> input.name().equals(name))
              ? "no value is given for input '%s'"
              : "value '%s' is defined nowhere";
      throw new GraphException("graph '%s': ".formatted(graph.name()) + kind.formatted(name));
    }
    return value;
  }

  private List<NdArray> evaluate(Node original, Graph graph, Outer values) {
    Node node = arguments.isEmpty() ? original : withArguments(original);
    Map<Integer, NdArray> inputs = new HashMap<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      if (node.hasInput(i) && !absent.contains(node.input(i))) {
        inputs.put(i, input(node, node.input(i), graph, values));
      }
    }
    Function function = functions.get(node.op());
    if (function != null) {
      return call(function, node, inputs);
    }
    Operator operator = Operators.find(node.op());
    if (operator == null) {
      throw new UnsupportedOperatorException(node, "this operator is not supported");
    }
    Long opset = opsets.get(node.op().domain());
    if (opset == null) {
      throw new ReferenceException(node, "no operator set is imported for its domain");
    }
    OpCall call =
        new OpCall(
            node, opset, inputs, budget, (body, bodyInputs) -> run(body, bodyInputs, node, values));
    try {
      return operator.evaluate(call);
    } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
      ReferenceException located = call.invalid(String.valueOf(e.getMessage()));
      located.initCause(e);
      throw located;
    }
  }

  private static NdArray input(Node node, String name, Graph graph, Outer values) {
    if (graph.sparseInitializers().contains(name)) {
      throw new UnsupportedOperatorException(node, "input '" + name + "' is a sparse constant");
    }
    try {
      return require(values, name, graph);
    } catch (IllegalArgumentException e) {
      throw new UnsupportedOperatorException(
          node, "input '%s': %s".formatted(name, e.getMessage()));
    }
  }

  /**
   * Attributes that refer to an attribute of the call get its value; those that the call leaves out
   * go.
   */
  private Node withArguments(Node node) {
    Node resolved = node;
    for (Map.Entry<String, Attribute> attribute : node.attributes().entrySet()) {
      if (attribute.getValue() instanceof Attribute.Reference reference) {
        Attribute argument = arguments.get(reference.name());
        resolved =
            argument == null
                ? resolved.withoutAttribute(attribute.getKey())
                : resolved.withAttribute(attribute.getKey(), argument);
      }
    }
    return resolved;
  }

  private List<NdArray> call(Function function, Node node, Map<Integer, NdArray> inputs) {
    Map<String, NdArray> given = new HashMap<>();
    List<ValueInfo> parameters = function.body().inputs();
    Set<String> leftOut = new HashSet<>();
    for (int i = 0; i < parameters.size(); i++) {
      NdArray value = inputs.get(i);
      if (value == null) {
        leftOut.add(parameters.get(i).name());
      } else {
        given.put(parameters.get(i).name(), value);
      }
    }
    List<String> outputs = function.body().outputs().stream().map(ValueInfo::name).toList();
    Scope inner = new Scope(function.opsets(), functions, node.attributes(), leftOut, budget);
    Map<String, NdArray> results =
        inner.evaluate(function.body(), given, name -> null, new LinkedHashSet<>(outputs));
    return outputs.stream().map(results::get).toList();
  }

  private List<NdArray> run(Graph body, List<NdArray> inputs, Node node, Outer values) {
    if (inputs.size() > body.inputs().size()) {
      throw new ReferenceException(
          node, "its body takes %d inputs, not %d".formatted(body.inputs().size(), inputs.size()));
    }
    Map<String, NdArray> given = new HashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      given.put(body.inputs().get(i).name(), inputs.get(i));
    }
    List<String> outputs = body.outputs().stream().map(ValueInfo::name).toList();
    Map<String, NdArray> results = evaluate(body, given, values, new LinkedHashSet<>(outputs));
    return outputs.stream().map(results::get).toList();
  }
}
