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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The nodes that a pattern found. */
public final class Match {
  private final GraphView graph;
  private final Map<Capture, Node> nodes;
  private final Map<Capture, Integer> enters;
  private final Map<Capture, List<Node>> paths;
  private final Deque<Capture> order;

  private Match(
      GraphView graph,
      Deque<Capture> order,
      Map<Capture, Node> nodes,
      Map<Capture, Integer> enters,
      Map<Capture, List<Node>> paths) {
    this.graph = graph;
    this.order = order;
    this.nodes = nodes;
    this.enters = enters;
    this.paths = paths;
  }

  static Match empty(GraphView graph) {
    return new Match(graph, new ArrayDeque<>(), new HashMap<>(), new HashMap<>(), new HashMap<>());
  }

  Match copy() {
    return new Match(
        graph,
        new ArrayDeque<>(order),
        new HashMap<>(nodes),
        new HashMap<>(enters),
        new HashMap<>(paths));
  }

  void capture(Capture capture, Node node) {
    nodes.put(capture, node);
    order.addFirst(capture);
  }

  void link(Capture producer, int input, List<Node> through) {
    enters.put(producer, input);
    paths.put(producer, List.copyOf(through));
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

  /** The input of its consumer at which the captured node's value arrives. */
  public int entersAt(Capture producer) {
    Integer input = enters.get(producer);
    if (input == null) {
      throw new IllegalArgumentException("'" + producer + "' feeds nothing in the pattern");
    }
    return input;
  }

  /**
   * The nodes that the captured node's value passes on its way to its consumer, in data order;
   * usually none.
   */
  public List<Node> path(Capture producer) {
    return paths.getOrDefault(producer, List.of());
  }

  /** All nodes of the site, in data order. */
  public List<Node> nodes() {
    List<Node> all = new ArrayList<>();
    order.forEach(
        capture -> {
          all.add(node(capture));
          all.addAll(path(capture));
        });
    return all;
  }
}
