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
package dev.fusewright.core.modules;

import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.graph.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The modules of an exported graph, by the names that they have in PyTorch, each with its calls.
 *
 * <p>A counter in a scope, {@code relu_1}, may be the second call of {@code relu} or the first of a
 * module that is called so. Parameters decide it, for a module or for one around it ({@code
 * block_1/conv} with the parameters of {@code block.conv}). Where there are none, the call is found
 * under both names: {@code relu} has it as its second call where there is a {@code relu}, and
 * {@code relu_1} as its only one.
 */
public final class GraphModules {
  private final GraphView graph;
  private final Map<List<String>, List<String>> aliases = new HashMap<>();
  private final Map<String, List<ModuleCall>> calls = new LinkedHashMap<>();
  private final Set<String> leaves = new LinkedHashSet<>();
  private final boolean hasScopes;

  private GraphModules(GraphView graph) {
    this.graph = graph;
    Map<NodeScope, List<Node>> scoped = new LinkedHashMap<>();
    Map<String, List<Node>> unscoped = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      Optional<NodeScope> scope = NodeScope.of(node);
      Optional<String> module = ParameterScope.of(graph, node);
      if (scope.isPresent()) {
        module.ifPresent(name -> learn(scope.get().path(), name));
        scoped.computeIfAbsent(scope.get(), same -> new ArrayList<>()).add(node);
      } else if (module.isPresent()) {
        unscoped.computeIfAbsent(module.get(), name -> new ArrayList<>()).add(node);
      }
    }
    this.hasScopes = !scoped.isEmpty();
    scoped.forEach(
        (scope, nodes) -> {
          if (!scope.path().isEmpty()) {
            enter(scope.path(), ModuleTypes.call(graph, nodes, scope.className()));
          }
        });
    unscoped.forEach(
        (module, nodes) ->
            calls
                .computeIfAbsent(module, name -> new ArrayList<>())
                .addAll(ModuleTypes.calls(graph, nodes)));
    leaves.addAll(calls.keySet());
    for (String name : calls.keySet()) {
      for (int dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
        leaves.remove(name.substring(0, dot));
      }
    }
  }

  /** The modules of a graph. */
  public static GraphModules of(GraphView graph) {
    return new GraphModules(graph);
  }

  /** Learns from parameters which scopes are further calls of a module. */
  private void learn(List<String> path, String module) {
    List<String> named = List.of(module.split("\\.", -1));
    if (named.size() != path.size()) {
      return;
    }
    for (int i = 0; i < named.size(); i++) {
      if (!isCall(path.get(i), named.get(i))) {
        return;
      }
    }
    for (int i = 1; i <= named.size(); i++) {
      aliases.putIfAbsent(path.subList(0, i), named.subList(0, i));
    }
  }

  /** Whether {@code segment} is {@code name}, or {@code name} with a counter. */
  private static boolean isCall(String segment, String name) {
    return segment.equals(name)
        || (segment.startsWith(name + "_")
            && segment.substring(name.length() + 1).matches("[0-9]+"));
  }

  private void enter(List<String> path, ModuleCall call) {
    List<String> canonical = canonical(path);
    String name = String.join(".", canonical);
    calls.computeIfAbsent(name, n -> new ArrayList<>()).add(call);
    String last = canonical.get(canonical.size() - 1);
    int counter = last.lastIndexOf('_');
    if (counter > 0 && !aliases.containsKey(path) && isCall(last, last.substring(0, counter))) {
      String base = name.substring(0, name.length() - last.length()) + last.substring(0, counter);
      List<ModuleCall> earlier = calls.get(base);
      if (earlier != null && earlier.get(0).type().equals(call.type())) {
        earlier.add(call);
      }
    }
  }

  /** The path with what is known of it, or of the scopes around it, put in. */
  private List<String> canonical(List<String> path) {
    for (int known = path.size(); known > 0; known--) {
      List<String> alias = aliases.get(path.subList(0, known));
      if (alias != null) {
        List<String> canonical = new ArrayList<>(alias);
        canonical.addAll(path.subList(known, path.size()));
        return canonical;
      }
    }
    return path;
  }

  /** The names of the modules without children that the graph calls, in graph order. */
  public List<String> names() {
    return List.copyOf(leaves);
  }

  /** The calls of a module in graph order; none if the graph does not call it. */
  public List<ModuleCall> calls(String name) {
    return List.copyOf(calls.getOrDefault(name, List.of()));
  }

  /**
   * Whether nodes say which module they come from. Where they do not, only modules with parameters
   * have names.
   */
  public boolean hasScopes() {
    return hasScopes;
  }

  /** The graph. */
  GraphView graph() {
    return graph;
  }
}
