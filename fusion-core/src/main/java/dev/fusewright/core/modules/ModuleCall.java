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

import dev.fusewright.core.graph.Node;
import java.util.List;

/**
 * One call of a module: the nodes that compute it.
 *
 * @param type what PyTorch calls the module's class, as far as the nodes tell
 * @param nodes in data order: the first takes the module's input as its input 0, the last gives its
 *     output
 */
public record ModuleCall(String type, List<Node> nodes) {
  /** Copies the list. */
  public ModuleCall {
    nodes = List.copyOf(nodes);
  }

  /** The node that takes the module's input. */
  public Node first() {
    return nodes.get(0);
  }

  /** The node that gives the module's output. */
  public Node last() {
    return nodes.get(nodes.size() - 1);
  }
}
