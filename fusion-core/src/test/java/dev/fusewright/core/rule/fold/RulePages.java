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
package dev.fusewright.core.rule.fold;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.text.GraphText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes what {@code src/docs} says about rules and refusals, from what the code says of them. */
final class RulePages {
  private static final String NOTICE =
      "<!-- Made from RuleInfo by RulePagesTest; -Dfusewright.pages=write makes it anew. -->\n\n";

  private RulePages() {}

  /** Every rule once, in order, with the names of the sets that it is in. */
  static Map<String, List<String>> sets() {
    Map<String, List<String>> sets = new LinkedHashMap<>();
    for (RuleSet set : List.of(Rules.inference(), Rules.torch())) {
      set.stream()
          .forEach(
              rule ->
                  sets.computeIfAbsent(rule.info().id(), id -> new ArrayList<>()).add(set.name()));
    }
    return sets;
  }

  /** The page of one rule. */
  static String page(Rule<?> rule) {
    RuleInfo info = rule.info();
    ModelGraph before = GraphText.parse(info.example());
    FusionPlan plan = new FusionEngine(Rules.named(info.id())).plan(before);
    StringBuilder page = new StringBuilder(NOTICE);
    page.append("# ").append(info.id()).append("\n\n");
    page.append(info.title()).append(".\n\n");
    // BN[:m](u) is no link.
    page.append("> ").append(info.algebra().replace("](", "]\\(")).append("\n\n");
    page.append("In the sets: ").append(String.join(", ", sets().get(info.id()))).append(". ");
    page.append("Class: `").append(rule.getClass().getSimpleName()).append("`.\n\n");
    page.append("## Before\n\n```\n").append(GraphText.printShort(before)).append("```\n\n");
    page.append("## After\n\n");
    if (plan.changesModel()) {
      page.append("```\n").append(GraphText.printShort(plan.apply())).append("```\n");
    } else {
      page.append("The same file; the report lists `")
          .append(plan.fusions().get(0).module())
          .append("` with the result `unchanged`.\n");
    }
    page.append("\n## When it is sound\n\n");
    for (RuleInfo.Condition condition : info.conditions()) {
      page.append("- **")
          .append(condition.holds())
          .append(".** Otherwise: ")
          .append(condition.otherwise())
          .append(".\n");
    }
    return page.toString();
  }

  /** The list of all rules. */
  static String index() {
    StringBuilder page = new StringBuilder(NOTICE);
    page.append("# The rules, in the order in which they are tried\n\n");
    page.append("| rule | what it does | sets |\n|---|---|---|\n");
    Rules.inference().stream()
        .forEach(
            rule ->
                page.append(
                    "| [%1$s](%1$s.md) | %2$s | %3$s |\n"
                        .formatted(
                            rule.info().id(),
                            rule.info().title(),
                            String.join(", ", sets().get(rule.info().id())))));
    page.append("\nWhy in this order: [ADR](../adr/0007-order-of-rules.md). ");
    page.append("Why a site was left: [refusals](../refusals.md).\n");
    return page.toString();
  }

  /** The codes of refusals. */
  static String refusals() {
    StringBuilder page = new StringBuilder(NOTICE.replace("RuleInfo", "Reason"));
    page.append("# Why a site was not fused\n\n");
    page.append("The codes are stable: reports and `--json` carry them as `reason`.\n\n");
    page.append("| code | meaning |\n|---|---|\n");
    for (Reason reason : Reason.values()) {
      page.append("| `%s` | %s |\n".formatted(reason, reason.sentence()));
    }
    return page.toString();
  }
}
