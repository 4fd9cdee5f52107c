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
package dev.fusewright.core.proof;

import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;

/** Element types of a side's values and parameters. */
final class SubgraphTypes {
  private SubgraphTypes() {}

  /** The type of the data: that of an input, or of a parameter that a layer or norm reads. */
  static ElementType of(Subgraph side) {
    for (ValueInfo input : side.graph().inputs()) {
      if (input.type().isFoldable()) {
        return input.type();
      }
    }
    return stored(side, ElementType.FLOAT);
  }

  /**
   * The type in which the first parameter of a layer or norm is stored, or any constant that it is
   * made of.
   */
  static ElementType stored(Subgraph side, ElementType absent) {
    for (Node node : side.nodes()) {
      for (String input : node.inputs().stream().skip(1).toList()) {
        for (Initializer constant : side.graph().initializers()) {
          if (constant.name().equals(input) && constant.tensor().type().isFoldable()) {
            return constant.tensor().type();
          }
        }
      }
    }
    return side.graph().initializers().stream()
        .map(constant -> constant.tensor())
        .filter(constant -> constant.type().isFoldable())
        .findFirst()
        .or(() -> inNodes(side))
        .map(constant -> constant.type())
        .orElse(absent);
  }

  private static Optional<Tensor> inNodes(Subgraph side) {
    return side.nodes().stream()
        .map(OperandDigests::valueOf)
        .filter(Objects::nonNull)
        .filter(constant -> constant.type().isFoldable())
        .findFirst();
  }
}
