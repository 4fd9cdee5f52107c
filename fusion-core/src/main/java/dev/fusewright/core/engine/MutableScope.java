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

import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.analysis.shape.GraphSize;
import dev.fusewright.core.analysis.shape.ShapeInference;
import dev.fusewright.core.graph.Captures;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.Use;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.plan.Edit;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One scope while the engine works on it: every edit is applied at once and in constant time. */
final class MutableScope implements GraphView {
  private final long irVersion;
  private final long opset;
  private final @Nullable GraphView outer;
  private final boolean isFunctionBody;
  private final Map<Integer, Node> nodes = new LinkedHashMap<>();
  private final Map<String, Integer> producers = new HashMap<>();
  private final Map<String, Integer> displaced = new HashMap<>();
  private final Map<String, Map<Long, Use>> uses = new HashMap<>();
  private final Map<String, Initializer> initializers = new HashMap<>();
  private final Set<String> inputs = new HashSet<>();
  private final Set<String> outputs = new HashSet<>();
  private final Set<String> sparse;
  private final Map<String, ValueInfo> infos = new HashMap<>();
  private final Map<String, Integer> readersAtFirst = new HashMap<>();
  private final Map<Integer, String> labels = new HashMap<>();
  private final Map<String, Operand> arguments;
  private final Map<OpKind, Function> functions;
  private final ShapeInference shapes;
  private final Graph original;

  /**
   * A draft of one scope.
   *
   * @param arguments what all calls agree to pass for an input of a function
   * @param functions that nodes may call; those that an edit adds are put here
   */
  MutableScope(
      long irVersion,
      long opset,
      Graph graph,
      @Nullable GraphView outer,
      Map<String, Operand> arguments,
      Map<OpKind, Function> functions,
      boolean isFunctionBody) {
    this.isFunctionBody = isFunctionBody;
    this.irVersion = irVersion;
    this.opset = opset;
    this.outer = outer;
    this.arguments = arguments;
    this.functions = functions;
    this.shapes = new ShapeInference(this, GraphSize.of(graph));
    this.sparse = Set.copyOf(graph.sparseInitializers());
    this.original = graph;
    begin();
    nodes.forEach((id, node) -> labels.put(id, node.label()));
    uses.forEach((value, readers) -> readersAtFirst.put(value, readers.size()));
  }

  private void begin() {
    original
        .initializers()
        .forEach(initializer -> initializers.put(initializer.name(), initializer));
    original.valueInfos().forEach(info -> infos.put(info.name(), info));
    for (ValueInfo input : original.inputs()) {
      inputs.add(input.name());
      infos.put(input.name(), input);
    }
    for (ValueInfo output : original.outputs()) {
      outputs.add(output.name());
      infos.put(output.name(), output);
    }
    original.nodes().forEach(this::add);
  }

  /** Becomes what some edits make of the scope as it was at first. */
  void restore(List<Edit> edits) {
    nodes.clear();
    producers.clear();
    displaced.clear();
    uses.clear();
    initializers.clear();
    inputs.clear();
    outputs.clear();
    infos.clear();
    begin();
    shapes.forgetAll();
    edits.forEach(this::apply);
    displaced.clear();
  }

  private void add(Node node) {
    nodes.put(node.id(), node);
    for (String output : node.outputs()) {
      Integer other = producers.put(output, node.id());
      if (other != null && other != node.id()) {
        displaced.put(output, other);
      }
    }
    for (int i = 0; i < node.inputs().size(); i++) {
      use(node.inputs().get(i), node, i);
    }
    for (String captured : Captures.of(node)) {
      use(captured, node, Use.CAPTURED);
    }
  }

  private void use(String value, Node node, int index) {
    if (!value.isEmpty()) {
      uses.computeIfAbsent(value, name -> new LinkedHashMap<>())
          .put(key(node, index), new Use(node, index));
    }
  }

  private static long key(Node node, int index) {
    return ((long) node.id() << 32) | (index & 0xffffffffL);
  }

  private void remove(int id) {
    Node node = nodes.get(id);
    if (node == null) {
      throw new IllegalStateException("no node has the id " + id);
    }
    for (String output : node.outputs()) {
      producers.remove(output, id);
    }
    for (int i = 0; i < node.inputs().size(); i++) {
      unuse(node.inputs().get(i), node, i);
    }
    for (String captured : Captures.of(node)) {
      unuse(captured, node, Use.CAPTURED);
    }
  }

  private void unuse(String value, Node node, int index) {
    Map<Long, Use> readers = uses.get(value);
    if (readers != null) {
      readers.remove(key(node, index));
    }
  }

  /** Carries one edit out. */
  void apply(Edit edit) {
    if (edit instanceof Edit.ReplaceNode replace) {
      forgetOutputs(nodes.get(replace.after().id()));
      remove(replace.after().id());
      add(replace.after());
      forgetOutputs(replace.after());
    } else if (edit instanceof Edit.InsertNode insert) {
      add(insert.node());
      forgetOutputs(insert.node());
    } else if (edit instanceof Edit.RemoveNode removal) {
      forgetOutputs(nodes.get(removal.id()));
      remove(removal.id());
      nodes.remove(removal.id());
    } else if (edit instanceof Edit.PutInitializer put) {
      initializers.put(put.initializer().name(), put.initializer());
      forgetShape(put.initializer().name());
    } else if (edit instanceof Edit.AddInput add) {
      inputs.add(add.input().name());
      forgetShape(add.input().name());
    } else if (edit instanceof Edit.AddFunction add
        && functions.putIfAbsent(add.function().op(), add.function()) == null) {
      shapes.forgetAll();
    }
  }

  private void forgetOutputs(@Nullable Node node) {
    if (node != null) {
      node.outputs().forEach(this::forgetShape);
    }
  }

  /** Forgets the shape of a value, and of all that is computed from it. */
  private void forgetShape(String value) {
    Deque<String> open = new ArrayDeque<>(List.of(value));
    while (!open.isEmpty()) {
      String next = open.pop();
      if (shapes.forget(next)) {
        for (Use use : uses.getOrDefault(next, Map.of()).values()) {
          open.addAll(use.node().outputs());
        }
      }
    }
  }

  /**
   * Whether a parameter must not be changed in place: others read it, or did so at first. A fusion
   * that took it away from them may yet be dropped from the plan, and they are back.
   */
  boolean isShared(String value) {
    return useCount(value) != 1 || readersAtFirst.getOrDefault(value, 1) != 1 || isOutput(value);
  }

  /**
   * Checks what an application of a rule may have broken: every value that a node of {@code
   * changed} reads is there, each of its outputs is its own, and nobody misses what was there
   * before.
   *
   * @param before names of the values that the site computed before
   * @throws IllegalStateException naming the value
   */
  void check(Collection<Integer> changed, Collection<String> before) {
    for (int id : changed) {
      Node node = nodes.get(id);
      if (node == null) {
        continue;
      }
      for (String input : node.inputs()) {
        if (!isVisible(input)) {
          throw new IllegalStateException(
              "'%s' reads '%s', which nothing computes any more".formatted(node.label(), input));
        }
      }
      for (String output : node.outputs()) {
        Integer other = displaced.remove(output);
        Node former = other == null ? null : nodes.get(other);
        boolean isDouble = former != null && former.outputs().contains(output);
        if (!output.isEmpty() && (isDouble || !Objects.equals(producers.get(output), id))) {
          throw new IllegalStateException("'%s' is computed twice".formatted(output));
        }
      }
    }
    for (String value : before) {
      if (!producers.containsKey(value) && (useCount(value) > 0 || isOutput(value))) {
        throw new IllegalStateException(
            "'%s' is still read, and nothing computes it any more".formatted(value));
      }
    }
  }

  /** Whether a node of this scope may read {@code value}. */
  boolean isVisible(String value) {
    return value.isEmpty()
        || producers.containsKey(value)
        || initializers.containsKey(value)
        || inputs.contains(value)
        || sparse.contains(value)
        || (outer instanceof MutableScope around && around.isVisible(value));
  }

  /**
   * How the model itself calls a node: a fold gives it another output, by which nobody would know
   * it.
   */
  String label(Node node) {
    return labels.getOrDefault(node.id(), node.label());
  }

  @Nullable Node node(int id) {
    return nodes.get(id);
  }

  int size() {
    return nodes.size();
  }

  @Override
  public long irVersion() {
    return irVersion;
  }

  @Override
  public long opset() {
    return opset;
  }

  @Override
  public Collection<Node> nodes() {
    return nodes.values();
  }

  @Override
  public @Nullable Node producer(String value) {
    Integer id = producers.get(value);
    return id == null || value.isEmpty() ? null : nodes.get(id);
  }

  @Override
  public List<Use> uses(String value) {
    return List.copyOf(uses.getOrDefault(value, Map.of()).values());
  }

  @Override
  public int useCount(String value) {
    return uses.getOrDefault(value, Map.of()).size();
  }

  @Override
  public boolean isOutput(String value) {
    return outputs.contains(value);
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
    return inputs.contains(initializer)
        && (irVersion >= ModelGraph.OVERRIDABLE_INITIALIZERS_SINCE || outer != null);
  }

  @Override
  public boolean isSparse(String value) {
    return sparse.contains(value);
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
  public @Nullable Operand argument(String input) {
    return arguments.get(input);
  }

  @Override
  public @Nullable Function function(OpKind op) {
    return functions.get(op);
  }

  @Override
  public ShapeInference shapes() {
    return shapes;
  }

  @Override
  public @Nullable GraphView outer() {
    return outer;
  }
}
