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
package dev.fusewright.core.pattern;

import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.Use;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds where a pattern would be rooted that has a given node in it. */
final class NearestMatch {
  private final GraphView graph;
  private final Node node;
  private @Nullable MatchResult best;

  NearestMatch(GraphView graph, Node node) {
    this.graph = graph;
    this.node = node;
  }

  MatchResult of(Pattern pattern) {
    if (pattern.roots().contains(node.op())) {
      consider(pattern.match(graph, node));
    }
    descend(pattern, pattern, List.of());
    return best == null
        ? new MatchResult.None(
            new Miss(pattern.roots(), new Miss.Observed.Outside(node, pattern), 0))
        : best;
  }

  /** Tries the node in every place below {@code at}, which the links {@code way} lead to. */
  private void descend(Pattern root, Pattern at, List<Pattern.Link> way) {
    for (Pattern.Link link : at.links()) {
      List<Pattern.Link> further = new ArrayList<>(way);
      further.add(link);
      if (link.producer().roots().contains(node.op()) || link.through().contains(node.op())) {
        climb(root, node, further, 1);
      }
      descend(root, link.producer(), further);
    }
  }

  /** Goes from a node up the last link of {@code way} to those that read it, and on to roots. */
  private void climb(Pattern root, Node from, List<Pattern.Link> way, int matched) {
    if (way.isEmpty()) {
      consider(root.match(graph, from));
      return;
    }
    int last = way.size() - 1;
    Pattern.Link link = way.get(last);
    Set<OpKind> expected = last == 0 ? root.roots() : way.get(last - 1).producer().roots();
    List<Use> readers = readersThrough(from, link.through());
    List<Node> next =
        readers.stream()
            .filter(use -> expected.contains(use.node().op()))
            .filter(use -> link.inputs().contains(use.index()))
            .map(Use::node)
            .distinct()
            .toList();
    if (next.isEmpty()) {
      consider(
          new MatchResult.None(
              new Miss(
                  expected,
                  new Miss.Observed.Readers(from, readers.stream().map(Use::node).toList()),
                  matched)));
    }
    next.forEach(reader -> climb(root, reader, way.subList(0, last), matched + 1));
  }

  /** Who reads the output of a node, also behind nodes that the value merely passes. */
  private List<Use> readersThrough(Node from, Set<OpKind> through) {
    List<Use> readers = new ArrayList<>();
    Set<Integer> passed = new LinkedHashSet<>(List.of(from.id()));
    List<Node> open = new ArrayList<>(List.of(from));
    while (!open.isEmpty()) {
      for (Use use : graph.uses(open.remove(0).output())) {
        if (use.index() != 0 || !through.contains(use.node().op())) {
          readers.add(use);
        } else if (passed.add(use.node().id())) {
          open.add(use.node());
        }
      }
    }
    return readers;
  }

  private void consider(MatchResult result) {
    if (best == null
        || (result instanceof MatchResult.Found && !(best instanceof MatchResult.Found))) {
      best = result;
    } else if (!(best instanceof MatchResult.Found)) {
      best = Pattern.nearer(best, result);
    }
  }
}
