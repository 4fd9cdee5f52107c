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
package dev.fusewright.core.verify.structure;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A model whose values have the names that another model gives them. */
final class RenamedModel {
  private static final String OWN = "second/";

  private final Map<String, String> names = new HashMap<>();

  private RenamedModel() {}

  /**
   * A model with other names of the values of its main graph.
   *
   * @param counterparts by the model's own names; values without one, or with one that another
   *     value has already, get names that the other model has not
   * @param taken names of the other model
   */
  static ModelGraph of(ModelGraph model, Map<String, String> counterparts, Set<String> taken) {
    RenamedModel renamed = new RenamedModel();
    Graph graph = model.graph();
    Set<String> used = new HashSet<>();
    graph.inputs().forEach(input -> renamed.keep(input.name(), used));
    graph.outputs().forEach(output -> renamed.keep(output.name(), used));
    for (String value : graph.definedNames()) {
      if (!value.isEmpty() && !renamed.names.containsKey(value)) {
        String counterpart = counterparts.get(value);
        String name =
            counterpart != null && used.add(counterpart) ? counterpart : fresh(value, used, taken);
        renamed.names.put(value, name);
      }
    }
    return model.withGraph(renamed.graph(graph, renamed.names));
  }

  /**
   * A model whose inputs and outputs are called otherwise. What else has one of their new names
   * gets another.
   *
   * @param names by the model's own; no body of the model defines a value of such a name
   */
  static ModelGraph withInterface(ModelGraph model, Map<String, String> names) {
    RenamedModel renamed = new RenamedModel();
    renamed.names.putAll(names);
    Graph graph = model.graph();
    Set<String> used = new HashSet<>(names.values());
    Set<String> taken = graph.definedNames();
    for (String value : taken) {
      if (used.contains(value) && !names.containsKey(value)) {
        renamed.names.put(value, fresh(value, used, taken));
      }
    }
    return model.withGraph(renamed.graph(graph, renamed.names));
  }

  /** Whether a body within a graph defines a value of one of these names. */
  static boolean definesInBody(Graph graph, Set<String> names) {
    return graph.nodes().stream()
        .flatMap(node -> node.bodies().stream())
        .anyMatch(
            body ->
                body.definedNames().stream().anyMatch(names::contains)
                    || definesInBody(body, names));
  }

  private void keep(String name, Set<String> used) {
    names.put(name, name);
    used.add(name);
  }

  private static String fresh(String value, Set<String> used, Set<String> taken) {
    String name = OWN + value;
    while (taken.contains(name) || !used.add(name)) {
      name = OWN + name;
    }
    return name;
  }

  private Graph graph(Graph graph, Map<String, String> renamed) {
    return new Graph(
        graph.name(),
        graph.nodes().stream().map(node -> node(node, renamed)).toList(),
        graph.initializers().stream()
            .map(it -> new Initializer(name(it.name(), renamed), it.tensor()))
            .toList(),
        infos(graph.inputs(), renamed),
        infos(graph.outputs(), renamed),
        infos(graph.valueInfos(), renamed),
        graph.annotations().stream().map(name -> name(name, renamed)).toList(),
        graph.sparseInitializers().stream().map(name -> name(name, renamed)).toList());
  }

  private static String name(String name, Map<String, String> renamed) {
    return renamed.getOrDefault(name, name);
  }

  private static List<ValueInfo> infos(List<ValueInfo> infos, Map<String, String> renamed) {
    return infos.stream()
        .map(it -> new ValueInfo(name(it.name(), renamed), it.type(), it.dims()))
        .toList();
  }

  private Node node(Node node, Map<String, String> renamed) {
    Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
    attributes.replaceAll(
        (key, value) -> {
          if (value instanceof Attribute.Body body) {
            return new Attribute.Body(body(body.value(), renamed));
          }
          return value instanceof Attribute.Bodies bodies
              ? new Attribute.Bodies(bodies.values().stream().map(it -> body(it, renamed)).toList())
              : value;
        });
    return new Node(
        node.id(),
        node.name(),
        node.op(),
        node.inputs().stream().map(name -> name(name, renamed)).toList(),
        node.outputs().stream().map(name -> name(name, renamed)).toList(),
        attributes);
  }

  /** What a body defines itself keeps its name. */
  private Graph body(Graph body, Map<String, String> outer) {
    Map<String, String> visible = new HashMap<>(outer);
    body.definedNames().forEach(visible::remove);
    return graph(body, visible);
  }
}
