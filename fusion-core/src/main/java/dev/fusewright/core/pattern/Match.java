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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The nodes that a pattern found. */
public final class Match {
  private final GraphView graph;
  private final Node root;
  private final Map<Capture, Node> nodes;
  private final List<Step> steps;

  /**
   * One link of the pattern, as it was found.
   *
   * @param input of the consumer at which the value arrives
   * @param through the nodes that it passes on the way, in data order
   * @param values the values on the way, from the consumer up
   */
  record Step(
      Node consumer,
      int input,
      Node producer,
      @Nullable Capture capture,
      List<Node> through,
      List<String> values,
      Pattern.Sharing sharing) {}

  private Match(GraphView graph, Node root, Map<Capture, Node> nodes, List<Step> steps) {
    this.graph = graph;
    this.root = root;
    this.nodes = nodes;
    this.steps = steps;
  }

  /** The root of a pattern alone: nothing is captured yet. */
  public static Match at(GraphView graph, Node root) {
    return new Match(graph, root, new HashMap<>(), new ArrayList<>());
  }

  Match copy() {
    return new Match(graph, root, new HashMap<>(nodes), new ArrayList<>(steps));
  }

  void capture(@Nullable Capture capture, Node node) {
    if (capture != null) {
      nodes.put(capture, node);
    }
  }

  @Nullable Node captured(@Nullable Capture capture) {
    return capture == null ? null : nodes.get(capture);
  }

  void link(Step step) {
    steps.add(step);
  }

  List<Step> steps() {
    return steps;
  }

  /** How many readers of {@code value} are the match's own. */
  int readers(String value) {
    Set<String> readers = new HashSet<>();
    for (Step step : steps) {
      for (int i = 0; i < step.values().size(); i++) {
        if (step.values().get(i).equals(value)) {
          // The last node on the way reads the first value, and so on up.
          readers.add(
              i == 0
                  ? step.consumer().id() + "/" + step.input()
                  : step.through().get(step.through().size() - i).id() + "/0");
        }
      }
    }
    return readers.size();
  }

  /** The scope in which the nodes were found. */
  public GraphView graph() {
    return graph;
  }

  /** The node that was captured. */
  public Node node(Capture capture) {
    Node node = nodes.get(capture);
    if (node == null) {
      throw new IllegalArgumentException("the pattern does not capture '" + capture + "'");
    }
    return node;
  }

  /** The input of its consumer, the first in the pattern, at which the node's value arrives. */
  public int entersAt(Capture producer) {
    return steps.stream()
        .filter(step -> producer.equals(step.capture()))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("'" + producer + "' feeds nothing in the pattern"))
        .input();
  }

  /**
   * The nodes that the captured node's value passes on its way to its consumer, in data order;
   * usually none.
   */
  public List<Node> path(Capture producer) {
    return steps.stream()
        .filter(step -> producer.equals(step.capture()))
        .findFirst()
        .map(Step::through)
        .orElse(List.of());
  }

  /** All nodes of the site that were captured or lie between such, in data order. */
  public List<Node> nodes() {
    List<Node> all = new ArrayList<>();
    collect(root, all, new HashSet<>());
    return all;
  }

  private void collect(Node node, List<Node> all, Set<Integer> seen) {
    if (!seen.add(node.id())) {
      return;
    }
    for (Step step : steps) {
      if (step.consumer().id() == node.id()) {
        collect(step.producer(), all, seen);
        if (step.capture() != null) {
          step.through().stream().filter(way -> seen.add(way.id())).forEach(all::add);
        }
      }
    }
    if (nodes.containsValue(node)) {
      all.add(node);
    }
  }
}
