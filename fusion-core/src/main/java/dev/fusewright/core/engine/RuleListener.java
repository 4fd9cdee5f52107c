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

/**
 * Hears what is done with rules while a plan is made.
 *
 * <p>Every {@link #onTried} is followed by exactly one of {@link #onNoMatch}, {@link
 * #onPassedOver}, {@link #onRefused} and {@link #onApplied}, about the same rule. A site may be
 * tried several times: again when something beside it has changed, and a last time to collect why
 * it stays.
 *
 * <p>The graphs are read only, and current until the call returns.
 */
public interface RuleListener {
  /** Hears nothing. */
  RuleListener NONE = new RuleListener() {};

  /** A plan is begun. */
  default void onBegun(RuleSet rules) {}

  /** A scope is begun: {@code graph} is what the model has there. */
  default void onScope(ScopePath scope, GraphView graph) {}

  /** A rule is looked for with its root at {@code root}. */
  default void onTried(Rule<?> rule, Node root) {}

  /** The pattern is not there. */
  default void onNoMatch(Rule<?> rule, Node root, Miss nearest) {}

  /** The pattern is there, and on a closer look the site is none of the rule's. */
  default void onPassedOver(Rule<?> rule, Match match, String why) {}

  /** The pattern is there, and the site must not be fused. */
  default void onRefused(Rule<?> rule, Match match, Reason reason, String message) {}

  /** A site was fused. */
  default void onApplied(Fusion fusion) {}

  /** A scope is done: {@code graph} is what the fusions have left there. */
  default void onPlanned(ScopePath scope, GraphView graph) {}
}
