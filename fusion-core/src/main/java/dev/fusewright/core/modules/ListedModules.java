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
import dev.fusewright.core.engine.StepwisePlanning;
import dev.fusewright.core.graph.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The modules of a model while a list is carried out: what they are after the groups so far. */
final class ListedModules {
  static final String IDENTITY = "Identity";
  private static final String NORM = "BatchNorm";

  private final StepwisePlanning planning;
  private final GraphModules modules;
  private final Map<String, String> types = new HashMap<>();
  private final Map<String, Integer> fusedIn = new HashMap<>();
  private final Set<Integer> claimed = new HashSet<>();

  ListedModules(StepwisePlanning planning, GraphModules modules) {
    this.planning = planning;
    this.modules = modules;
  }

  GraphView graph() {
    return planning.graph();
  }

  List<String> names() {
    return modules.names();
  }

  boolean hasScopes() {
    return modules.hasScopes();
  }

  boolean has(String name) {
    return !modules.calls(name).isEmpty();
  }

  /** What the module is now; {@code Identity} once it has gone into a group as a follower. */
  String type(String name) {
    List<ModuleCall> calls = modules.calls(name);
    return types.getOrDefault(name, calls.isEmpty() ? "" : calls.get(0).type());
  }

  /** The group that the module has become part of; 0 if none. */
  int fusedIn(String name) {
    return fusedIn.getOrDefault(name, 0);
  }

  /**
   * The calls of a module that no group has taken as a follower, with their nodes as they are now.
   */
  List<ModuleCall> calls(String name) {
    List<ModuleCall> now = new ArrayList<>();
    for (ModuleCall call : modules.calls(name)) {
      List<Node> nodes = new ArrayList<>();
      for (Node node : call.nodes()) {
        Node current = planning.node(node.id());
        if (current != null) {
          nodes.add(current);
        }
      }
      if (!nodes.isEmpty() && !claimed.contains(nodes.get(0).id())) {
        now.add(new ModuleCall(type(name), nodes));
      }
    }
    return now;
  }

  /** Marks the modules of a site that has been carried out. */
  void claim(ListedGroup group, ListedGroup.SequenceRewrite site) {
    List<String> names = site.sequence().names();
    types.put(names.get(0), site.rewrite().module());
    fusedIn.put(names.get(0), group.number());
    for (int i = 1; i < names.size(); i++) {
      String name = names.get(i);
      site.sequence().calls().get(i).nodes().forEach(node -> claimed.add(node.id()));
      fusedIn.put(name, group.number());
      // One BatchNorm after two layers can be folded into both; of anything else a list means one.
      if (!type(name).startsWith(NORM) || calls(name).isEmpty()) {
        types.put(name, IDENTITY);
      }
    }
  }

  /** The names beside a missing one, and which of its segments is missing. */
  String missing(String name) {
    String[] segments = name.split("\\.", -1);
    String known = "";
    for (String segment : segments) {
      String next = known.isEmpty() ? segment : known + "." + segment;
      String prefix = next + ".";
      if (!has(next) && names().stream().noneMatch(other -> other.startsWith(prefix))) {
        return "the model has no module '%s': %s has no '%s', but %s"
            .formatted(
                name,
                known.isEmpty() ? "it" : "'" + known + "'",
                segment,
                String.join(", ", children(known)));
      }
      known = next;
    }
    return "'%s' is a container and no module that can be fused; it has %s"
        .formatted(name, String.join(", ", children(name)));
  }

  private Set<String> children(String parent) {
    String prefix = parent.isEmpty() ? "" : parent + ".";
    Set<String> children = new TreeSet<>();
    for (String name : names()) {
      if (name.startsWith(prefix)) {
        children.add(name.substring(prefix.length()).split("\\.", -1)[0]);
      }
    }
    return children.isEmpty() ? Set.of("no named modules at all") : children;
  }
}
