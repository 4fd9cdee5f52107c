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
package dev.fusewright.core.text;

import dev.fusewright.core.graph.Captures;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Cuts out of a model what lies around one node, as a model of its own that can be printed. */
public final class Neighbourhood {
  private final Graph scope;
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, List<Node>> readers = new HashMap<>();

  private Neighbourhood(Graph scope) {
    this.scope = scope;
    for (Node node : scope.nodes()) {
      node.outputs().forEach(output -> producers.put(output, node));
      read(node)
          .forEach(value -> readers.computeIfAbsent(value, name -> new ArrayList<>()).add(node));
    }
  }

  /**
   * The neighbourhoods of all nodes of a name, in whatever scope; none if there is no such node.
   *
   * @param name a node's name or label, or a value that it computes
   * @param steps how far a node may be away, in nodes, towards the inputs and towards the outputs
   */
  public static List<ModelGraph> of(ModelGraph model, String name, int steps) {
    List<ModelGraph> found = new ArrayList<>();
    collect(model, model.opsets(), model.graph(), name, steps, found);
    for (Function function : model.functions()) {
      collect(model, function.opsets(), function.body(), name, steps, found);
    }
    return found;
  }

  private static void collect(
      ModelGraph model,
      Map<String, Long> opsets,
      Graph scope,
      String name,
      int steps,
      List<ModelGraph> found) {
    for (Node node : scope.nodes()) {
      if (node.name().equals(name) || node.label().equals(name) || node.outputs().contains(name)) {
        Graph around = new Neighbourhood(scope).around(node, steps);
        found.add(new ModelGraph(model.irVersion(), opsets, around, List.of()));
      }
      node.bodies().forEach(body -> collect(model, opsets, body, name, steps, found));
    }
  }

  private Graph around(Node centre, int steps) {
    Set<Integer> near = new HashSet<>(Set.of(centre.id()));
    Set<Node> above = Set.of(centre);
    Set<Node> below = Set.of(centre);
    for (int i = 0; i < steps; i++) {
      above = producers(above);
      below = readers(below);
      above.forEach(node -> near.add(node.id()));
      below.forEach(node -> near.add(node.id()));
    }
    return cut(scope.nodes().stream().filter(node -> near.contains(node.id())).toList());
  }

  private Set<Node> producers(Set<Node> nodes) {
    Set<Node> found = new LinkedHashSet<>();
    for (Node node : nodes) {
      for (String value : read(node)) {
        Node producer = producers.get(value);
        if (producer != null) {
          found.add(producer);
        }
      }
    }
    return found;
  }

  private Set<Node> readers(Set<Node> nodes) {
    Set<Node> found = new LinkedHashSet<>();
    for (Node node : nodes) {
      node.outputs().forEach(output -> found.addAll(readers.getOrDefault(output, List.of())));
    }
    return found;
  }

  /** A graph of some of the nodes; what they miss are its inputs, what others miss its outputs. */
  private Graph cut(List<Node> nodes) {
    Map<String, ValueInfo> infos = new HashMap<>();
    scope.valueInfos().forEach(info -> infos.put(info.name(), info));
    scope.inputs().forEach(info -> infos.put(info.name(), info));
    scope.outputs().forEach(info -> infos.put(info.name(), info));
    Set<String> wanted = new LinkedHashSet<>();
    Set<String> computed = new LinkedHashSet<>();
    for (Node node : nodes) {
      wanted.addAll(read(node));
      computed.addAll(node.outputs());
    }
    computed.remove("");
    List<Initializer> parameters =
        scope.initializers().stream().filter(it -> wanted.contains(it.name())).toList();
    Set<String> missing = new LinkedHashSet<>(wanted);
    missing.removeAll(computed);
    parameters.forEach(parameter -> missing.remove(parameter.name()));
    Set<Integer> kept = new HashSet<>();
    nodes.forEach(node -> kept.add(node.id()));
    List<String> outputs = computed.stream().filter(value -> isSeenOutside(value, kept)).toList();
    List<String> inner = computed.stream().filter(value -> !outputs.contains(value)).toList();
    return new Graph(
        scope.name(),
        nodes,
        parameters,
        missing.stream().map(value -> info(infos, value)).toList(),
        outputs.stream().map(value -> info(infos, value)).toList(),
        inner.stream().filter(infos::containsKey).map(value -> info(infos, value)).toList(),
        List.of(),
        List.of());
  }

  private boolean isSeenOutside(String value, Set<Integer> kept) {
    List<Node> all = readers.getOrDefault(value, List.of());
    return all.isEmpty()
        || all.stream().anyMatch(reader -> !kept.contains(reader.id()))
        || scope.outputs().stream().anyMatch(output -> output.name().equals(value));
  }

  private static ValueInfo info(Map<String, ValueInfo> infos, String value) {
    return infos.getOrDefault(value, ValueInfo.untyped(value));
  }

  /** The values that a node reads, in its bodies too. */
  private static Set<String> read(Node node) {
    Set<String> values = new LinkedHashSet<>(node.inputs());
    values.addAll(Captures.of(node));
    values.remove("");
    return values;
  }
}
