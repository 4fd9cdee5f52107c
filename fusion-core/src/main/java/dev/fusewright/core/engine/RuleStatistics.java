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

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Miss;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Counts what rules do, over all plans that it hears of. Not for use by several threads. */
public final class RuleStatistics implements RuleListener {
  private final Map<String, Counter> counters = new LinkedHashMap<>();
  private OptionalLong began = OptionalLong.empty();

  /**
   * What one rule has done. Attempts are counted, not sites: the engine comes back to a site when
   * something beside it has changed, and to each that stays a last time.
   *
   * @param tries {@code noMatches + matches}
   * @param noMatches tries at which the operators were not there
   * @param matches {@code refusals + passedOver + applications}
   * @param refusals matches that must not be fused
   * @param passedOver matches that were none of the rule's on a closer look
   * @param applications matches that were fused
   * @param nanoseconds that all tries took, rewriting included
   */
  public record Figures(
      String rule,
      long tries,
      long noMatches,
      long matches,
      long refusals,
      long passedOver,
      long applications,
      long nanoseconds) {}

  private static final class Counter {
    private long noMatches;
    private long refusals;
    private long passedOver;
    private long applications;
    private long nanoseconds;

    Figures figures(String rule) {
      long matches = refusals + passedOver + applications;
      return new Figures(
          rule,
          noMatches + matches,
          noMatches,
          matches,
          refusals,
          passedOver,
          applications,
          nanoseconds);
    }
  }

  /** The rules in their order, also those that were never tried. */
  public List<Figures> figures() {
    return counters.entrySet().stream()
        .map(entry -> entry.getValue().figures(entry.getKey()))
        .toList();
  }

  @Override
  public void onBegun(RuleSet rules) {
    rules.stream().forEach(rule -> counter(rule.info().id()));
  }

  @Override
  public void onTried(Rule<?> rule, Node root) {
    began = OptionalLong.of(System.nanoTime());
  }

  @Override
  public void onNoMatch(Rule<?> rule, Node root, Miss nearest) {
    ended(rule.info().id()).noMatches++;
  }

  @Override
  public void onPassedOver(Rule<?> rule, Match match, String why) {
    ended(rule.info().id()).passedOver++;
  }

  @Override
  public void onRefused(Rule<?> rule, Match match, Reason reason, String message) {
    ended(rule.info().id()).refusals++;
  }

  @Override
  public void onApplied(Fusion fusion) {
    ended(fusion.rule()).applications++;
  }

  private Counter ended(String rule) {
    Counter counter = counter(rule);
    // What a module list names is applied without having been looked for.
    if (began.isPresent()) {
      counter.nanoseconds += System.nanoTime() - began.getAsLong();
      began = OptionalLong.empty();
    }
    return counter;
  }

  private Counter counter(String rule) {
    return counters.computeIfAbsent(rule, id -> new Counter());
  }
}
