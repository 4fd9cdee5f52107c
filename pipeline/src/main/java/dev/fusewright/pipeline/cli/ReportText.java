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

import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.text.Printable;
import dev.fusewright.pipeline.model.ModelInterface;
import dev.fusewright.pipeline.report.LevelWords;
import dev.fusewright.report.AssumptionRecord;
import dev.fusewright.report.EquivalenceRecord;
import dev.fusewright.report.FusionRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.LevelRecord;
import dev.fusewright.report.LevelsRecord;
import dev.fusewright.report.ModelSize;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.OutputFiguresRecord;
import dev.fusewright.report.RefusalRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A report in words. */
final class ReportText {
  /** Parameters by which a file may grow without a word. */
  private static final long NOTABLE_GROWTH = 250_000;

  /** The result of a site that changes nothing in the file. */
  private static final String UNCHANGED = "unchanged";

  private static final String NOT_CHECKED = "NOT_CHECKED";
  private static final String EQUIVALENT = "EQUIVALENT";
  private static final int MOST_ASSUMPTIONS = 4;

  private ReportText() {}

  /** A few lines: what became of a model. */
  static String result(FusionReport report, ModelInterface model) {
    StringBuilder text = new StringBuilder();
    line(text, "%s: %s", report.getSource().getUri(), headline(report.getOutcome()));
    text.append(InterfaceText.lines(model));
    counts(text, report);
    sizes(text, report);
    report.getNotes().forEach(note -> line(text, "  note     %s", note));
    proof(text, report);
    if (report.getOutput() != null) {
      line(text, "  written  %s", report.getOutput().getUri());
    }
    cost(text, report);
    return text.toString();
  }

  /** How large the file is, and will be, and how long it took. */
  private static void cost(StringBuilder text, FusionReport report) {
    line(
        text,
        "  size     %s%s    elapsed %.1f s",
        Amounts.bytes(report.getBefore() == null ? 0 : report.getBefore().getBytes()),
        report.getOutput() == null ? "" : " → " + Amounts.bytes(report.getOutput().getBytes()),
        report.getTimingsMs().values().stream().mapToDouble(ms -> ms).sum() / 1e3);
  }

  /** Every site: what would be fused, what not, and why. */
  static String sites(FusionReport report, ModelInterface model) {
    StringBuilder text = new StringBuilder();
    line(text, "%s: %s", report.getSource().getUri(), description(report));
    text.append(InterfaceText.lines(model));
    for (FusionRecord fusion : report.getFusions()) {
      line(
          text,
          "  %-9s %s → %s%s",
          action(fusion),
          String.join(" + ", fusion.getNodes()),
          fusion.getModule(),
          "  [" + fusion.getRule() + where(fusion.getScope()) + "]");
      fusion.getNotes().forEach(note -> line(text, "            %s", note));
    }
    for (RefusalRecord refusal : report.getRefusals()) {
      line(
          text,
          "  %-9s %s  [%s%s, %s]",
          "refuse",
          String.join(" + ", refusal.getNodes()),
          refusal.getRule(),
          where(refusal.getScope()),
          refusal.getReason());
      line(text, "            %s", refusal.getMessage());
    }
    counts(text, report);
    if (report.getOutcome() == Outcome.FUSED) {
      line(text, "  proof    %s", report.getEquivalence().getLevels().getCertificate().getReason());
      assumptions(text, report);
    }
    sizes(text, report);
    cost(text, report);
    return text.toString();
  }

  /** What is known of a model for which nothing could be planned; empty if nothing is. */
  static String contents(FusionReport report) {
    ModelSize size = report.getBefore();
    if (size == null) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    line(text, "%s: %s", report.getSource().getUri(), description(report));
    line(text, "  %-8s %,d    parameters %,d", parts(size), count(size), size.getParameters());
    beside(text, report, "carried");
    beside(text, report, "dropped");
    return text.toString();
  }

  private static String headline(Outcome outcome) {
    return switch (outcome) {
      case FUSED -> "fused";
      case NOTHING_TO_FUSE -> "nothing to fuse";
      case UNCHANGED -> "unchanged since it was fused last";
      case REJECTED -> "rejected, nothing is written";
      case FAILED -> "failed, nothing is written";
    };
  }

  private static String description(FusionReport report) {
    if (report.getSource().getIrVersion() == null) {
      return String.valueOf(report.getFormat());
    }
    Long opset = report.getSource().getOpsets().get("");
    return "%s, IR %s, %s%s"
        .formatted(
            report.getFormat(),
            report.getSource().getIrVersion(),
            opset == null ? "no opset" : "opset " + opset,
            report.getSource().getProducer() == null
                ? ""
                : ", by " + report.getSource().getProducer());
  }

  private static String where(String scope) {
    return scope.isEmpty() ? "" : " in " + scope;
  }

  private static void counts(StringBuilder text, FusionReport report) {
    Map<String, Integer> folded = new TreeMap<>();
    int containers = 0;
    for (FusionRecord fusion : report.getFusions()) {
      if (!fusion.getResult().equals(UNCHANGED)) {
        folded.merge(fusion.getModule(), 1, Integer::sum);
      } else {
        containers++;
      }
    }
    int sites = folded.values().stream().mapToInt(count -> count).sum();
    line(
        text,
        "  fused    %s%s",
        Amounts.count(sites, "site"),
        folded.isEmpty() ? "" : ": " + listed(folded));
    if (containers > 0) {
      line(
          text,
          "  as is    %s",
          Amounts.count(
              containers, "site that only forms a container", "sites that only form a container"));
    }
    if (!report.getDropped().isEmpty()) {
      line(
          text,
          "  dropped  %s: %s",
          Amounts.count(
              report.getDropped().size(), "site that was not proven", "sites that were not proven"),
          report.getDropped().stream()
              .map(fusion -> String.join(" + ", fusion.getNodes()) + cause(fusion))
              .collect(Collectors.joining(", ")));
    }
    Map<String, Integer> refused = new TreeMap<>();
    report.getRefusals().forEach(refusal -> refused.merge(refusal.getReason(), 1, Integer::sum));
    if (!refused.isEmpty()) {
      line(
          text,
          "  refused  %s: %s",
          Amounts.count(report.getRefusals().size(), "site"),
          listed(refused));
    }
  }

  private static String cause(FusionRecord dropped) {
    return dropped.getLevel() == null
        ? ""
        : " (%s, %s: %s)".formatted(dropped.getLevel(), dropped.getReason(), dropped.getMessage());
  }

  private static String listed(Map<String, Integer> counts) {
    return String.join(
        ", ",
        counts.entrySet().stream().map(count -> count.getValue() + " " + count.getKey()).toList());
  }

  private static void sizes(StringBuilder text, FusionReport report) {
    ModelSize before = report.getBefore();
    ModelSize after = report.getAfter();
    if (before != null && after != null) {
      line(
          text,
          "  %-8s %,d → %,d    parameters %,d → %,d",
          parts(before),
          count(before),
          count(after),
          before.getParameters(),
          after.getParameters());
      OperatorTable.of(before, after).forEach(row -> line(text, "  %s", row));
      if (after.getParameters() - before.getParameters() > NOTABLE_GROWTH
          && after.getParameters() > 2 * before.getParameters()) {
        line(
            text,
            "  warning  the file grows: weights are stored that were computed or shared; --max-growth bounds it");
      }
    }
    beside(text, report, "carried");
    beside(text, report, "dropped");
  }

  /** A state dict has no nodes. */
  private static String parts(ModelSize size) {
    return size.getTensors() == null ? "nodes" : "tensors";
  }

  private static long count(ModelSize size) {
    return size.getTensors() == null ? size.getNodes() : size.getTensors();
  }

  /** What a checkpoint holds beside its state dicts. */
  private static void beside(StringBuilder text, FusionReport report, String fate) {
    List<String> items =
        report.getBeside().stream()
            .filter(item -> item.getFate().equals(fate))
            .map(item -> "%s (%s)".formatted(item.getPath(), item.getDescription()))
            .toList();
    if (!items.isEmpty()) {
      line(
          text,
          "  beside   %s: %s",
          fate.equals("dropped") ? "not in the output" : "carried over",
          String.join(", ", items));
    }
  }

  /** The findings of a comparison of two models: the verdict, and what each level says. */
  static String verified(FusionReport report) {
    StringBuilder text = new StringBuilder();
    LevelsRecord levels = report.getEquivalence().getLevels();
    LevelRecord structure = levels.getStructure();
    line(text, "%s", LevelWords.of(report.getEquivalence()));
    said(text, "certificates", levels.getCertificate());
    said(text, "sites", levels.getSite());
    if (structure == null || !structure.getVerdict().equals(EQUIVALENT)) {
      said(text, "whole model", levels.getModel());
    }
    if (structure != null) {
      said(text, "structure", structure);
    }
    assumptions(text, report);
    return text.append(outputs(report)).toString();
  }

  /** What a level found, where it was judged. */
  private static void said(StringBuilder text, String name, LevelRecord level) {
    if (!level.getVerdict().equals(NOT_CHECKED)) {
      line(text, "  %s: %s", name, Printable.message(level.getReason()));
    }
  }

  private static void proof(StringBuilder text, FusionReport report) {
    String verdict = report.getEquivalence().getVerdict();
    boolean isChecked = !verdict.equals(NOT_CHECKED);
    if (!isChecked && report.getOutcome() != Outcome.FUSED) {
      return;
    }
    line(
        text,
        "  verdict  %s",
        isChecked
            ? LevelWords.of(report.getEquivalence())
            : verdict + ": " + report.getEquivalence().getLevels().getCertificate().getReason());
    if (isChecked) {
      levels(text, report);
    }
    assumptions(text, report);
    text.append(outputs(report));
  }

  /** Of a verdict that not every level was judged for, the levels, with the reason. */
  private static void levels(StringBuilder text, FusionReport report) {
    LevelsRecord levels = report.getEquivalence().getLevels();
    Map<String, LevelRecord> all = new LinkedHashMap<>();
    all.put("certificate", levels.getCertificate());
    all.put("site", levels.getSite());
    all.put("model", levels.getModel());
    if (levels.getStructure() != null) {
      all.put("structure", levels.getStructure());
    }
    if (all.values().stream().allMatch(level -> level.getVerdict().equals(EQUIVALENT))) {
      return;
    }
    all.forEach(
        (name, level) ->
            line(
                text,
                "           %s %s%s",
                name,
                level.getVerdict(),
                level.getVerdict().equals(EQUIVALENT) || level.getReason().isEmpty()
                    ? ""
                    : ": " + level.getReason()));
  }

  private static void assumptions(StringBuilder text, FusionReport report) {
    text.append(assumptions(report.getEquivalence()));
  }

  /** What a verdict rests on and the file does not show, in lines. */
  static String assumptions(EquivalenceRecord found) {
    StringBuilder text = new StringBuilder();
    Map<String, List<String>> byWhom = new LinkedHashMap<>();
    for (AssumptionRecord assumption : found.getAssumptions()) {
      byWhom.computeIfAbsent(assumption.getBy(), by -> new ArrayList<>()).add(assumption.getWhat());
    }
    byWhom.forEach(
        (by, all) ->
            line(
                text,
                "           as %s says: %s%s",
                by,
                String.join("; ", all.subList(0, Math.min(MOST_ASSUMPTIONS, all.size()))),
                all.size() > MOST_ASSUMPTIONS
                    ? "; and %d more".formatted(all.size() - MOST_ASSUMPTIONS)
                    : ""));
    return text.toString();
  }

  private static String action(FusionRecord fusion) {
    return switch (fusion.getResult()) {
      case UNCHANGED -> "as it is";
      case "renamed" -> "rename";
      default -> "fold";
    };
  }

  /** How far each output is off. */
  static String outputs(FusionReport report) {
    StringBuilder text = new StringBuilder();
    for (OutputFiguresRecord output : report.getEquivalence().getOutputs()) {
      line(
          text,
          "           %s: error %.2g of %.2g allowed, largest difference %.2g, cosine %.9f, over %s",
          output.getName(),
          output.getError(),
          output.getTolerance(),
          output.getMaxAbs(),
          output.getCosine(),
          Amounts.count(report.getEquivalence().getSamples(), "sample"));
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String format, Object... arguments) {
    text.append(Printable.line(String.format(Locale.ROOT, format, arguments)))
        .append(System.lineSeparator());
  }
}
