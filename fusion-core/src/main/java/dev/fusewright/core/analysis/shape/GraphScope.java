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
package dev.fusewright.core.analysis.shape;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.Tensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One scope of a model that nobody edits: its main graph, a body, or a function as it is called.
 */
final class GraphScope implements ValueScope {
  private final long irVersion;
  private final long opset;
  private final FunctionTable functions;
  private final @Nullable ValueScope outer;
  private final Graph graph;
  private final boolean isFunctionBody;
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, Initializer> initializers = new HashMap<>();
  private final Map<String, ValueInfo> infos = new HashMap<>();
  private final Set<String> inputs = new HashSet<>();
  private final ShapeInference shapes;

  /** The functions that nodes may call. */
  private interface FunctionTable {
    @Nullable Function find(OpKind op);
  }

  private GraphScope(
      long irVersion,
      long opset,
      FunctionTable functions,
      @Nullable ValueScope outer,
      Graph graph,
      boolean isFunctionBody,
      ShapeInference.@Nullable Nested nested) {
    this.irVersion = irVersion;
    this.opset = opset;
    this.functions = functions;
    this.outer = outer;
    this.graph = graph;
    this.isFunctionBody = isFunctionBody;
    graph.valueInfos().forEach(info -> infos.put(info.name(), info));
    graph.outputs().forEach(output -> infos.put(output.name(), output));
    for (ValueInfo input : graph.inputs()) {
      inputs.add(input.name());
      infos.put(input.name(), input);
    }
    graph.initializers().forEach(initializer -> initializers.put(initializer.name(), initializer));
    graph.nodes().forEach(node -> node.outputs().forEach(output -> producers.put(output, node)));
    this.shapes =
        nested == null
            ? new ShapeInference(this, GraphSize.of(graph))
            : nested.within(this, GraphSize.of(graph));
  }

  /** The main graph. */
  static GraphScope main(ModelGraph model) {
    return new GraphScope(
        model.irVersion(),
        model.opsets().getOrDefault("", 1L),
        Function.byOperator(model.functions())::get,
        null,
        model.graph(),
        /* isFunctionBody= */ false,
        null);
  }

  /**
   * A body of a node of {@code outer}.
   *
   * @param given what is known of its inputs
   */
  static GraphScope body(ValueScope outer, Graph body, Map<String, ValueFacts> given) {
    return new GraphScope(
        ModelGraph.OVERRIDABLE_INITIALIZERS_SINCE,
        outer.opset(),
        outer::function,
        outer,
        body,
        outer.isFunctionBody(),
        outer.shapes().nested(given));
  }

  /**
   * The body of a function as {@code call} calls it: with its attributes, and without the inputs
   * that it leaves out.
   */
  static GraphScope called(
      ValueScope caller, Function function, Node call, Map<String, ValueFacts> given) {
    Set<String> absent = new HashSet<>();
    for (int i = 0; i < function.body().inputs().size(); i++) {
      if (!call.hasInput(i)) {
        absent.add(function.body().inputs().get(i).name());
      }
    }
    return new GraphScope(
        ModelGraph.FUNCTIONS_SINCE,
        function.opsets().getOrDefault("", 1L),
        caller::function,
        null,
        called(function.body(), function, call, absent),
        /* isFunctionBody= */ true,
        caller.shapes().nested(given));
  }

  /** Names of sizes mean nothing to a caller, so that types inside are left out. */
  private static Graph called(Graph body, Function function, Node call, Set<String> absent) {
    List<Node> nodes =
        body.nodes().stream().map(node -> called(node, function, call, absent)).toList();
    return new Graph(
        body.name(),
        nodes,
        body.initializers(),
        body.inputs().stream().map(input -> ValueInfo.untyped(input.name())).toList(),
        body.outputs().stream().map(output -> ValueInfo.untyped(output.name())).toList());
  }

  private static Node called(Node node, Function function, Node call, Set<String> absent) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    node.attributes()
        .forEach(
            (name, attribute) -> {
              Attribute passed = passed(attribute, function, call, absent);
              if (passed != null) {
                attributes.put(name, passed);
              }
            });
    return new Node(
        node.id(),
        node.name(),
        node.op(),
        node.inputs().stream().map(input -> absent.contains(input) ? "" : input).toList(),
        node.outputs(),
        attributes);
  }

  /** Null for an attribute that the call leaves out, and that has no default. */
  private static @Nullable Attribute passed(
      Attribute attribute, Function function, Node call, Set<String> absent) {
    if (attribute instanceof Attribute.Reference reference) {
      Attribute value = function.arguments(call).get(reference.name());
      boolean isDeclared = function.attributes().contains(reference.name());
      boolean isKnown = value == null ? isDeclared : !(value instanceof Attribute.Opaque);
      return isKnown ? value : attribute;
    }
    if (attribute instanceof Attribute.Body body) {
      return new Attribute.Body(called(body.value(), function, call, absent));
    }
    return attribute;
  }

  Graph graph() {
    return graph;
  }

  @Override
  public long opset() {
    return opset;
  }

  @Override
  public @Nullable Node producer(String value) {
    return value.isEmpty() ? null : producers.get(value);
  }

  @Override
  public boolean isInput(String value) {
    return inputs.contains(value);
  }

  @Override
  public @Nullable Initializer initializer(String value) {
    return initializers.get(value);
  }

  @Override
  public boolean isOverridable(String initializer) {
    return inputs.contains(initializer) && irVersion >= ModelGraph.OVERRIDABLE_INITIALIZERS_SINCE;
  }

  @Override
  public @Nullable ValueInfo info(String value) {
    return infos.get(value);
  }

  @Override
  public boolean isFunctionBody() {
    return isFunctionBody;
  }

  @Override
  public @Nullable Tensor constantArgument(String input) {
    return null;
  }

  @Override
  public @Nullable Function function(OpKind op) {
    return functions.find(op);
  }

  @Override
  public @Nullable ValueScope outer() {
    return outer;
  }

  @Override
  public ShapeInference shapes() {
    return shapes;
  }
}
