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

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.Use;
import dev.fusewright.core.plan.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A chain of operators, written from its root (the node nearest the output) upwards:
 *
 * <pre>{@code
 * Pattern.node(RELU).as(RELU)
 *     .fedBy(0, Pattern.node(BATCH_NORMALIZATION).as(BN)
 *         .fedBy(0, Pattern.node(CONV).as(CONV)))
 * }</pre>
 *
 * <p>A value between two nodes of a pattern must have no other reader and be no output of the
 * graph, unless the link says that it may be {@linkplain #sharedBy shared}; where that alone fails,
 * the result is a near miss.
 */
public final class Pattern {
  private final Set<OpKind> kinds;
  private final @Nullable Capture capture;
  private final @Nullable Link link;

  /** How a node is fed by the next one up. */
  private record Link(
      List<Integer> inputs, Pattern producer, Set<OpKind> through, Sharing sharing) {}

  private enum Sharing {
    EXCLUSIVE,
    SHARED
  }

  private Pattern(Set<OpKind> kinds, @Nullable Capture capture, @Nullable Link link) {
    this.kinds = kinds;
    this.capture = capture;
    this.link = link;
  }

  /** A node of one of these kinds. */
  public static Pattern node(OpKind... kinds) {
    return new Pattern(Set.copyOf(Arrays.asList(kinds)), null, null);
  }

  /** Keeps the node under a name. */
  public Pattern as(Capture name) {
    return new Pattern(kinds, name, link);
  }

  /** The input {@code index} is the first output of {@code producer}. */
  public Pattern fedBy(int index, Pattern producer) {
    return new Pattern(
        kinds, capture, new Link(List.of(index), producer, Set.of(), Sharing.EXCLUSIVE));
  }

  /**
   * One of the first two inputs is the first output of {@code producer}: for commutative operators.
   */
  public Pattern fedByEither(Pattern producer) {
    return new Pattern(
        kinds, capture, new Link(List.of(0, 1), producer, Set.of(), Sharing.EXCLUSIVE));
  }

  /**
   * As {@link #fedBy}, and the value may pass nodes of the kinds {@code through} at their first
   * input.
   */
  public Pattern fedThrough(Set<OpKind> through, int index, Pattern producer) {
    return new Pattern(
        kinds, capture, new Link(List.of(index), producer, Set.copyOf(through), Sharing.EXCLUSIVE));
  }

  /**
   * As {@link #fedBy}, but others may read the value too: the rule copies the producer instead of
   * changing it.
   */
  public Pattern sharedBy(int index, Pattern producer) {
    return new Pattern(
        kinds, capture, new Link(List.of(index), producer, Set.of(), Sharing.SHARED));
  }

  /** The operators at which this pattern can be rooted. */
  public Set<OpKind> roots() {
    return kinds;
  }

  /** Looks for this pattern with its root at {@code root}. */
  public MatchResult match(GraphView graph, Node root) {
    MatchResult result = match(root, Match.empty(graph));
    if (result instanceof MatchResult.Found found) {
      for (Node node : found.match().nodes()) {
        if (Constants.hasReferences(node)) {
          return new MatchResult.NearMiss(
              found.match(),
              Reason.UNSUPPORTED_ATTRIBUTE,
              "'%s' takes an attribute from whoever calls the function".formatted(node.label()));
        }
      }
    }
    return result;
  }

  private MatchResult match(Node node, Match found) {
    if (!kinds.contains(node.op())) {
      return new MatchResult.None();
    }
    if (capture != null) {
      found.capture(capture, node);
    }
    if (link == null) {
      return new MatchResult.Found(found);
    }
    MatchResult best = new MatchResult.None();
    for (int input : link.inputs()) {
      MatchResult result = follow(link, node, input, found.copy());
      if (result instanceof MatchResult.Found) {
        return result;
      }
      if (best instanceof MatchResult.None) {
        best = result;
      }
    }
    return best;
  }

  private static MatchResult follow(Link link, Node consumer, int input, Match found) {
    GraphView graph = found.graph();
    List<Node> through = new ArrayList<>();
    List<String> values = new ArrayList<>();
    String value = consumer.input(input);
    Node producer = graph.producer(value);
    values.add(value);
    while (producer != null && link.through().contains(producer.op())) {
      through.add(0, producer);
      value = producer.input(0);
      values.add(value);
      producer = graph.producer(value);
    }
    if (producer == null || !producer.output().equals(value)) {
      return new MatchResult.None();
    }
    MatchResult result = link.producer().match(producer, found);
    if (!(result instanceof MatchResult.Found match)) {
      return result;
    }
    if (link.producer().capture != null) {
      match.match().link(link.producer().capture, input, through);
    }
    if (link.sharing() == Sharing.EXCLUSIVE) {
      for (String inner : values) {
        MatchResult.NearMiss miss = shared(match.match(), inner);
        if (miss != null) {
          return miss;
        }
      }
    }
    return result;
  }

  private static MatchResult.@Nullable NearMiss shared(Match match, String value) {
    GraphView graph = match.graph();
    if (graph.isOutput(value)) {
      return new MatchResult.NearMiss(
          match,
          Reason.GRAPH_OUTPUT,
          "'%s' is an output of the graph and must stay one".formatted(value));
    }
    if (graph.useCount(value) != 1) {
      return new MatchResult.NearMiss(
          match,
          Reason.OTHER_USES,
          "'%s' has %d readers: %s"
              .formatted(value, graph.useCount(value), readers(graph.uses(value))));
    }
    return null;
  }

  private static String readers(List<Use> uses) {
    String named =
        uses.stream()
            .limit(4)
            .map(use -> use.node().label())
            .reduce((a, b) -> a + ", " + b)
            .orElse("none");
    return uses.size() > 4 ? named + ", …" : named;
  }
}
