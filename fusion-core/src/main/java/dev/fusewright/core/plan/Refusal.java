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
public record Refusal(
    String rule, ScopePath scope, List<String> nodes, Reason reason, String message) {
  /** Copies the list. */
  public Refusal {
    nodes = List.copyOf(nodes);
  }
}
