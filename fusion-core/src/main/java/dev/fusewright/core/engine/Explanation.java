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

import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.ScopePath;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Result of trying one rule at one node.
 *
 * @param node label of the node that was asked for
 * @param rule id of the rule
 * @param nodes labels of the nodes of the site, or of the nearest to one; may be empty
 * @param reason the code of a refusal, and nothing else
 * @param message one clause
 */
public record Explanation(
    String node,
    ScopePath scope,
    String rule,
    Status status,
    List<String> nodes,
    @Nullable Reason reason,
    String message) {

  /** How far a rule came at a node. */
  public enum Status {
    /** The node is part of a site that the rule fused. */
    FIRED,
    /** Another rule took the node. */
    TAKEN,
    /** The pattern is there, and the site must not be fused. */
    REFUSED,
    /** The pattern is there, and the site is none of the rule's on a closer look. */
    PASSED_OVER,
    /** The pattern is not there. */
    NO_MATCH;

    /** As reports spell it: {@code no_match}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Copies the list. */
  public Explanation {
    nodes = List.copyOf(nodes);
  }
}
