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
package dev.fusewright.core.rule.fold;

import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.Use;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.RuleInfo;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way past nodes that give back the value they get: their readers take that value instead, or,
 * where their result is an output of the graph, its name moves to the node before them.
 *
 * @param from the value that the nodes get
 * @param to the one that they give back
 * @param renamed the node whose output takes over the name; null where readers are rewired
 * @param readers that are rewired
 */
record Bypass(String from, String to, @Nullable Node renamed, List<Use> readers) {
  Bypass {
    readers = List.copyOf(readers);
  }

  /** What every rule that passes nodes by requires, beside what it says itself. */
  static RuleInfo conditions(RuleInfo info) {
    return info.requiring(
            "The result is no output of the graph, or its name can move to the node before, which"
                + " nobody else reads",
            "the name of an output would vanish")
        .requiring("No body reads it", "the body would have to be rewritten too");
  }

  /** Whether and how the readers of {@code to} can take {@code from}. */
  static Decision<Bypass> of(GraphView graph, String from, String to) {
    if (graph.isOutput(to)) {
      Node producer = graph.producer(from);
      return producer != null && graph.useCount(from) == 1 && !graph.isOutput(from)
          ? Decision.sound(new Bypass(from, to, producer, List.of()))
          : Decision.refuse(
              Reason.GRAPH_OUTPUT,
              "'%s' is an output of the graph, and '%s' cannot take its name",
              to,
              from);
    }
    List<Use> readers = graph.uses(to);
    if (readers.isEmpty()) {
      return Decision.elsewhere("nobody reads '%s'", to);
    }
    return readers.stream().anyMatch(use -> use.index() == Use.CAPTURED)
        ? Decision.refuse(Reason.OTHER_USES, "'%s' is read inside a body", to)
        : Decision.sound(new Bypass(from, to, null, readers));
  }

  /** Takes the nodes away that are passed by. */
  Rewrite around(List<Node> nodes) {
    List<Node> site = new ArrayList<>();
    if (renamed != null) {
      site.add(renamed);
    }
    site.addAll(nodes);
    Rewrite.Builder rewrite = Rewrite.of(site);
    nodes.forEach(rewrite::remove);
    if (renamed != null) {
      return rewrite
          .replace(renamed.withOutputs(replaced(renamed.outputs(), from, to)))
          .into("Identity", to);
    }
    readers.stream()
        .map(Use::node)
        .distinct()
        .forEach(reader -> rewrite.replace(reader.withInputs(replaced(reader.inputs(), to, from))));
    return rewrite.into("Identity", from);
  }

  private static List<String> replaced(List<String> names, String old, String other) {
    return names.stream().map(name -> name.equals(old) ? other : name).toList();
  }
}
