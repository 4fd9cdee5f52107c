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

import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import java.util.HashSet;
import java.util.Set;

/** Gives out node ids and value names that occur nowhere in the model, in any scope. */
public final class Names {
  private final Set<String> taken = new HashSet<>();
  private int nextId;

  /** The names that a model has left. */
  public Names(ModelGraph model) {
    take(model.graph());
    for (Function function : model.functions()) {
      take(function.body());
    }
  }

  private void take(Graph graph) {
    graph.inputs().forEach(input -> taken.add(input.name()));
    graph.outputs().forEach(output -> taken.add(output.name()));
    graph.initializers().forEach(initializer -> taken.add(initializer.name()));
    taken.addAll(graph.sparseInitializers());
    for (Node node : graph.nodes()) {
      nextId = Math.max(nextId, node.id() + 1);
      taken.addAll(node.inputs());
      taken.addAll(node.outputs());
      node.bodies().forEach(this::take);
    }
  }

  /** A new id. */
  public int id() {
    return nextId++;
  }

  /**
   * {@code hint} if nothing is called that; otherwise with the smallest number behind it that makes
   * it new.
   */
  public String value(String hint) {
    String name = hint;
    for (int i = 1; !taken.add(name); i++) {
      name = hint + "_" + i;
    }
    return name;
  }
}
