package dev.fusewright.core.engine;

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.rules.Rule;
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
