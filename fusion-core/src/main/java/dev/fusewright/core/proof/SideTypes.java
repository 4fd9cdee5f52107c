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
import java.util.List;

/** Element types of a side's values and parameters. */
final class SideTypes {
  private SideTypes() {}

  /** The type of the data: that of an input, or of a parameter that a layer or norm reads. */
  static ElementType of(Side side) {
    for (ValueInfo input : side.graph().inputs()) {
      if (input.type().isFoldable()) {
        return input.type();
      }
    }
    return stored(side, ElementType.FLOAT);
  }

  /** The type in which the first parameter of a layer or norm is stored. */
  static ElementType stored(Side side, ElementType absent) {
    for (Node node : side.nodes()) {
      for (String input : node.inputs().stream().skip(1).toList()) {
        for (Initializer constant : side.graph().initializers()) {
          if (constant.name().equals(input) && constant.tensor().type().isFoldable()) {
            return constant.tensor().type();
          }
        }
      }
    }
    return absent;
  }

  /** The distance from 1 to the next value. */
  static double epsilon(ElementType type) {
    return switch (kind(type)) {
      case 0 -> 0x1p-10;
      case 1 -> 0x1p-7;
      case 2 -> 0x1p-23;
      default -> 0x1p-52;
    };
  }

  /** The smallest positive value that is held in full precision. */
  static double smallestNormal(ElementType type) {
    return switch (kind(type)) {
      case 0 -> 0x1p-14;
      case 1, 2 -> 0x1p-126;
      default -> 0x1p-1022;
    };
  }

  private static int kind(ElementType type) {
    return List.of(ElementType.FLOAT16, ElementType.BFLOAT16, ElementType.FLOAT).indexOf(type);
  }
}
