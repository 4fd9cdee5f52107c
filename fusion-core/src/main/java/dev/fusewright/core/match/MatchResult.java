package dev.fusewright.core.match;

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.Reason;
import java.util.List;

/** What looking for a pattern at one node came to. */
public sealed interface MatchResult {
  /** The pattern is there. */
  record Found(Match match) implements MatchResult {}

  /** The operators are there in that order, but what lies between them is not theirs alone. */
  record NearMiss(List<Node> nodes, Reason reason, String message) implements MatchResult {}

  /** Nothing of the kind. */
  record None() implements MatchResult {}
}
