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
import dev.fusewright.core.pattern.Miss;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleSet;
import java.util.List;

/** Several listeners as one; each hears everything, in order. */
public record Listeners(List<RuleListener> all) implements RuleListener {
  /** Copies the list. */
  public Listeners {
    all = List.copyOf(all);
  }

  @Override
  public void onBegun(RuleSet rules) {
    all.forEach(listener -> listener.onBegun(rules));
  }

  @Override
  public void onScope(ScopePath scope, GraphView graph) {
    all.forEach(listener -> listener.onScope(scope, graph));
  }

  @Override
  public void onTried(Rule<?> rule, Node root) {
    all.forEach(listener -> listener.onTried(rule, root));
  }

  @Override
  public void onNoMatch(Rule<?> rule, Node root, Miss nearest) {
    all.forEach(listener -> listener.onNoMatch(rule, root, nearest));
  }

  @Override
  public void onPassedOver(Rule<?> rule, Match match, String why) {
    all.forEach(listener -> listener.onPassedOver(rule, match, why));
  }

  @Override
  public void onRefused(Rule<?> rule, Match match, Reason reason, String message) {
    all.forEach(listener -> listener.onRefused(rule, match, reason, message));
  }

  @Override
  public void onApplied(Fusion fusion) {
    all.forEach(listener -> listener.onApplied(fusion));
  }

  @Override
  public void onPlanned(ScopePath scope, GraphView graph) {
    all.forEach(listener -> listener.onPlanned(scope, graph));
  }
}
