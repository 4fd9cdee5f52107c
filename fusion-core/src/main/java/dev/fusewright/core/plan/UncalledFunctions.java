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

import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Removes functions that were called before an edit and no longer are. What nobody called in the
 * first place is not ours to judge.
 */
final class UncalledFunctions {
  private UncalledFunctions() {}

  static ModelGraph remove(ModelGraph before, ModelGraph after) {
    Set<OpKind> called = called(before);
    ModelGraph result = after;
    while (true) {
      Set<OpKind> still = called(result);
      List<Function> kept =
          result.functions().stream()
              .filter(
                  function -> still.contains(function.op()) || !called.contains(function.op()))
              .toList();
      if (kept.size() == result.functions().size()) {
        return result;
      }
      result = new ModelGraph(result.irVersion(), result.opsets(), result.graph(), kept);
    }
  }

  private static Set<OpKind> called(ModelGraph model) {
    Set<OpKind> operators = new HashSet<>();
    collect(model.graph(), operators);
    model.functions().forEach(function -> collect(function.body(), operators));
    return operators;
  }

  private static void collect(Graph graph, Set<OpKind> operators) {
    for (Node node : graph.nodes()) {
      operators.add(node.op());
      node.bodies().forEach(body -> collect(body, operators));
    }
  }
}
