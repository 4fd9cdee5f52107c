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
package dev.fusewright.pipeline.cli;

import dev.fusewright.core.engine.RuleStatistics;
import java.util.List;
import java.util.Locale;

/** What each rule did, as a table. */
final class RuleTable {
  private static final String HEADER = "%-28s %8s %8s %8s %8s %8s %10s";
  private static final String ROW = "%-28s %8d %8d %8d %8d %8d %10.1f";
  private static final double NANOSECONDS = 1e6;

  private RuleTable() {}

  /** The rules that were tried; empty if none was. */
  static String of(List<RuleStatistics.Figures> figures) {
    StringBuilder text = new StringBuilder();
    for (RuleStatistics.Figures rule : figures) {
      if (rule.tries() > 0) {
        if (text.isEmpty()) {
          line(text, HEADER, "rule", "tries", "matches", "refused", "passed", "applied", "ms");
        }
        line(
            text,
            ROW,
            rule.rule(),
            rule.tries(),
            rule.matches(),
            rule.refusals(),
            rule.passedOver(),
            rule.applications(),
            rule.nanoseconds() / NANOSECONDS);
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments)).append(System.lineSeparator());
  }
}
