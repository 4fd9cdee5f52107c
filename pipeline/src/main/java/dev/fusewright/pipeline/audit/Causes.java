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

import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.text.Printable;
import dev.fusewright.pipeline.report.CauseWords;
import dev.fusewright.report.ErrorRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.RefusalRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Why sites were not fused and models not published, each cause said once: with how many there are,
 * the first ids, and the words of the first. Of errors at most {@link #MOST} causes are told apart.
 */
final class Causes {
  /** Ids that are named of one cause. */
  static final int NAMED = 5;

  private static final int MOST = 200;

  /** Of the words of the first. */
  private static final int LETTERS = 400;

  private static final String OTHERS = "others";

  private static final Map<String, String> SENTENCES =
      Arrays.stream(Reason.values()).collect(Collectors.toMap(Reason::name, Reason::sentence));

  private final Map<String, Counted> refusals = new TreeMap<>();
  private final Map<String, Counted> errors = new LinkedHashMap<>();

  /** One cause, being counted. */
  private static final class Counted {
    final String rule;
    final String code;
    final String words;
    final List<Grid.Cell> named = new ArrayList<>();
    long sites;
    long models;

    Counted(String rule, String code, String words) {
      this.rule = rule;
      this.code = code;
      this.words = words;
    }

    void add(String id, long number) {
      models++;
      if (named.size() < NAMED) {
        named.add(Grid.link(id, Places.model(number)));
      }
    }
  }

  /**
   * Adds a report.
   *
   * @param number of its model
   */
  void add(FusionReport report, long number) {
    ModelFacts facts = new ModelFacts(report);
    Set<String> seen = new HashSet<>();
    for (RefusalRecord refusal : report.getRefusals()) {
      String key = refusal.getReason() + " " + refusal.getRule();
      Counted cause =
          refusals.computeIfAbsent(
              refusals.size() < MOST || refusals.containsKey(key) ? key : OTHERS,
              name ->
                  new Counted(
                      Printable.line(refusal.getRule()),
                      Printable.line(refusal.getReason()),
                      begin(refusal.getMessage())));
      cause.sites++;
      if (seen.add(key)) {
        cause.add(facts.id(), number);
      }
    }
    ErrorRecord error = report.getError();
    if (error != null) {
      String key =
          "%s %s %s"
              .formatted(report.getOutcome(), error.getStage(), CauseWords.of(error.getMessage()));
      Counted cause =
          errors.computeIfAbsent(
              errors.size() < MOST || errors.containsKey(key) ? key : OTHERS,
              name ->
                  new Counted(
                      Printable.line(error.getStage()),
                      report.getOutcome().name(),
                      begin(error.getMessage())));
      cause.sites++;
      cause.add(facts.id(), number);
    }
  }

  /** The first words of a message; the models that are named have all of it. */
  private static String begin(String message) {
    String printable = Printable.message(message);
    if (printable.length() <= LETTERS) {
      return printable;
    }
    int end = printable.lastIndexOf(' ', LETTERS);
    return printable.substring(0, end < LETTERS / 2 ? LETTERS : end) + " …";
  }

  /** Refusals by reason and rule, those of most models first. */
  List<AuditPage.Cause> refusals() {
    return told(refusals);
  }

  /** Errors by stage and message, those of most models first. */
  List<AuditPage.Cause> errors() {
    return told(errors);
  }

  private static List<AuditPage.Cause> told(Map<String, Counted> causes) {
    return causes.values().stream()
        .sorted(
            Comparator.<Counted>comparingLong(cause -> -cause.models)
                .thenComparing(cause -> -cause.sites))
        .map(
            cause ->
                new AuditPage.Cause(
                    cause.rule,
                    RuleList.has(cause.rule) ? Places.rule(cause.rule) : "",
                    cause.code,
                    SENTENCES.getOrDefault(cause.code, ""),
                    cause.words,
                    Amounts.count(cause.sites),
                    Amounts.count(cause.models),
                    List.copyOf(cause.named),
                    cause.models - cause.named.size()))
        .toList();
  }
}
