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
package dev.fusewright.core.verify.inputs;

import dev.fusewright.core.graph.Node;
import java.util.Set;

/** Operators that hand the elements of their first input on unchanged, in its type. */
final class Carriers {
  private static final Set<String> OPERATORS =
      Set.of(
          "Identity",
          "Reshape",
          "Unsqueeze",
          "Squeeze",
          "Flatten",
          "Transpose",
          "Slice",
          "Expand",
          "Tile");

  private Carriers() {}

  static boolean isOne(Node node) {
    return OPERATORS.contains(node.op().type());
  }
}
