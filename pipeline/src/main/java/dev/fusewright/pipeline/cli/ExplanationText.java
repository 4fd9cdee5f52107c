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

import dev.fusewright.core.engine.Explanation;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.text.Printable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What rules made of a node, in words and as JSON. */
final class ExplanationText {
  private ExplanationText() {}

  /** A line for each node, and one for each rule. */
  static String lines(List<Explanation> explanations) {
    StringBuilder text = new StringBuilder();
    @Nullable ScopePath scope = null;
    String node = "";
    for (Explanation it : explanations) {
      if (!it.scope().equals(scope) || !it.node().equals(node)) {
        scope = it.scope();
        node = it.node();
        line(text, "%s%s:".formatted(node, where(scope)));
      }
      line(text, "  %-28s %-12s %s".formatted(it.rule(), words(it.status()), message(it)));
    }
    return text.toString();
  }

  private static String where(ScopePath scope) {
    return scope.text().isEmpty() ? "" : " in " + scope.text();
  }

  private static String words(Explanation.Status status) {
    return switch (status) {
      case FIRED -> "fired";
      case TAKEN -> "taken";
      case REFUSED -> "refused";
      case PASSED_OVER -> "passed over";
      case NO_MATCH -> "no match";
    };
  }

  private static String message(Explanation it) {
    Reason reason = it.reason();
    boolean isSite =
        it.status() == Explanation.Status.FIRED || it.status() == Explanation.Status.REFUSED;
    return (isSite ? String.join(" + ", it.nodes()) + ": " : "")
        + it.message()
        + (reason == null ? "" : "  [" + reason + "]");
  }

  private static void line(StringBuilder text, String line) {
    text.append(Printable.line(line.stripTrailing())).append(System.lineSeparator());
  }

  /** One object for each rule at each node. */
  static List<Map<String, @Nullable Object>> json(List<Explanation> explanations) {
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    for (Explanation it : explanations) {
      Reason reason = it.reason();
      Map<String, @Nullable Object> fields = new LinkedHashMap<>();
      fields.put("node", it.node());
      fields.put("scope", it.scope().text());
      fields.put("rule", it.rule());
      fields.put("status", it.status().text());
      fields.put("nodes", it.nodes());
      fields.put("reason", reason == null ? null : reason.name());
      fields.put("message", it.message());
      all.add(fields);
    }
    return all;
  }
}
