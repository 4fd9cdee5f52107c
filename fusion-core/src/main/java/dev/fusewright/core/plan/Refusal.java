package dev.fusewright.core.plan;

import java.util.List;

/**
 * A site that looks like one of a rule's, and was left as it is.
 *
 * @param rule id of the rule
 * @param nodes labels of the nodes of the site, in data order
 * @param reason a stable code
 * @param message one sentence that names the culprit: what was found and what would be needed
 */
public record Refusal(String rule, ScopePath scope, List<String> nodes, Reason reason, String message) {
  /** Copies the list. */
  public Refusal {
    nodes = List.copyOf(nodes);
  }
}
