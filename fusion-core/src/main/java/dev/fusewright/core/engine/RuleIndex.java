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

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.rule.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Rules by the operators at which they can be rooted, in their order. */
final class RuleIndex {
  private final Map<OpKind, List<Rule<?>>> byRoot = new HashMap<>();

  RuleIndex(List<Rule<?>> rules) {
    for (Rule<?> rule : rules) {
      for (OpKind root : rule.pattern().roots()) {
        byRoot.computeIfAbsent(root, kind -> new ArrayList<>()).add(rule);
      }
    }
  }

  List<Rule<?>> at(Node node) {
    return byRoot.getOrDefault(node.op(), List.of());
  }
}
