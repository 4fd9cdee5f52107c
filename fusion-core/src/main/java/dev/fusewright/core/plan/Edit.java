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
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;

/**
 * One step from a graph to the next. What becomes unused by it is removed when the plan is applied.
 */
public sealed interface Edit {
  /** Puts {@code after} in the place of the node with the same id. */
  record ReplaceNode(Node after) implements Edit {}

  /** Puts a new node before the node with the id {@code before}. */
  record InsertNode(Node node, int before) implements Edit {}

  /** Takes a node away. */
  record RemoveNode(int id) implements Edit {}

  /** Adds an initializer, or replaces the one of that name. */
  record PutInitializer(Initializer initializer) implements Edit {}

  /** Adds an input of the graph (IR 3 lists initializers among them). */
  record AddInput(ValueInfo input) implements Edit {}

  /**
   * Adds a model-local function, unless the model has it, imports its domain at the given version
   * where the model has not done so, and raises the IR version to the first one with functions.
   */
  record AddFunction(Function function, long version) implements Edit {}
}
