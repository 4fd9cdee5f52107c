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
package dev.fusewright.core.proof;

import java.util.List;

/**
 * A fusion as a report records it, from which its site can be found again.
 *
 * @param rule id of the rule
 * @param scope as {@link dev.fusewright.core.plan.ScopePath#text} has it
 * @param nodes labels of nodes of the original
 */
public record RecordedFusion(String rule, String scope, List<String> nodes) {
  /** Copies the list. */
  public RecordedFusion {
    nodes = List.copyOf(nodes);
  }
}
