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
import dev.fusewright.core.analysis.ShapeReads;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.Use;
import dev.fusewright.core.plan.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Operators that feed one another, written from their root (the node nearest the output) upwards:
 *
 * <pre>{@code
 * Pattern.node(RELU).as(RELU)
 *     .fedBy(0, Pattern.node(BATCH_NORMALIZATION).as(BN)
 *         .fedBy(0, Pattern.node(CONV).as(CONV)))
 * }</pre>
 *
 * <p>A node may be fed by several; where one capture stands in two places, it is one node that
 * feeds both:
 *
 * <pre>{@code
 * Pattern layer = Pattern.node(CONV).as(CONV);
 * Pattern.node(MUL).as(PRODUCT)
 *     .fedByEither(layer)
 *     .fedByEither(Pattern.node(SIGMOID).as(GATE).fedBy(0, layer))
 * }</pre>
 *
 * <p>A value between two nodes of a pattern must have no reader outside of it, but such as take its
 * {@linkplain ShapeReads shape alone}, and be no output of the graph, unless the link says that it
 * may be {@linkplain #sharedBy shared}; where that alone fails, the result is a near miss.
 */
public final class Pattern {
  private static final int SHOWN_KINDS = 4;

  private final Set<OpKind> kinds;
  private final @Nullable Capture capture;
  private final List<Link> links;

  /** How a node is fed by the next one up. */
  record Link(List<Integer> inputs, Pattern producer, Set<OpKind> through, Sharing sharing) {}

  enum Sharing {
    EXCLUSIVE,
    SHARED
  }

  /** A link that is yet to be found, and what is to be found after it. */
  private record Goal(Node consumer, Link link, @Nullable Goal next) {}

  private Pattern(Set<OpKind> kinds, @Nullable Capture capture, List<Link> links) {
    this.kinds = kinds;
    this.capture = capture;
    this.links = links;
  }

  /** A node of one of these kinds. */
  public static Pattern node(OpKind... kinds) {
    return new Pattern(
        Collections.unmodifiableSet(new LinkedHashSet<>(Arrays.asList(kinds))), null, List.of());
  }

  /** Keeps the node under a name. */
  public Pattern as(Capture name) {
    return new Pattern(kinds, name, links);
  }

  /** The input {@code index} is the first output of {@code producer}. */
  public Pattern fedBy(int index, Pattern producer) {
    return with(new Link(List.of(index), producer, Set.of(), Sharing.EXCLUSIVE));
  }

  /**
   * One of the first two inputs is the first output of {@code producer}: for commutative operators.
   */
  public Pattern fedByEither(Pattern producer) {
    return with(new Link(List.of(0, 1), producer, Set.of(), Sharing.EXCLUSIVE));
  }

  /**
   * As {@link #fedBy}, and the value may pass nodes of the kinds {@code through} at their first
   * input.
   */
  public Pattern fedThrough(Set<OpKind> through, int index, Pattern producer) {
    return with(new Link(List.of(index), producer, Set.copyOf(through), Sharing.EXCLUSIVE));
  }

  /** As {@link #fedThrough}, at one of the first two inputs. */
  public Pattern fedThroughEither(Set<OpKind> through, Pattern producer) {
    return with(new Link(List.of(0, 1), producer, Set.copyOf(through), Sharing.EXCLUSIVE));
  }

  /**
   * As {@link #fedBy}, but others may read the value too: the rule copies the producer instead of
   * changing it.
   */
  public Pattern sharedBy(int index, Pattern producer) {
    return with(new Link(List.of(index), producer, Set.of(), Sharing.SHARED));
  }

  private Pattern with(Link link) {
    List<Link> all = new ArrayList<>(links);
    all.add(link);
    return new Pattern(kinds, capture, List.copyOf(all));
  }

  List<Link> links() {
    return links;
  }

  /** The operators at which this pattern can be rooted. */
  public Set<OpKind> roots() {
    return kinds;
  }

  /** Whether a node of this kind has a part in the pattern, or may lie between two that have. */
  public boolean mentions(OpKind kind) {
    return kinds.contains(kind)
        || links.stream()
            .anyMatch(link -> link.through().contains(kind) || link.producer().mentions(kind));
  }

  /** Looks for this pattern with its root at {@code root}. */
  public MatchResult match(GraphView graph, Node root) {
    if (!kinds.contains(root.op())) {
      return new MatchResult.None(new Miss(kinds, new Miss.Observed.Root(root), 0));
    }
    Match match = Match.at(graph, root);
    match.capture(capture, root);
    return solve(goals(root, null), match, 1);
  }

  private @Nullable Goal goals(Node consumer, @Nullable Goal next) {
    Goal first = next;
    for (int i = links.size() - 1; i >= 0; i--) {
      first = new Goal(consumer, links.get(i), first);
    }
    return first;
  }

  private static MatchResult solve(@Nullable Goal goal, Match match, int matched) {
    if (goal == null) {
      return complete(match);
    }
    MatchResult best = null;
    for (int input : goal.link().inputs()) {
      Match branch = goal.link().inputs().size() == 1 ? match : match.copy();
      MatchResult result = follow(goal, input, branch, matched);
      if (result instanceof MatchResult.Found) {
        return result;
      }
      best = best == null ? result : nearer(best, result);
    }
    return Objects.requireNonNull(best);
  }

  /** Of two that were not found, the one of which there is more. */
  static MatchResult nearer(MatchResult first, MatchResult second) {
    if (!(first instanceof MatchResult.None none)) {
      return first;
    }
    return second instanceof MatchResult.None other
            && other.nearest().matched() <= none.nearest().matched()
        ? first
        : second;
  }

  private static MatchResult follow(Goal goal, int input, Match match, int matched) {
    GraphView graph = match.graph();
    Link link = goal.link();
    Pattern wanted = link.producer();
    List<Node> through = new ArrayList<>();
    List<String> values = new ArrayList<>();
    String value = goal.consumer().input(input);
    Node reader = goal.consumer();
    int index = input;
    Node producer = graph.producer(value);
    values.add(value);
    while (producer != null && link.through().contains(producer.op())) {
      through.add(0, producer);
      reader = producer;
      index = 0;
      value = producer.input(0);
      values.add(value);
      producer = graph.producer(value);
    }
    Node bound = match.captured(wanted.capture);
    if (producer == null
        || !producer.output().equals(value)
        || !wanted.kinds.contains(producer.op())
        || (bound != null && bound.id() != producer.id())) {
      boolean isOfKind = producer != null && wanted.kinds.contains(producer.op());
      return new MatchResult.None(
          new Miss(
              wanted.kinds,
              new Miss.Observed.Input(reader, index, value, producer),
              isOfKind ? matched + 1 : matched));
    }
    match.link(
        new Match.Step(
            goal.consumer(), input, producer, wanted.capture, through, values, link.sharing()));
    if (bound != null) {
      return solve(goal.next(), match, matched);
    }
    match.capture(wanted.capture, producer);
    return solve(wanted.goals(producer, goal.next()), match, matched + 1);
  }

  /** Whether the values between the nodes are theirs alone. */
  private static MatchResult complete(Match match) {
    for (int i = match.steps().size() - 1; i >= 0; i--) {
      Match.Step step = match.steps().get(i);
      if (step.sharing() == Sharing.EXCLUSIVE) {
        for (String value : step.values()) {
          MatchResult.NearMiss miss = shared(match, value);
          if (miss != null) {
            return miss;
          }
        }
      }
    }
    for (Node node : match.nodes()) {
      if (Constants.hasReferences(node)) {
        return new MatchResult.NearMiss(
            match,
            Reason.UNSUPPORTED_ATTRIBUTE,
            "'%s' takes an attribute from whoever calls the function".formatted(node.label()));
      }
    }
    return new MatchResult.Found(match);
  }

  private static MatchResult.@Nullable NearMiss shared(Match match, String value) {
    GraphView graph = match.graph();
    if (graph.isOutput(value)) {
      return new MatchResult.NearMiss(
          match,
          Reason.GRAPH_OUTPUT,
          "'%s' is an output of the graph and must stay one".formatted(value));
    }
    if (graph.useCount(value) == 1) {
      return null;
    }
    List<Use> readers = ShapeReads.elementReaders(graph, value);
    if (readers.size() != 1 && readers.size() != match.readers(value)) {
      return new MatchResult.NearMiss(
          match,
          Reason.OTHER_USES,
          "'%s' has %d readers: %s".formatted(value, readers.size(), readers(readers)));
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

  /**
   * The nearest that there is to this pattern with {@code node} in any part of it: for people who
   * ask why a site is none.
   */
  public MatchResult nearest(GraphView graph, Node node) {
    return new NearestMatch(graph, node).of(this);
  }

  /** The operators in data order, such as {@code Conv → BatchNormalization}. */
  @Override
  public String toString() {
    String own =
        kinds.size() > SHOWN_KINDS
            ? kinds.stream().limit(SHOWN_KINDS).map(OpKind::toString).collect(joining()) + "|…"
            : kinds.stream().map(OpKind::toString).collect(joining());
    if (links.isEmpty()) {
      return own;
    }
    String producers =
        links.stream()
            .map(link -> link.producer() + (link.through().isEmpty() ? "" : " → …"))
            .collect(Collectors.joining(", "));
    return (links.size() == 1 ? producers : "(" + producers + ")") + " → " + own;
  }

  private static Collector<CharSequence, ?, String> joining() {
    return Collectors.joining("|");
  }
}
