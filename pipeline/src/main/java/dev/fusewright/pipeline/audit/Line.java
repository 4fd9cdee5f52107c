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

import dev.fusewright.core.text.Printable;
import dev.fusewright.pipeline.report.LevelWords;
import dev.fusewright.report.FusionRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.OutputFiguresRecord;
import dev.fusewright.report.RefusalRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a run, as page and table show it. Text is printable, and not escaped for anything;
 * what a report does not have is empty.
 *
 * @param levels the verdict with the levels that it rests on, in words
 * @param fused sites whose bytes changed
 * @param nodes before and after
 * @param bytes before and after
 * @param details fusions, refusals and figures, a sentence each
 */
public record Line(
    String id,
    String outcome,
    String verdict,
    String levels,
    long fused,
    long refused,
    long dropped,
    String nodes,
    String bytes,
    String seconds,
    String source,
    String sourceSha256,
    String output,
    String outputSha256,
    String stage,
    String error,
    List<String> details) {
  private static final String UNCHANGED = "unchanged";

  /** Of a report. */
  static Line of(FusionReport report) {
    return new Line(
        Printable.line(report.getId()),
        report.getOutcome().name(),
        report.getEquivalence().getVerdict(),
        LevelWords.of(report.getEquivalence()),
        report.getFusions().stream()
            .filter(fusion -> !fusion.getResult().equals(UNCHANGED))
            .count(),
        report.getRefusals().size(),
        report.getDropped().size(),
        report.getBefore() == null || report.getAfter() == null
            ? ""
            : "%,d → %,d".formatted(report.getBefore().getNodes(), report.getAfter().getNodes()),
        report.getOutput() == null
            ? ""
            : "%,d → %,d".formatted(report.getSource().getBytes(), report.getOutput().getBytes()),
        "%.2f".formatted(report.getTimingsMs().values().stream().mapToDouble(ms -> ms).sum() / 1e3),
        Printable.line(report.getSource().getUri()),
        text(report.getSource().getSha256()),
        report.getOutput() == null ? "" : Printable.line(report.getOutput().getUri()),
        report.getOutput() == null ? "" : report.getOutput().getSha256(),
        report.getError() == null ? "" : report.getError().getStage(),
        report.getError() == null
            ? ""
            : Printable.message(
                "%s: %s".formatted(report.getError().getStage(), report.getError().getMessage())),
        details(report));
  }

  /** Whether nothing was published of it. */
  boolean isProblem() {
    return !error.isEmpty();
  }

  private static List<String> details(FusionReport report) {
    List<String> details = new ArrayList<>();
    for (FusionRecord fusion : report.getFusions()) {
      details.add(site(fusion, fusion.getResult()));
    }
    for (FusionRecord fusion : report.getDropped()) {
      details.add(site(fusion, "dropped"));
    }
    for (RefusalRecord refusal : report.getRefusals()) {
      details.add(
          "%s at %s: %s: %s"
              .formatted(
                  refusal.getRule(),
                  String.join(", ", refusal.getNodes()),
                  refusal.getReason(),
                  refusal.getMessage()));
    }
    for (OutputFiguresRecord figures : report.getEquivalence().getOutputs()) {
      details.add(
          "output %s: error %.2g of %.2g allowed, largest difference %.2g"
              .formatted(
                  figures.getName(),
                  figures.getError(),
                  figures.getTolerance(),
                  figures.getMaxAbs()));
    }
    details.replaceAll(Printable::message);
    return details;
  }

  private static String site(FusionRecord fusion, String result) {
    return "%s at %s: %s (%s)"
        .formatted(
            fusion.getRule(), String.join(", ", fusion.getNodes()), result, fusion.getModule());
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }
}
