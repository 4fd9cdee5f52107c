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
 * Evaluation context that the nodes of a graph, and of its bodies, share.
 *
 * @param opsets version by domain
 * @param functions that nodes may call
 * @param arguments inside a function, its attributes in the call
 * @param absent inside a function, the names of inputs that the call leaves out
 * @param budget of the whole evaluation
 * @param memory of the whole evaluation
 * @param derived whether values that rest on constants alone are rounded
 */
record Scope(
    Map<String, Long> opsets,
    Map<OpKind, Function> functions,
    Map<String, Attribute> arguments,
    Set<String> absent,
    EvaluationBudget budget,
    HeldMemory memory,
    DerivedConstants derived) {

  /**
   * See {@link ReferenceEvaluator#values}.
   *
   * @param outer values of the scopes around the graph; null if there are none
   */
  Map<String, NdArray> evaluate(
      Graph graph, Map<String, NdArray> given, @Nullable Values outer, Collection<String> wanted) {
    Schedule schedule = Schedule.of(graph, given.keySet(), wanted);
    Values values = new Values(graph, given, schedule.reads(), memory, outer);
    Set<String> varying = varying(graph, given);
    boolean rounds = derived == DerivedConstants.STORED && outer == null;
    for (Node node : schedule.nodes()) {
      budget.spendOnNode(node);
      if (node.outputs().stream().allMatch(name -> values.constant(name) != null)) {
        values.release(node);
        continue; // They are read where they are stored.
      }
      List<NdArray> outputs = evaluate(node, graph, values);
      if (varies(node, varying)) {
        varying.addAll(node.outputs());
        varying.remove("");
      } else if (rounds) {
        outputs = outputs.stream().map(Scope::stored).toList();
      }
      for (NdArray output : outputs) {
        budget.spend(node, output.size());
      }
      for (int i = 0; i < node.outputs().size(); i++) {
        String name = node.outputs().get(i);
        if (values.isAsked(name)) {
          if (i >= outputs.size()) {
            throw new UnsupportedOperatorException(node, "output " + i + " is not supported");
          }
          values.put(name, outputs.get(i));
        }
      }
      values.release(node);
    }
    Map<String, NdArray> results = new LinkedHashMap<>();
    for (String name : wanted) {
      results.put(name, require(values, name, graph));
    }
    values.releaseAll();
    return results;
  }

  private static Set<String> varying(Graph graph, Map<String, NdArray> given) {
    Set<String> varying = new HashSet<>(given.keySet());
    graph.inputs().forEach(input -> varying.add(input.name()));
    return varying;
  }

  private static boolean varies(Node node, Set<String> varying) {
    return node.inputs().stream().anyMatch(varying::contains)
        || Captures.of(node).stream().anyMatch(varying::contains);
  }

  private static NdArray stored(NdArray value) {
    return value.type().isFoldable() ? value.rounded() : value;
  }

  private static NdArray require(Values values, String name, Graph graph) {
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

  private List<NdArray> evaluate(Node original, Graph graph, Values values) {
    Node node = arguments.isEmpty() ? original : withArguments(original);
    Map<Integer, OperandValue> inputs = new HashMap<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      if (node.hasInput(i) && !absent.contains(node.input(i))) {
        inputs.put(i, operand(node, node.input(i), graph, values));
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
            node,
            opset,
            inputs,
            budget,
            memory,
            (body, bodyInputs) -> run(body, bodyInputs, node, values));
    try {
      return operator.evaluate(call);
    } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
      ReferenceException located = call.invalid(String.valueOf(e.getMessage()));
      located.initCause(e);
      throw located;
    }
  }

  private static OperandValue operand(Node node, String name, Graph graph, Values values) {
    Tensor constant = values.constant(name);
    return constant == null
        ? OperandValue.of(input(node, name, graph, values))
        : OperandValue.of(constant, () -> input(node, name, graph, values));
  }

  private static NdArray input(Node node, String name, Graph graph, Values values) {
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
        if (argument instanceof Attribute.Opaque) {
          throw new ReferenceException(
              node, "the attribute '%s' of the call is not known".formatted(reference.name()));
        }
        resolved =
            argument == null
                ? resolved.withoutAttribute(attribute.getKey())
                : resolved.withAttribute(attribute.getKey(), argument);
      }
    }
    return resolved;
  }

  private List<NdArray> call(Function function, Node node, Map<Integer, OperandValue> inputs) {
    Map<String, NdArray> given = new HashMap<>();
    List<ValueInfo> parameters = function.body().inputs();
    Set<String> leftOut = new HashSet<>();
    for (int i = 0; i < parameters.size(); i++) {
      OperandValue operand = inputs.get(i);
      if (operand == null) {
        leftOut.add(parameters.get(i).name());
      } else {
        given.put(parameters.get(i).name(), operand.value());
      }
    }
    List<String> outputs = function.body().outputs().stream().map(ValueInfo::name).toList();
    Scope inner =
        new Scope(
            function.opsets(),
            functions,
            function.arguments(node),
            leftOut,
            budget,
            memory,
            derived);
    Map<String, NdArray> results =
        inner.evaluate(function.body(), given, null, new LinkedHashSet<>(outputs));
    return outputs.stream().map(results::get).toList();
  }

  private List<NdArray> run(Graph body, List<NdArray> inputs, Node node, Values values) {
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
