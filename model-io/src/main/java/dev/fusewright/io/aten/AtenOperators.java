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
package dev.fusewright.io.aten;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every operator that has a translation, by family; a family is a file. */
final class AtenOperators {
  private static final Map<String, AtenOperator> ALL = all();

  private AtenOperators() {}

  private static Map<String, AtenOperator> all() {
    Map<String, AtenOperator> all = new HashMap<>();
    all.putAll(AtenLayers.OPERATORS);
    all.putAll(AtenPointwise.OPERATORS);
    all.putAll(AtenShapes.OPERATORS);
    all.putAll(AtenWindows.OPERATORS);
    return Map.copyOf(all);
  }

  /**
   * How a node is said; null if nobody knows. One that writes in place is said as if it did not.
   */
  static @Nullable AtenOperator find(AtenNode node) {
    return node.isAten() && !node.hasOut() ? ALL.get(node.functional()) : null;
  }

  /** Whether the result of an operator surely has memory of its own. */
  static boolean isFresh(String operator) {
    AtenOperator known = ALL.get(operator);
    return known != null && known.memory() == AtenOperator.Memory.FRESH;
  }
}
