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
package dev.fusewright.pipeline.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.text.Printable;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/**
 * The summary of a finished run: {@code summary.json} for programs, {@code summary.md} for people.
 *
 * @param notTried entries that were not begun, because the run was stopped before
 * @param seconds from its beginning to its end
 */
public record RunSummary(String runId, RunTotals totals, long notTried, double seconds) {
  private static final String PREFIX = "fusewright_last_run_";

  /** One JSON object with the fields of the contract, and the first of the problems. */
  public String json() {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
      json.writeStartObject();
      json.writeStringField("run_id", runId);
      json.writeNumberField("total", totals.total());
      for (Outcome outcome : Outcome.values()) {
        json.writeNumberField(outcome.name().toLowerCase(Locale.ROOT), totals.count(outcome));
      }
      json.writeNumberField("as_listed", totals.count(Verdict.AS_LISTED));
      json.writeNumberField("unnamed", totals.unnamed());
      json.writeNumberField("reused", totals.reused());
      json.writeNumberField("inconclusive", totals.count(Verdict.INCONCLUSIVE));
      json.writeObjectFieldStart("levels");
      for (var level : totals.levels().entrySet()) {
        json.writeObjectFieldStart(level.getKey().replace(' ', '_'));
        for (var count : level.getValue().entrySet()) {
          json.writeNumberField(count.getKey().toLowerCase(Locale.ROOT), count.getValue());
        }
        json.writeEndObject();
      }
      json.writeEndObject();
      if (notTried > 0) {
        json.writeNumberField("not_tried", notTried);
      }
      json.writeNumberField("dropped_fusions", totals.droppedFusions());
      json.writeNumberField("bytes_in", totals.bytesIn());
      json.writeNumberField("bytes_out", totals.bytesOut());
      json.writeNumberField("seconds", Math.round(seconds * 1e3) / 1e3);
      json.writeArrayFieldStart("problems");
      for (RunTotals.Problem problem : totals.problems()) {
        json.writeStartObject();
        json.writeStringField("id", problem.id());
        json.writeStringField("outcome", problem.outcome().name());
        json.writeStringField("stage", problem.stage());
        json.writeStringField("message", problem.message());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a string cannot be written to", e);
    }
    return text + "\n";
  }

  /**
   * The figures that are left when the run's processes are gone, in Prometheus' text format: for
   * the textfile collector of its node exporter.
   *
   * @param ended when the run ended
   */
  public String prometheus(Instant ended) {
    StringBuilder page = new StringBuilder();
    figure(page, "models", "Models of the last complete run, by outcome.");
    for (Outcome outcome : Outcome.values()) {
      String label = outcome.name().toLowerCase(Locale.ROOT);
      value(page, "models{outcome=\"" + label + "\"}", totals.count(outcome));
    }
    figure(page, "dropped_fusions", "Fusions of the last complete run that were not proven.");
    value(page, "dropped_fusions", totals.droppedFusions());
    figure(page, "bytes_in", "Bytes of the sources that the last complete run read.");
    value(page, "bytes_in", totals.bytesIn());
    figure(page, "bytes_out", "Bytes that the last complete run published.");
    value(page, "bytes_out", totals.bytesOut());
    figure(page, "seconds", "How long the last complete run took.");
    value(page, "seconds", Math.round(seconds * 1e3) / 1e3);
    figure(page, "end_timestamp_seconds", "When the last complete run ended.");
    value(page, "end_timestamp_seconds", ended.getEpochSecond());
    return page.toString();
  }

  private static void figure(StringBuilder page, String name, String help) {
    page.append("# HELP ").append(PREFIX).append(name).append(' ').append(help).append('\n');
    page.append("# TYPE ").append(PREFIX).append(name).append(" gauge\n");
  }

  private static void value(StringBuilder page, String name, Number value) {
    page.append(PREFIX).append(name).append(' ').append(value).append('\n');
  }

  /** A page of Markdown. */
  public String markdown() {
    StringBuilder page = new StringBuilder();
    page.append("# Run ").append(cell(runId)).append("\n\n").append(sentence()).append("\n\n");
    page.append("| outcome | models |\n|---|---:|\n");
    for (Outcome outcome : Outcome.values()) {
      page.append("| %s | %d |%n".formatted(outcome, totals.count(outcome)));
    }
    if (notTried > 0) {
      page.append("| not tried | %d |%n".formatted(notTried));
    }
    page.append("| **total** | **%d** |%n".formatted(totals.total()));
    counts(page, "Verdicts", "verdict", totals.verdicts());
    levels(page);
    counts(page, "Assumptions", "models resting on the word of", totals.assumptions());
    counts(page, "Fusions", "rule and result", totals.fusions());
    counts(page, "Dropped", "level and reason", totals.drops());
    counts(page, "Refusals", "reason", totals.refusals());
    if (totals.notPublished() > 0) {
      page.append("\n## Not published\n\n| id | outcome | stage | why |\n|---|---|---|---|\n");
      long named = 0;
      for (RunTotals.Problem problem : totals.problems()) {
        named++;
        page.append(
            "| %s | %s | %s | %s |%n"
                .formatted(
                    cell(problem.id()),
                    problem.outcome(),
                    cell(problem.stage()),
                    cell(problem.message())));
      }
      if (named < totals.notPublished()) {
        page.append(
            "\n… and %d more; all are in `quarantine/`.%n"
                .formatted(totals.notPublished() - named));
      }
    }
    page.append("\n## Time\n\n| stage | seconds over all models |\n|---|---:|\n");
    totals
        .stages()
        .forEach((stage, ms) -> page.append("| %s | %.3f |%n".formatted(cell(stage), ms / 1e3)));
    page.append("\n| slowest models | seconds |\n|---|---:|\n");
    int shown = 0;
    for (RunTotals.Duration slow : totals.slowest()) {
      if (shown++ == 10) {
        break;
      }
      page.append("| %s | %.3f |%n".formatted(cell(slow.id()), slow.milliseconds() / 1e3));
    }
    return page.toString().replace("\r\n", "\n");
  }

  /** One sentence: how many models ended how, and how long it took. */
  public String sentence() {
    String stopped =
        notTried == 0
            ? ""
            : " The run was stopped; %s not tried."
                .formatted(Amounts.count(notTried, "was", "were"));
    String listed =
        totals.count(Verdict.AS_LISTED) == 0
            ? ""
            : " %s."
                .formatted(
                    Amounts.count(
                        totals.count(Verdict.AS_LISTED),
                        "is as listed: it rests on assumptions",
                        "are as listed: they rest on assumptions"));
    String unnamed =
        totals.unnamed() == 0
            ? ""
            : " %s BatchNorms that nothing names."
                .formatted(
                    Amounts.count(
                        totals.unnamed(), "with nothing to fuse has", "with nothing to fuse have"));
    String reused =
        totals.reused() == 0
            ? ""
            : " %s."
                .formatted(
                    Amounts.count(
                        totals.reused(),
                        "has the content of another and takes its proof",
                        "have the content of others and take their proofs"));
    return "%s in %.1f s: %d fused, %d with nothing to fuse, %d unchanged, %d rejected, %d failed.%s%s%s%s"
        .formatted(
            Amounts.count(totals.total(), "model"),
            seconds,
            totals.count(Outcome.FUSED),
            totals.count(Outcome.NOTHING_TO_FUSE),
            totals.count(Outcome.UNCHANGED),
            totals.count(Outcome.REJECTED),
            totals.count(Outcome.FAILED),
            listed,
            unnamed,
            reused,
            stopped);
  }

  private void levels(StringBuilder page) {
    if (!totals.levels().isEmpty()) {
      page.append("\n## Levels\n\n| level | found | models |\n|---|---|---:|\n");
      totals
          .levels()
          .forEach(
              (level, found) ->
                  found.forEach(
                      (standing, count) ->
                          page.append("| %s | %s | %d |%n".formatted(level, standing, count))));
    }
  }

  private static void counts(
      StringBuilder page, String title, String key, Map<String, Long> counts) {
    if (!counts.isEmpty()) {
      page.append("\n## %s\n\n| %s | count |\n|---|---:|\n".formatted(title, key));
      counts.forEach((name, count) -> page.append("| %s | %d |%n".formatted(cell(name), count)));
    }
  }

  private static String cell(String text) {
    return Printable.markdown(text);
  }
}
