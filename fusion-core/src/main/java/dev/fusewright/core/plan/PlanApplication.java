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
package dev.fusewright.core.plan;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.CallOrder;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.GraphInvariants;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.TopologicalOrder;
import dev.fusewright.core.graph.ValueInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Carries the edits of a plan out, scope by scope, innermost bodies first. */
final class PlanApplication {
  private final Map<ScopePath, List<Edit>> edits = new HashMap<>();
  private final List<Edit.AddFunction> functions = new ArrayList<>();
  private final UnusedArguments unused = new UnusedArguments();

  /** Whether each initializer of the main graph has to be an input of it. */
  private final boolean listsInitializers;

  private PlanApplication(FusionPlan plan) {
    this.listsInitializers =
        plan.original().irVersion() < ModelGraph.OVERRIDABLE_INITIALIZERS_SINCE;
    for (Fusion fusion : plan.fusions()) {
      for (Edit edit : fusion.edits()) {
        if (edit instanceof Edit.AddFunction added) {
          functions.add(added);
        } else {
          edits.computeIfAbsent(fusion.scope(), scope -> new ArrayList<>()).add(edit);
        }
      }
    }
  }

  static ModelGraph apply(FusionPlan plan) {
    ModelGraph original = plan.original();
    if (!plan.changesModel()) {
      return original;
    }
    PlanApplication application = new PlanApplication(plan);
    List<Function> bodies = new ArrayList<>(application.functions(original.functions()));
    Graph graph = application.scope(ScopePath.MAIN, original.graph());
    Map<String, Long> opsets = new LinkedHashMap<>(original.opsets());
    for (Edit.AddFunction added : application.functions) {
      if (bodies.stream().noneMatch(function -> function.op().equals(added.function().op()))) {
        bodies.add(added.function());
      }
      opsets.putIfAbsent(added.function().op().domain(), added.version());
    }
    long irVersion =
        application.functions.isEmpty()
            ? original.irVersion()
            : Math.max(original.irVersion(), ModelGraph.FUNCTIONS_SINCE);
    ModelGraph result =
        UncalledFunctions.remove(original, new ModelGraph(irVersion, opsets, graph, bodies));
    GraphInvariants.check(result);
    return result;
  }

  /** Functions before those that call them, so that these know which arguments are still read. */
  private List<Function> functions(List<Function> originals) {
    Map<ScopePath, Function> edited = new HashMap<>();
    for (Function function : CallOrder.calleesFirst(originals)) {
      Graph body = scope(ScopePath.of(function), function.body());
      Function after = body == function.body() ? function : function.withBody(body);
      unused.compare(function, after);
      edited.put(ScopePath.of(function), after);
    }
    return originals.stream()
        .map(function -> Objects.requireNonNull(edited.get(ScopePath.of(function))))
        .toList();
  }

  private Graph scope(ScopePath path, Graph graph) {
    List<Edit> own = edits.getOrDefault(path, List.of());
    Graph inner = bodies(path, graph);
    Graph edited = own.isEmpty() ? inner : edit(inner, own);
    // What is written lists nodes in order, as the onnx checker wants it, even where the file does
    // not.
    return TopologicalOrder.of(
        edited == graph
            ? graph
            : DeadParts.remove(
                graph,
                edited,
                path.equals(ScopePath.MAIN) && listsInitializers
                    ? DeadParts.ConstantInputs.GO
                    : DeadParts.ConstantInputs.STAY));
  }

  private Graph bodies(ScopePath path, Graph graph) {
    List<Node> nodes = new ArrayList<>(graph.nodes().size());
    boolean changed = false;
    for (Node node : graph.nodes()) {
      Node after = unused.leaveOut(node);
      for (Map.Entry<String, Attribute> entry : node.attributes().entrySet()) {
        if (entry.getValue() instanceof Attribute.Body body) {
          Graph result = scope(path.body(node, entry.getKey(), 0), body.value());
          if (result != body.value()) {
            after = after.withAttribute(entry.getKey(), new Attribute.Body(result));
          }
        } else if (entry.getValue() instanceof Attribute.Bodies bodies) {
          List<Graph> results = new ArrayList<>();
          for (int i = 0; i < bodies.values().size(); i++) {
            results.add(scope(path.body(node, entry.getKey(), i), bodies.values().get(i)));
          }
          if (!results.equals(bodies.values())) {
            after = after.withAttribute(entry.getKey(), new Attribute.Bodies(results));
          }
        }
      }
      changed |= after != node;
      nodes.add(after);
    }
    return changed ? with(graph, nodes, graph.initializers(), graph.inputs()) : graph;
  }

  private Graph edit(Graph graph, List<Edit> edits) {
    Map<Integer, Node> replaced = new HashMap<>();
    Map<Integer, List<Node>> inserted = new HashMap<>();
    Set<Integer> removed = new HashSet<>();
    Map<String, Initializer> initializers = new LinkedHashMap<>();
    graph.initializers().forEach(initializer -> initializers.put(initializer.name(), initializer));
    List<ValueInfo> inputs = new ArrayList<>(graph.inputs());
    for (Edit edit : edits) {
      if (edit instanceof Edit.ReplaceNode replace) {
        replaced.put(replace.after().id(), replace.after());
      } else if (edit instanceof Edit.InsertNode insert) {
        inserted.computeIfAbsent(insert.before(), id -> new ArrayList<>()).add(insert.node());
      } else if (edit instanceof Edit.RemoveNode remove) {
        removed.add(remove.id());
      } else if (edit instanceof Edit.PutInitializer put) {
        initializers.put(put.initializer().name(), put.initializer());
      } else if (edit instanceof Edit.AddInput add) {
        inputs.add(add.input());
      } else {
        throw new IllegalStateException("not an edit of a scope: " + edit);
      }
    }
    List<Node> nodes = new ArrayList<>(graph.nodes().size());
    for (Node node : graph.nodes()) {
      place(node, replaced, inserted, removed, nodes);
    }
    return with(graph, nodes, List.copyOf(initializers.values()), inputs);
  }

  /**
   * Inserted nodes may in turn have been replaced, removed, or had nodes put before them by a later
   * fusion.
   */
  private void place(
      Node node,
      Map<Integer, Node> replaced,
      Map<Integer, List<Node>> inserted,
      Set<Integer> removed,
      List<Node> nodes) {
    for (Node before : inserted.getOrDefault(node.id(), List.of())) {
      place(before, replaced, inserted, removed, nodes);
    }
    if (!removed.contains(node.id())) {
      Node after = replaced.get(node.id());
      nodes.add(after == null ? node : unused.leaveOut(withBodiesOf(node, after)));
    }
  }

  /** A replaced node was planned with its bodies as they were; they may have been edited since. */
  private static Node withBodiesOf(Node edited, Node after) {
    Node result = after;
    for (Map.Entry<String, Attribute> entry : edited.attributes().entrySet()) {
      boolean isBody =
          entry.getValue() instanceof Attribute.Body
              || entry.getValue() instanceof Attribute.Bodies;
      if (isBody && result.attributes().containsKey(entry.getKey())) {
        result = result.withAttribute(entry.getKey(), entry.getValue());
      }
    }
    return result;
  }

  private static Graph with(
      Graph graph, List<Node> nodes, List<Initializer> initializers, List<ValueInfo> inputs) {
    return new Graph(
        graph.name(),
        nodes,
        initializers,
        inputs,
        graph.outputs(),
        graph.valueInfos(),
        graph.annotations(),
        graph.sparseInitializers());
  }
}
