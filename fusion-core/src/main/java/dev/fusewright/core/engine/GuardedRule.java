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

import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.MatchResult;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.tensor.TensorReadException;
import java.util.function.Supplier;

/**
 * Asks rules. What one throws unexpectedly, in itself or in an analysis that it asks, costs the one
 * site at which it was asked: a refusal as {@link Reason#DEFECT}, which names the rule and the
 * nodes.
 *
 * <p>A stack that overflows is such a defect. A parameter that cannot be read is the file's fault
 * and ends the plan, as does a lack of memory.
 */
public final class GuardedRule {
  private GuardedRule() {}

  /** Looks for the pattern of a rule. */
  public static MatchResult match(Rule<?> rule, GraphView graph, Node root) {
    return look(rule, graph, root, () -> rule.pattern().match(graph, root));
  }

  /** Looks for the pattern of a rule with a node in any part of it. */
  static MatchResult nearest(Rule<?> rule, GraphView graph, Node node) {
    return look(rule, graph, node, () -> rule.pattern().nearest(graph, node));
  }

  private static MatchResult look(
      Rule<?> rule, GraphView graph, Node root, Supplier<MatchResult> search) {
    try {
      return search.get();
    } catch (TensorReadException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      Match match = Match.at(graph, root);
      return new MatchResult.NearMiss(
          match, Reason.DEFECT, message(rule, "failed to look for its pattern at", match, e));
    }
  }

  /** What a rule says of a match. */
  public static <F> Decision<F> check(Rule<F> rule, Match match) {
    try {
      return rule.check(match);
    } catch (TensorReadException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      return new Decision.Refused<>(Reason.DEFECT, message(rule, "failed to check", match, e));
    }
  }

  /** The rewrite of a match that a rule has found sound. */
  public static <F> Decision<Rewrite> rewrite(Rule<F> rule, Match match, F facts) {
    try {
      return Decision.sound(rule.rewrite(match, facts));
    } catch (TensorReadException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      return new Decision.Refused<>(
          Reason.DEFECT, message(rule, "failed to rewrite what it had found sound:", match, e));
    }
  }

  /** What the engine adds to a rewrite that a rule has made. */
  static Decision<Rewrite> rewired(
      Rule<?> rule, Match match, Supplier<Decision<Rewrite>> rewiring) {
    try {
      return rewiring.get();
    } catch (TensorReadException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      return new Decision.Refused<>(
          Reason.DEFECT, message(rule, "has a rewrite that cannot be rewired at", match, e));
    }
  }

  /** One sentence on what a rule has thrown at some nodes. */
  static String message(Rule<?> rule, String what, Match match, Throwable cause) {
    String said = cause.getMessage();
    return "rule %s %s %s: %s; this is a defect of the rule, please report it"
        .formatted(
            rule.info().id(),
            what,
            match.nodes().stream().map(Node::label).toList(),
            said == null ? cause.getClass().getSimpleName() : said);
  }
}
