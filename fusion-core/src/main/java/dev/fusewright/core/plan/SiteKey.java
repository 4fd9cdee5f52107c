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
 * A site as a rule fuses it, by names that another plan of the same model has too.
 *
 * @param rule id of the rule
 * @param scope of its nodes
 * @param nodes their labels, in data order
 */
public record SiteKey(String rule, ScopePath scope, List<String> nodes) {
  /** Copies the list. */
  public SiteKey {
    nodes = List.copyOf(nodes);
  }

  /** The site of a fusion. */
  public static SiteKey of(Fusion fusion) {
    return new SiteKey(fusion.rule(), fusion.scope(), fusion.nodes());
  }
}
