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
import static dev.fusewright.pipeline.audit.Grid.link;

import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.text.Printable;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.pipeline.report.LevelWords;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.report.FusionRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.OutputFiguresRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Sums of a run's reports for the page: one report at a time, none of which is kept. */
final class PageBuilder {
  private static final int MOST_NAMED = 10;
  private static final int MOST_CHANGED = 25;

  /** Growth that is told of. */
  private static final double WORTH_TELLING = 1.005;

  private final Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
  private final Map<String, Long> verdicts = new TreeMap<>();
  private final Map<String, Map<String, Long>> levels = new LinkedHashMap<>();
  private final Map<Gap, Long> gaps = new TreeMap<>();
  private final Map<String, long[]> fusions = new TreeMap<>();
  private final Map<String, Double> stages = new TreeMap<>();
  private final TreeSet<String> runners = new TreeSet<>();
  private final TreeSet<String> builds = new TreeSet<>();
  private final TreeSet<String> rules = new TreeSet<>();
  private final Causes causes = new Causes();
  private final Top<Worst> worst = new Top<>(MOST_NAMED);
  private final Top<Named> grown = new Top<>(MOST_NAMED);
  private final Top<Named> slowest = new Top<>(MOST_NAMED);
  private final Top<Moved> moved = new Top<>(MOST_CHANGED);
  private final PointCloud errors = new PointCloud(1e-18);
  private final PointCloud sizes = new PointCloud(1);
  private final Histogram times = new Histogram();
  private final Histogram folds = new Histogram();
  private long models;
  private long changed;
  private long trainingExports;
  private long grownModels;
  private long unnamed;
  private long dropped;
  private long droppedModels;
  private long withAssumptions;
  private long withoutProof;
  private long doubtful;
  private long partly;
  private long lookedAt;
  private long compared;
  private long exact;
  private long beforeBytes;
  private long afterBytes;
  private long readBytes;
  private long writtenBytes;
  private double milliseconds;

  private record Worst(
      String id, long number, String output, double error, double tolerance, long ulp) {}

  private record Named(String id, long number, double before, double after) {}

  /** A level that a verdict does not rest on, and what it found. */
  private record Gap(String level, String standing) implements Comparable<Gap> {
    private static final String WHOLE_MODEL = "whole model";

    @Override
    public int compareTo(Gap other) {
      return Comparator.comparing(Gap::level)
          .reversed()
          .thenComparing(Gap::standing)
          .compare(this, other);
    }

    boolean isOfWholeModel() {
      return level.equals(WHOLE_MODEL);
    }

    /** What the standing means, in words. */
    String why() {
      if (standing.equals(Verdict.NOT_CHECKED.name())) {
        return "it was not asked for, or there is nothing that could be run";
      }
      for (InconclusiveReason reason : InconclusiveReason.values()) {
        if (reason.name().equals(standing)) {
          return why(reason);
        }
      }
      return "it could not tell";
    }

    private static String why(InconclusiveReason reason) {
      return switch (reason) {
        case NO_KERNEL -> "the runner has no kernel for an operator";
        case DUPLICATE_NAMES -> "nodes of one scope share a name, which the runner does not take";
        case MEMORY -> "it needs more memory than the runner may use";
        case VACUOUS -> "outputs that would hardly move, whatever was wrong";
        case NOISE -> "the original itself moves by more than the widest tolerance";
        case OUTPUT_TYPE -> "an output is of a type that cannot be compared";
        case NO_INPUTS -> "no inputs could be made on which the original runs";
        case RUNNER_CRASHED -> "the process that ran the original died, twice";
        case TIME_LIMIT -> "the original took longer than it may";
        case RUNNER -> "the runner could not be started, or refused the original";
        case DEFECT -> "the check itself failed";
        case OTHER_FILES -> "the report is about other files";
        case OTHER_STRUCTURE -> "the graphs differ, which does not say that what they compute does";
      };
    }
  }

  private record Moved(String id, long number, Change change, String levels) {}

  /** Adds the report of the next model. */
  void add(FusionReport report, Optional<Change> change) {
    ModelFacts facts = new ModelFacts(report);
    long number = models++;
    outcomes.merge(report.getOutcome(), 1L, Long::sum);
    causes.add(report, number);
    lookedAt += facts.isLookedAt() ? 1 : 0;
    addVerdict(facts);
    addErrors(facts, number);
    addSizes(facts, number);
    addTime(facts, number);
    for (FusionRecord fusion : report.getFusions()) {
      long[] counts = fusions.computeIfAbsent(Printable.line(fusion.getRule()), r -> new long[2]);
      counts[ModelFacts.isFold(fusion) ? 0 : 1]++;
      rules.add(fusion.getRule());
    }
    report.getRefusals().forEach(refusal -> rules.add(refusal.getRule()));
    dropped += report.getDropped().size();
    droppedModels += report.getDropped().isEmpty() ? 0 : 1;
    trainingExports += facts.isTrainingExport() ? 1 : 0;
    unnamed += facts.isUnnamed() ? 1 : 0;
    withAssumptions += report.getEquivalence().getAssumptions().isEmpty() ? 0 : 1;
    folds.add(Histogram.doubling(facts.folds()));
    builds.add(
        Printable.line(
            "%s %s"
                .formatted(
                    report.getProvenance().getConverter(),
                    report.getProvenance().getConverterVersion())));
    if (report.getEquivalence().getRunner() != null) {
      runners.add(Printable.line(report.getEquivalence().getRunner()));
    }
    change.ifPresent(
        c ->
            moved.add(
                -List.of(Change.values()).indexOf(c),
                new Moved(facts.id(), number, c, facts.levels())));
  }

  /** A model in which nothing is fused has nothing to prove. */
  private void addVerdict(ModelFacts facts) {
    if (facts.folds() == 0 && facts.verdict().equals(Verdict.NOT_CHECKED.name())) {
      return;
    }
    changed++;
    verdicts.merge(facts.levels(), 1L, Long::sum);
    LevelWords.standings(facts.report().getEquivalence().getLevels())
        .forEach(
            (level, standing) ->
                levels
                    .computeIfAbsent(level, name -> new TreeMap<>())
                    .merge(standing, 1L, Long::sum));
    if (!facts.isProblem() && !facts.isLookedAt()) {
      addGaps(facts);
    }
  }

  /** Of a model that was published: every level that did not confirm it. */
  private void addGaps(ModelFacts facts) {
    String verdict = facts.verdict();
    if (verdict.equals(Verdict.NOT_CHECKED.name())) {
      withoutProof++;
    } else if (verdict.equals(Verdict.EQUIVALENT.name())
        || verdict.equals(Verdict.AS_LISTED.name())) {
      Map<String, String> standings =
          new TreeMap<>(LevelWords.standings(facts.report().getEquivalence().getLevels()));
      standings.values().removeIf(Verdict.EQUIVALENT.name()::equals);
      standings.forEach((level, found) -> gaps.merge(new Gap(level, found), 1L, Long::sum));
      partly += standings.isEmpty() ? 0 : 1;
    } else {
      doubtful++;
    }
  }

  private void addErrors(ModelFacts facts, long number) {
    Optional<OutputFiguresRecord> output = facts.worst();
    if (output.isPresent()) {
      OutputFiguresRecord figures = output.get();
      compared++;
      if (figures.getError() == 0) {
        exact++;
      } else {
        errors.add(figures.getTolerance(), figures.getError());
      }
      worst.add(
          ModelFacts.ratio(figures),
          new Worst(
              facts.id(),
              number,
              Printable.line(figures.getName()),
              figures.getError(),
              figures.getTolerance(),
              figures.getMaxUlp()));
    }
  }

  private void addSizes(ModelFacts facts, long number) {
    readBytes += RunTotals.bytesIn(facts.report());
    writtenBytes += RunTotals.bytesOut(facts.report());
    Long before = facts.report().getSource().getBytes();
    Long after = facts.bytesOut();
    if (before != null && after != null && !facts.isLookedAt()) {
      beforeBytes += before;
      afterBytes += after;
      sizes.add(before, after);
      if (facts.isGrown()) {
        grownModels++;
      }
      if (after > before * WORTH_TELLING) {
        grown.add((double) after / before, new Named(facts.id(), number, before, after));
      }
    }
  }

  /** The time of an entry that is unchanged is that of the attempt that made it. */
  private void addTime(ModelFacts facts, long number) {
    if (facts.outcome() == Outcome.UNCHANGED || facts.report().getTimingsMs().isEmpty()) {
      return;
    }
    double ms = facts.milliseconds();
    milliseconds += ms;
    facts
        .report()
        .getTimingsMs()
        .forEach((stage, time) -> stages.merge(Printable.line(stage), time, Double::sum));
    times.add((int) Math.floor(2 * Math.log10(Math.max(1, ms))));
    slowest.add(ms, new Named(facts.id(), number, ms, ms));
  }

  long models() {
    return models;
  }

  long count(Outcome outcome) {
    return outcomes.getOrDefault(outcome, 0L);
  }

  /** Models with something to fuse, whether they were published or not. */
  long changed() {
    return changed;
  }

  /** Rules that fused or refused something. */
  SortedSet<String> rules() {
    return rules;
  }

  /** What ran the models. */
  SortedSet<String> runners() {
    return runners;
  }

  /** What made the models, also in the runs in which those that are unchanged were made. */
  SortedSet<String> builds() {
    return builds;
  }

  /** What the run comes to. */
  List<String> statement() {
    if (lookedAt > 0) {
      return List.of(
          "%s in the catalogue, %s of them only looked at (mode verify or audit): nothing was published of those."
              .formatted(Amounts.count(models, "model"), Amounts.count(lookedAt)),
          "%s rejected, %s failed; what each verdict rests on is counted below."
              .formatted(
                  Amounts.count(count(Outcome.REJECTED)), Amounts.count(count(Outcome.FAILED))));
    }
    long published = models - count(Outcome.REJECTED) - count(Outcome.FAILED);
    List<String> sentences = new ArrayList<>();
    sentences.add(
        "%s in the catalogue: %s published or left as they were, %s not."
            .formatted(
                Amounts.count(models, "model"),
                Amounts.count(published),
                Amounts.count(models - published)));
    if (changed > 0) {
      sentences.add(
          "%s something to fuse; what each verdict rests on is counted below."
              .formatted(Amounts.count(changed, "model has", "models have")));
    }
    if (withoutProof > 0) {
      sentences.add(
          "%s published without a proof: none was asked for."
              .formatted(Amounts.count(withoutProof, "model was", "models were")));
    }
    if (partly > 0) {
      sentences.add(
          "Of %s a level is missing from the verdict, or could not tell: see the findings."
              .formatted(Amounts.count(partly, "published model")));
    }
    return sentences;
  }

  List<AuditPage.Tally> outcomes() {
    Map<Outcome, String> names = new EnumMap<>(Outcome.class);
    names.put(Outcome.FUSED, "fused and published");
    names.put(
        Outcome.NOTHING_TO_FUSE,
        lookedAt > 0 ? "nothing to fuse, or nothing against it" : "nothing to fuse");
    names.put(Outcome.UNCHANGED, "unchanged since earlier");
    names.put(Outcome.REJECTED, "rejected");
    names.put(Outcome.FAILED, "failed");
    List<AuditPage.Tally> tallies = new ArrayList<>();
    for (Outcome outcome : Outcome.values()) {
      tallies.add(
          new AuditPage.Tally(
              outcome.name(),
              names.getOrDefault(outcome, outcome.name()),
              Amounts.count(count(outcome)),
              Places.models("outcome", outcome.name())));
    }
    return tallies;
  }

  List<AuditPage.Finding> findings() {
    List<AuditPage.Finding> findings = new ArrayList<>();
    finding(
        findings,
        "bad",
        "FAILED",
        count(Outcome.FAILED),
        "not read or not done; nothing was published",
        Places.models("outcome", "FAILED"));
    finding(
        findings,
        "bad",
        "REJECTED",
        count(Outcome.REJECTED),
        "not proven; nothing was published",
        Places.models("outcome", "REJECTED"));
    finding(
        findings,
        "bad",
        "WRONG_EXPORT",
        trainingExports,
        "exported in training form: every BatchNorm has TRAINING_MODE and none could be fused. To be"
            + " exported again in eval mode",
        Places.models("flag", "wrong-export"));
    finding(
        findings,
        "look",
        "WITHOUT_PROOF",
        withoutProof,
        "changed and published without a proof, as was asked for",
        Places.published("verdict", Verdict.NOT_CHECKED.name()));
    finding(
        findings,
        "bad",
        "DOUBTFUL",
        doubtful,
        "published, though neither proven nor refuted, as was asked for",
        Places.published("verdict", Verdict.INCONCLUSIVE.name()));
    gaps.forEach(
        (gap, count) ->
            finding(
                findings,
                gap.standing().equals(Verdict.NOT_CHECKED.name()) ? "know" : "look",
                (gap.level() + " " + gap.standing()).replace(' ', '_').toUpperCase(Locale.ROOT),
                count,
                "changed and published, with a verdict that does not rest on this level: "
                    + gap.why(),
                gap.isOfWholeModel() ? Places.published("whole", gap.standing()) : "#proof"));
    finding(
        findings,
        "look",
        "DROPPED",
        droppedModels,
        "with fusions taken back that verification did not confirm: "
            + Amounts.count(dropped, "fusion"),
        Places.models("flag", "dropped"));
    finding(
        findings,
        "look",
        "GROWN",
        grownModels,
        "larger by more than a tenth",
        Places.models("flag", "grown"));
    finding(
        findings,
        "know",
        "ASSUMPTIONS",
        withAssumptions,
        "with a verdict that rests on somebody's word: a list, a recipe, an option",
        Places.models("flag", "assumptions"));
    finding(
        findings,
        "know",
        "NOT_NAMED",
        unnamed,
        "of a checkpoint whose BatchNorms nothing names, left as before",
        Places.models("flag", "unnamed"));
    return findings;
  }

  private static void finding(
      List<AuditPage.Finding> findings,
      String weight,
      String code,
      long count,
      String sentence,
      String link) {
    if (count > 0) {
      findings.add(
          new AuditPage.Finding(weight, code, Amounts.count(count, "model"), sentence, link));
    }
  }

  Grid verdicts() {
    Grid.Builder grid =
        Grid.of("Verdicts, with what they rest on, of the models with something to fuse")
            .text("verdict")
            .number("models");
    verdicts.entrySet().stream()
        .sorted(Comparator.comparingLong(count -> -count.getValue()))
        .forEach(
            verdict ->
                grid.row(
                    link(verdict.getKey(), Places.models("words", verdict.getKey())),
                    cell(Amounts.count(verdict.getValue()))));
    return grid.build();
  }

  Grid levels() {
    Grid.Builder grid =
        Grid.of("What each level found").text("level").text("found").number("models");
    levels.forEach(
        (level, counts) ->
            counts.forEach(
                (standing, count) ->
                    grid.row(
                        cell(level),
                        level.equals("whole model")
                            ? link(standing, Places.models("whole", standing))
                            : cell(standing),
                        cell(Amounts.count(count)))));
    return grid.build();
  }

  List<Plot> plots() {
    List<Plot> plots = new ArrayList<>();
    if (errors.points() > 0) {
      plots.add(
          errors.plot(
              "Error against tolerance",
              "Worst output of each of %s that differed at all when run as a whole: %s above the tolerance. %s no difference."
                  .formatted(
                      Amounts.count(errors.points(), "model"),
                      Amounts.count(errors.above()),
                      Amounts.count(exact, "model has", "models have")),
              "tolerance",
              "error",
              PointCloud::power,
              "error = tolerance",
              /* aboveIsFault= */ true));
    }
    if (sizes.points() > 0) {
      plots.add(
          sizes.plot(
              "Size before and after",
              "Files of %s: %s before, %s after."
                  .formatted(
                      Amounts.count(sizes.points(), "published model"),
                      Amounts.bytes(beforeBytes),
                      Amounts.bytes(afterBytes)),
              "before",
              "after",
              Figures::wholeBytes,
              "same size",
              /* aboveIsFault= */ false));
    }
    if (!times.isEmpty()) {
      plots.add(
          times.plot(
              "Time per model",
              "All stages of each model that was worked on: %s together."
                  .formatted(Figures.seconds(milliseconds / 1e3)),
              "from, in half powers of ten",
              half -> Figures.seconds(Math.pow(10, half / 2.0) / 1e3)));
    }
    if (!folds.isEmpty()) {
      plots.add(
          folds.plot(
              "Folds per model",
              "Sites whose bytes changed, in classes that double.",
              "folds",
              Histogram::doublingName));
    }
    return plots;
  }

  Grid worst() {
    Grid.Builder grid =
        Grid.of("Outputs of whole models, those nearest to their tolerance first")
            .code("model")
            .code("output")
            .number("error")
            .number("tolerance")
            .number("part of it")
            .number("largest ulp");
    for (Worst model : worst.items()) {
      grid.row(
          link(model.id(), Places.model(model.number())),
          cell(model.output()),
          cell(Figures.figure(model.error())),
          cell(Figures.figure(model.tolerance())),
          cell(Figures.percent(model.error(), model.tolerance())),
          cell(Amounts.count(model.ulp())));
    }
    return grid.build();
  }

  Grid growth() {
    Grid.Builder grid =
        Grid.of("Largest growth of a file")
            .code("model")
            .number("before")
            .number("after")
            .number("change");
    for (Named model : grown.items()) {
      grid.row(
          link(model.id(), Places.model(model.number())),
          cell(Amounts.bytes((long) model.before())),
          cell(Amounts.bytes((long) model.after())),
          cell(Figures.change(model.before(), model.after())));
    }
    return grid.build();
  }

  Grid slowest() {
    Grid.Builder grid = Grid.of("Slowest models").code("model").number("time");
    for (Named model : slowest.items()) {
      grid.row(
          link(model.id(), Places.model(model.number())),
          cell(Figures.seconds(model.before() / 1e3)));
    }
    return grid.build();
  }

  Grid stages() {
    Grid.Builder grid =
        Grid.of("Time by stage, added up over all models")
            .text("stage")
            .number("time")
            .number("part");
    stages.entrySet().stream()
        .sorted(Comparator.comparingDouble(stage -> -stage.getValue()))
        .forEach(
            stage ->
                grid.row(
                    cell(stage.getKey()),
                    cell(Figures.seconds(stage.getValue() / 1e3)),
                    cell(Figures.percent(stage.getValue(), milliseconds))));
    return grid.build();
  }

  Grid fusions() {
    Grid.Builder grid =
        Grid.of("Fusions by rule").code("rule").number("folded").number("container only");
    fusions.forEach(
        (rule, counts) ->
            grid.row(
                RuleList.has(rule) ? link(rule, Places.rule(rule)) : cell(rule),
                cell(Amounts.count(counts[0])),
                cell(Amounts.count(counts[1]))));
    return grid.build();
  }

  Causes causes() {
    return causes;
  }

  Grid moved() {
    Grid.Builder grid =
        Grid.of("The gravest of them").code("model").text("change").text("verdict now");
    for (Moved model : moved.items()) {
      grid.row(
          link(model.id(), Places.model(model.number())),
          cell(model.change().title()),
          cell(model.levels()));
    }
    return grid.build();
  }

  /** Bytes of published models, before and after, and what was read and written by this run. */
  List<AuditPage.Fact> cost() {
    return List.of(
        fact(
            "Size",
            "%s before, %s after (%s)"
                .formatted(
                    Amounts.bytes(beforeBytes),
                    Amounts.bytes(afterBytes),
                    Figures.change((double) beforeBytes, (double) afterBytes))),
        fact(
            "Moved",
            "%s read, %s written".formatted(Amounts.bytes(readBytes), Amounts.bytes(writtenBytes))),
        fact("Work", Figures.seconds(milliseconds / 1e3) + ", all models' stages added up"),
        fact("Compared as wholes", Amounts.count(compared, "model")));
  }

  private static AuditPage.Fact fact(String name, String value) {
    return new AuditPage.Fact(name, value, /* isCode= */ false);
  }
}
