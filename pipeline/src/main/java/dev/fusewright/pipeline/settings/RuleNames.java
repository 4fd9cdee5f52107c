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
package dev.fusewright.pipeline.settings;

import dev.fusewright.core.rule.fold.Rules;
import java.util.ArrayList;
import java.util.List;

/** Names of rules and rule sets, as people type them. */
final class RuleNames {
  private RuleNames() {}

  /**
   * Refuses what is no rule set, and no rule ids with commas between.
   *
   * @throws IllegalArgumentException naming the unknown one, those there are, and which may have
   *     been meant
   */
  static void check(String names) {
    try {
      Rules.named(names);
    } catch (IllegalArgumentException e) {
      List<String> known = new ArrayList<>(List.of("inference", "torch"));
      Rules.inference().stream().map(rule -> rule.info().id()).forEach(known::add);
      for (String name : names.split(",", -1)) {
        if (!known.contains(name.strip())) {
          throw new IllegalArgumentException(
              e.getMessage() + NearestName.question(name.strip(), known), e);
        }
      }
      throw e;
    }
  }
}
