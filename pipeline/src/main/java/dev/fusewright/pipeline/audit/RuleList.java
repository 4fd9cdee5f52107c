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
package dev.fusewright.pipeline.audit;

import static dev.fusewright.pipeline.audit.Grid.cell;

import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.rule.fold.Rules;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The rules, as the page explains them. */
final class RuleList {
  private static final Map<String, RuleInfo> RULES = rules();

  private RuleList() {}

  private static Map<String, RuleInfo> rules() {
    Map<String, RuleInfo> rules = new TreeMap<>();
    for (RuleSet set : List.of(Rules.inference(), Rules.torch())) {
      for (Rule<?> rule : set.stream().toList()) {
        rules.put(rule.info().id(), rule.info());
      }
    }
    return rules;
  }

  /** Whether a rule has a page of its own: some reasons come from what several rules share. */
  static boolean has(String id) {
    return RULES.containsKey(id);
  }

  /** Those of some ids that are rules: id, title, algebra and page of each. */
  static Grid of(Collection<String> ids) {
    Grid.Builder grid = Grid.of("Rules").code("rule").text("what").code("algebra").code("page");
    ids.stream()
        .filter(RuleList::has)
        .map(RULES::get)
        .forEach(
            rule ->
                grid.row(
                    cell(rule.id()),
                    cell(rule.title()),
                    cell(rule.algebra()),
                    cell("src/docs/rules/%s.md".formatted(rule.id()))));
    return grid.build();
  }
}
