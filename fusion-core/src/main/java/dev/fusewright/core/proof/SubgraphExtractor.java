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

import dev.fusewright.core.analysis.shape.Basis;
import dev.fusewright.core.analysis.shape.ShapeInference;
import dev.fusewright.core.analysis.shape.SymInt;
import dev.fusewright.core.analysis.shape.SymbolicDim;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Captures;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.reference.ReferenceException;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what lies between the inputs and the outputs of sites out of one model, with the constants
 * that it reads.
 */
final class SubgraphExtractor {
  private final ModelGraph model;
  private final Map<List<String>, Scope> scopes = new HashMap<>();
  private final IdentityHashMap<Graph, ShapeInference> inner = new IdentityHashMap<>();
  private @Nullable ShapeInference shapes;
  private @Nullable FunctionArguments arguments;

  /** A scope and the ones around it, outermost first. */
  private record Scope(List<ScopeValues> chain, Map<String, Long> opsets) {
    Scope {
      chain = List.copyOf(chain);
    }

    ScopeValues own() {
      return chain.get(chain.size() - 1);
    }
  }

  SubgraphExtractor(ModelGraph model) {
    this.model = model;
  }

  /** The index of a scope. */
  ScopeValues index(List<String> steps) {
    return scope(steps).own();
  }

  private Scope scope(List<String> steps) {
    Scope known = scopes.get(steps);
    if (known != null) {
      return known;
    }
    ScopeLocator.Located located = ScopeLocator.locate(model, steps);
    boolean overridable =
        model.irVersion() >= ModelGraph.OVERRIDABLE_INITIALIZERS_SINCE || !steps.isEmpty();
    List<ScopeValues> chain = new ArrayList<>();
    located.outer().forEach(graph -> chain.add(ScopeValues.of(graph, overridable)));
    chain.add(ScopeValues.of(located.graph(), overridable));
    Scope scope = new Scope(chain, located.opsets());
    scopes.put(steps, scope); // A function that calls itself finds this one, without arguments.
    if (!steps.isEmpty() && isFunction(steps.get(0))) {
      chain.set(0, chain.get(0).with(arguments().of(steps.get(0))));
      scope = new Scope(chain, located.opsets());
      scopes.put(steps, scope);
    }
    return scope;
  }

  private boolean isFunction(String step) {
    return model.functions().stream()
        .anyMatch(function -> ScopePath.of(function).text().equals(step));
  }

  private FunctionArguments arguments() {
    FunctionArguments known = arguments;
    if (known == null) {
      known = new FunctionArguments(model, this::passed);
      arguments = known;
    }
    return known;
  }

  /** An argument of a call, if it is constant. */
  private @Nullable Initializer passed(List<String> steps, String value) {
    Tensor stored = constant(steps, value);
    if (stored != null) {
      return new Initializer(value, stored);
    }
    if (!isConstant(steps, value)) {
      return null;
    }
    try {
      Subgraph derived = cut(new Boundary(steps, List.of(), List.of(value)));
      return new Initializer(value, derived.constant(value).toTensor());
    } catch (ReferenceException e) {
      return null; // Nobody can tell that the calls agree.
    }
  }

  /**
   * One side of a site.
   *
   * @throws GraphException if the model lacks an output of the site, or reaches beyond its inputs
   *     to compute one
   */
  Subgraph cut(Boundary boundary) {
    Scope scope = scope(boundary.scope());
    Map<String, Node> kept = new HashMap<>();
    Map<String, Initializer> constants = new LinkedHashMap<>();
    Deque<String> open = new ArrayDeque<>(boundary.outputs());
    Set<String> seen = new HashSet<>(boundary.inputs());
    while (!open.isEmpty()) {
      String value = open.remove();
      if (!value.isEmpty() && seen.add(value) && !follow(scope, value, kept, constants, open)) {
        throw new GraphException(
            "%s do not follow from %s: nothing there computes '%s'"
                .formatted(boundary.outputs(), boundary.inputs(), value));
      }
    }
    List<Node> nodes = ordered(kept, boundary.outputs());
    Graph graph =
        new Graph(
            "site",
            nodes,
            List.copyOf(constants.values()),
            boundary.inputs().stream().map(scope.own()::info).toList(),
            boundary.outputs().stream().map(scope.own()::info).toList());
    return new Subgraph(graph, scope.opsets(), model.functions(), Map.of());
  }

  /**
   * The side that another model's site has here, whatever the name of its scope.
   *
   * @throws GraphException as {@link #cut} does
   */
  Subgraph cutCounterpart(Boundary boundary) {
    return cut(boundary.in(ScopeLocator.steps(model, boundary.names())));
  }

  /** The tensor that a name stands for in the counterpart of a scope; null if it is computed. */
  @Nullable Tensor counterpartConstant(Boundary boundary, String value) {
    return constant(ScopeLocator.steps(model, boundary.names()), value);
  }

  /** One side of a site, with what this model says of the shapes of its values. */
  Subgraph cutWithShapes(Boundary boundary) {
    Subgraph side = cut(boundary);
    Map<String, SymbolicShape> shapes = new HashMap<>();
    boundary.inputs().forEach(input -> shapes.put(input, shape(boundary.scope(), input)));
    for (Node node : side.nodes()) {
      named(node).forEach(output -> shapes.put(output, shape(boundary.scope(), output)));
    }
    return new Subgraph(side.graph(), side.opsets(), side.functions(), shapes);
  }

  private static List<String> named(Node node) {
    return node.outputs().stream().filter(output -> !output.isEmpty()).toList();
  }

  /**
   * Bodies and functions may be entered with another shape each time: of theirs is known what holds
   * whatever enters, and else what is stated.
   */
  private SymbolicShape shape(List<String> steps, String value) {
    List<ScopeValues> chain = scope(steps).chain();
    int at = chain.size() - 1;
    while (at > 0 && !chain.get(at).defines(value)) {
      at--;
    }
    boolean isMain = at == 0 && (steps.isEmpty() || !isFunction(steps.get(0)));
    if (isMain) {
      return mainShapes().of(value);
    }
    ScopeLocator.Located located = ScopeLocator.locate(model, steps);
    Graph graph = at < chain.size() - 1 ? located.outer().get(at) : located.graph();
    List<String> own = steps.subList(0, steps.size() - (chain.size() - 1 - at));
    SymbolicShape proven = innerShapes(own, graph, located.opsets()).of(value);
    return proven.hasRank() ? proven : stated(chain.get(at).info(value));
  }

  /** Inference on a scope of whose inputs nothing is known, but what it reads from around it. */
  private ShapeInference innerShapes(
      List<String> steps, Graph scope, Map<String, Long> opsets) {
    ShapeInference known = inner.get(scope);
    if (known == null) {
      List<ValueInfo> inputs = new ArrayList<>();
      scope.inputs().forEach(it -> inputs.add(ValueInfo.untyped(it.name())));
      for (String captured : Captures.of(scope)) {
        List<String> outer = steps.subList(0, steps.size() - 1);
        inputs.add(
            new ValueInfo(
                captured,
                ElementType.UNDEFINED,
                Subgraph.declared(shape(outer, captured).restingOn(Basis.PROMISED))));
      }
      known =
          ShapeInference.of(
              new ModelGraph(
                  ModelGraph.FUNCTIONS_SINCE,
                  opsets,
                  new Graph(
                      scope.name(),
                      scope.nodes(),
                      scope.initializers(),
                      inputs,
                      scope.outputs().stream().map(it -> ValueInfo.untyped(it.name())).toList()),
                  model.functions()));
      inner.put(scope, known);
    }
    return known;
  }

  private static SymbolicShape stated(ValueInfo info) {
    List<Dim> dims = info.dims();
    return dims == null
        ? SymbolicShape.UNKNOWN
        : new SymbolicShape(
            dims.stream()
                .map(
                    dim ->
                        dim instanceof Dim.Fixed fixed
                            ? new SymbolicDim(SymInt.of(fixed.size()), Basis.STATED)
                            : SymbolicDim.UNKNOWN)
                .toList(),
            Basis.STATED);
  }

  private ShapeInference mainShapes() {
    ShapeInference known = shapes;
    if (known == null) {
      known = ShapeInference.of(model);
      shapes = known;
    }
    return known;
  }

  /**
   * The nodes, each after those that it reads from, in an order that follows from what they read:
   * not that of the file, in which the nodes of another file may stand otherwise.
   */
  static List<Node> ordered(Map<String, Node> producers, List<String> outputs) {
    Map<Integer, Node> ordered = new LinkedHashMap<>();
    Set<Integer> entered = new HashSet<>();
    Deque<Node> open = new ArrayDeque<>();
    for (String output : outputs) {
      push(producers.get(output), open);
      while (!open.isEmpty()) {
        Node node = open.element();
        if (!entered.add(node.id())) {
          ordered.put(node.id(), open.remove());
          continue;
        }
        List<String> read = new ArrayList<>(node.inputs());
        read.addAll(Captures.of(node));
        for (int i = read.size() - 1; i >= 0; i--) {
          Node producer = producers.get(read.get(i));
          if (producer != null && !entered.contains(producer.id())) {
            open.push(producer);
          }
        }
      }
    }
    return List.copyOf(ordered.values());
  }

  private static void push(@Nullable Node node, Deque<Node> open) {
    if (node != null) {
      open.push(node);
    }
  }

  /** Looks a value up from the inside out. */
  private static boolean follow(
      Scope scope,
      String value,
      Map<String, Node> kept,
      Map<String, Initializer> constants,
      Deque<String> open) {
    for (int i = scope.chain().size() - 1; i >= 0; i--) {
      ScopeValues index = scope.chain().get(i);
      Node producer = index.producers().get(value);
      if (producer != null) {
        producer.outputs().forEach(output -> kept.put(output, producer));
        open.addAll(producer.inputs());
        open.addAll(Captures.of(producer));
        return true;
      }
      Initializer constant = index.constants().get(value);
      if (constant != null) {
        constants.put(value, constant);
        return true;
      }
    }
    return false;
  }

  /** The tensor that a name stands for in a scope or one around it; null if it is computed. */
  @Nullable Tensor constant(List<String> steps, String value) {
    List<ScopeValues> chain = scope(steps).chain();
    for (int i = chain.size() - 1; i >= 0; i--) {
      Node producer = chain.get(i).producers().get(value);
      if (producer != null) {
        return OperandDigests.valueOf(producer);
      }
      Initializer constant = chain.get(i).constants().get(value);
      if (constant != null) {
        return constant.tensor();
      }
    }
    return null;
  }

  /** Whether a value is the same in every run. */
  boolean isConstant(List<String> steps, String value) {
    return isConstant(scope(steps), value, new HashMap<>());
  }

  private static boolean isConstant(Scope scope, String value, Map<String, Boolean> known) {
    Boolean before = known.putIfAbsent(value, false);
    if (before != null) {
      return before;
    }
    boolean constant = value.isEmpty() || constantAnywhere(scope, value, known);
    known.put(value, constant);
    return constant;
  }

  private static boolean constantAnywhere(Scope scope, String value, Map<String, Boolean> known) {
    for (int i = scope.chain().size() - 1; i >= 0; i--) {
      ScopeValues index = scope.chain().get(i);
      @Nullable Node producer = index.producers().get(value);
      if (producer != null) {
        return producer.bodies().isEmpty()
            && producer.inputs().stream().allMatch(input -> isConstant(scope, input, known));
      }
      if (index.constants().containsKey(value)) {
        return true;
      }
    }
    return false;
  }
}
