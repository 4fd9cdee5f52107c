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

import dev.fusewright.core.analysis.ShapeReads;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.Use;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rewires the readers that take only the extents of an inner value of a site. Where the value is
 * computed no more, they read another one that provably has its shape: what the site computes, or
 * what enters it. They become part of the site, so that the proof looks at what they compute.
 */
final class ShapeRewiring {
  private final MutableScope draft;
  private final Rewrite rewrite;

  /** Ids of the nodes of the scope that change or go. */
  private final Set<Integer> changed = new LinkedHashSet<>();

  /** The nodes that the rewrite puts there, by id. */
  private final Map<Integer, Node> after = new LinkedHashMap<>();

  /** The values that those compute. */
  private final Set<String> computed = new HashSet<>();

  private ShapeRewiring(MutableScope draft, Rewrite rewrite) {
    this.draft = draft;
    this.rewrite = rewrite;
    rewrite.removed().forEach(node -> changed.add(node.id()));
    rewrite.replaced().forEach(node -> changed.add(node.id()));
    rewrite.replaced().forEach(node -> after.put(node.id(), node));
    rewrite.inserted().forEach(added -> after.put(added.node().id(), added.node()));
    after.values().forEach(node -> computed.addAll(node.outputs()));
  }

  /** The rewrite with these readers in it, or why one of them cannot be rewired. */
  static Decision<Rewrite> of(MutableScope draft, Rewrite rewrite) {
    return new ShapeRewiring(draft, rewrite).rewired();
  }

  private Decision<Rewrite> rewired() {
    Map<Integer, Node> readers = new LinkedHashMap<>();
    for (String value : affected()) {
      for (Use use : draft.uses(value)) {
        Node reader = use.node();
        if (!ShapeReads.isOne(use) || changed.contains(reader.id())) {
          continue;
        }
        String target = computed.contains(value) ? value : target(value, reader);
        if (target == null) {
          return Decision.refuse(
              Reason.OTHER_USES,
              "'%s' is read by '%s' for its shape, and nothing that stays provably has that shape",
              value,
              reader.label());
        }
        readers.put(reader.id(), reader.withInput(0, target));
      }
    }
    return Decision.sound(readers.isEmpty() ? rewrite : rewrite.alsoChanging(readers.values()));
  }

  /** Values that are computed no more, or whose elements may be others than before. */
  private Set<String> affected() {
    Set<String> values = new LinkedHashSet<>();
    for (int id : changed) {
      Node before = draft.node(id);
      if (before != null) {
        before.outputs().stream()
            .filter(value -> !value.equals(rewrite.output()) && draft.useCount(value) > 0)
            .filter(value -> !computed.contains(value) || isInner(value))
            .forEach(values::add);
      }
    }
    return values;
  }

  /** Whether nobody but the site takes the elements of a value. */
  private boolean isInner(String value) {
    List<Use> readers = ShapeReads.elementReaders(draft, value);
    return !draft.isOutput(value)
        && !readers.isEmpty()
        && readers.stream().allMatch(use -> changed.contains(use.node().id()));
  }

  /** Another value from which a reader learns the shape of {@code value}; null if there is none. */
  private @Nullable String target(String value, Node reader) {
    // Values that keep their names keep their shapes; the nearest to the old one come first.
    Set<String> candidates = new LinkedHashSet<>();
    Node producer = draft.producer(value);
    Node heir = producer == null ? null : after.get(producer.id());
    if (heir != null) {
      candidates.addAll(heir.outputs());
    }
    after.values().forEach(node -> candidates.addAll(node.outputs()));
    candidates.add(rewrite.output());
    candidates.removeIf(Rewrite::isNewValue);
    for (Node node : after.values()) {
      node.inputs().stream()
          .filter(input -> !computed.contains(input) && !Rewrite.isNewValue(input))
          .filter(draft::isVisible)
          .forEach(candidates::add);
    }
    candidates.remove("");
    return candidates.stream()
        .filter(candidate -> ShapeReads.sameShape(draft, value, candidate))
        .filter(candidate -> !leadsTo(reader, candidate))
        .findFirst()
        .orElse(null);
  }

  /** Whether a value will be computed from what a node computes. */
  private boolean leadsTo(Node reader, String value) {
    Deque<String> open = new ArrayDeque<>(reader.outputs());
    Set<String> seen = new HashSet<>(open);
    while (!open.isEmpty()) {
      String next = open.remove();
      if (next.equals(value)) {
        return true;
      }
      for (Use use : draft.uses(next)) {
        int id = use.node().id();
        Node node = changed.contains(id) ? after.get(id) : use.node();
        if (node != null) {
          node.outputs().stream().filter(seen::add).forEach(open::add);
        }
      }
    }
    return false;
  }
}
