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

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.rule.Rewrite;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is attached to the modules of a sequence, as PyTorch's hooks are: what belongs to the first
 * one's input side stays with its node, which becomes the fused one; what belongs to the last one
 * moves there; what belongs to one in the middle is lost, and is noted.
 */
final class Documentation {
  /** What exporters write of every node, and what says nothing once it is fused. */
  private static final String EXPORTERS_OWN = "pkg.torch.";

  private final Set<String> annotations;

  Documentation(Graph graph) {
    this.annotations = Set.copyOf(graph.annotations());
  }

  /** The rewrite of a site with what its nodes carry moved, or noted where it is lost. */
  Rewrite moved(ListedGroup.SequenceRewrite site) {
    Rewrite rewrite = site.rewrite();
    Node last = site.sequence().last();
    List<String> notes = new ArrayList<>();
    for (Node removed : rewrite.removed()) {
      if (removed.id() == last.id()) {
        rewrite = rewrite.changingReplaced(node -> with(node, removed));
      } else {
        noteLost(removed, notes);
      }
      removed.inputs().stream()
          .limit(1)
          .filter(annotations::contains)
          .forEach(
              value ->
                  notes.add("the quantization annotation of '%s' went with it".formatted(value)));
    }
    return notes.isEmpty() ? rewrite : rewrite.noting(notes);
  }

  /** Gives the node that now has the output of {@code last} what {@code last} carried. */
  private static Node with(Node node, Node last) {
    if (!node.output().equals(last.output())) {
      return node;
    }
    Map<String, String> metadata = new LinkedHashMap<>(last.metadata());
    metadata.putAll(node.metadata());
    String doc =
        node.docString().isEmpty() || last.docString().isEmpty()
            ? node.docString() + last.docString()
            : node.docString() + "\n" + last.docString();
    return node.withDocumentation(doc, metadata);
  }

  private static void noteLost(Node removed, List<String> notes) {
    List<String> lost = new ArrayList<>();
    removed
        .metadata()
        .forEach(
            (key, value) -> {
              if (!key.startsWith(EXPORTERS_OWN)) {
                lost.add(key + " = " + value);
              }
            });
    if (!removed.docString().isEmpty()) {
      lost.add(removed.docString());
    }
    if (!lost.isEmpty()) {
      notes.add("with '%s' went: %s".formatted(removed.label(), String.join("; ", lost)));
    }
  }
}
