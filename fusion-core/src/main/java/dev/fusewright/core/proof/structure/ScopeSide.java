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
package dev.fusewright.core.proof.structure;

import dev.fusewright.core.analysis.shape.ShapeInference;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.tensor.Tensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One scope of one of the two models, indexed: its main graph, a body, or a function. */
final class ScopeSide {
  private final ModelGraph model;
  private final Graph graph;
  private final Map<String, Long> opsets;
  private final @Nullable ScopeSide outer;
  private final @Nullable ShapeInference shapes;
  private final Map<String, Origin.Result> results = new HashMap<>();
  private final Map<String, Tensor> constants = new HashMap<>();
  private final Map<String, Integer> inputs = new HashMap<>();
  private final Set<String> unreadable;

  private ScopeSide(
      ModelGraph model,
      Graph graph,
      Map<String, Long> opsets,
      @Nullable ScopeSide outer,
      @Nullable ShapeInference shapes) {
    this.model = model;
    this.graph = graph;
    this.opsets = opsets;
    this.outer = outer;
    this.shapes = shapes;
    this.unreadable = new HashSet<>(graph.sparseInitializers());
    for (Node node : graph.nodes()) {
      for (int i = 0; i < node.outputs().size(); i++) {
        results.put(node.outputs().get(i), new Origin.Result(node, i));
      }
    }
    for (int i = 0; i < graph.inputs().size(); i++) {
      inputs.put(graph.inputs().get(i).name(), i);
    }
    boolean overridable =
        outer == null && model.irVersion() >= ModelGraph.OVERRIDABLE_INITIALIZERS_SINCE;
    for (Initializer initializer : graph.initializers()) {
      if (!overridable || !inputs.containsKey(initializer.name())) {
        inputs.remove(initializer.name());
        constants.put(initializer.name(), initializer.tensor());
      }
    }
    new ConstantFolding(graph, opsets, shapes, constants).run();
  }

  /** The main graph. */
  static ScopeSide main(ModelGraph model) {
    return new ScopeSide(model, model.graph(), model.opsets(), null, ShapeInference.of(model));
  }

  /** The body of a function. */
  static ScopeSide function(ModelGraph model, Function function) {
    return new ScopeSide(model, function.body(), function.opsets(), null, null);
  }

  /** A body of a node of this scope. */
  ScopeSide body(Graph body) {
    return new ScopeSide(model, body, opsets, this, null);
  }

  Graph graph() {
    return graph;
  }

  ModelGraph model() {
    return model;
  }

  /** The version of an operator set; 0 where it is not imported. */
  long opset(String domain) {
    return opsets.getOrDefault(domain, 0L);
  }

  @Nullable ShapeInference shapes() {
    return shapes;
  }

  /** Whether the model has functions that are called so. */
  boolean calls(OpKind op) {
    return model.functions().stream().anyMatch(function -> function.op().equals(op));
  }

  /** The only function that is called so; null if there is none, or several. */
  @Nullable Function function(OpKind op) {
    List<Function> all =
        model.functions().stream().filter(function -> function.op().equals(op)).toList();
    return all.size() == 1 ? all.get(0) : null;
  }

  Origin origin(String value) {
    String name = value;
    while (true) {
      if (name.isEmpty()) {
        return new Origin.Absent();
      }
      Tensor constant = constants.get(name);
      if (constant != null) {
        return new Origin.Constant(name, constant);
      }
      Integer input = inputs.get(name);
      if (input != null) {
        return new Origin.Input(name, input);
      }
      if (unreadable.contains(name)) {
        return new Origin.Unreadable(name);
      }
      Origin.Result result = results.get(name);
      if (result == null) {
        return outside(name);
      }
      if (!result.node().is(OpKind.IDENTITY) || calls(OpKind.IDENTITY)) {
        return result;
      }
      name = result.node().input(0);
    }
  }

  private Origin outside(String name) {
    if (outer == null) {
      return new Origin.Unreadable(name);
    }
    Origin origin = outer.origin(name);
    return origin instanceof Origin.Constant ? origin : new Origin.Outer(name);
  }
}
