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

import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.report.AssumptionRecord;
import dev.fusewright.report.FusionRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.OutputFile;
import dev.fusewright.report.RefusalRecord;
import java.io.Serializable;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Totals of many reports, in a fixed amount of memory. Adding up is commutative: the order of
 * reports and the number of part files do not matter.
 */
public final class RunTotals implements Serializable {
  /** Mode of reports on candidates that others made: nothing is published. */
  private static final String VERIFY = "verify";

  private static final long serialVersionUID = 1L;

  /** How many problems and slow models a summary names. */
  private static final int MOST_NAMED = 50;

  /** An entry of which nothing was published. */
  record Problem(String id, Outcome outcome, String stage, String message)
      implements Serializable, Comparable<Problem> {
    @Override
    public int compareTo(Problem other) {
      return id.compareTo(other.id);
    }
  }

  /** Duration of one entry. */
  record Duration(String id, double milliseconds) implements Serializable, Comparable<Duration> {
    private static final Comparator<Duration> SLOWEST_FIRST =
        Comparator.comparingDouble(Duration::milliseconds).reversed().thenComparing(Duration::id);

    @Override
    public int compareTo(Duration other) {
      return SLOWEST_FIRST.compare(this, other);
    }
  }

  private final EnumMap<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
  private final TreeMap<String, Long> verdicts = new TreeMap<>();
  private final TreeMap<String, TreeMap<String, Long>> levels = new TreeMap<>();
  private final TreeMap<String, Long> assumptions = new TreeMap<>();
  private final TreeMap<String, Long> fusions = new TreeMap<>();
  private final TreeMap<String, Long> refusals = new TreeMap<>();
  private final TreeMap<String, Long> drops = new TreeMap<>();
  private final TreeMap<String, Double> stages = new TreeMap<>();
  private final TreeSet<Problem> problems = new TreeSet<>();
  private final TreeSet<Duration> slowest = new TreeSet<>();
  private long unnamed;
  private long reused;
  private long droppedFusions;
  private long bytesIn;
  private long bytesOut;

  /** Adds one report. */
  public void add(FusionReport report) {
    outcomes.merge(report.getOutcome(), 1L, Long::sum);
    verdicts.merge(report.getEquivalence().getVerdict(), 1L, Long::sum);
    LevelWords.standings(report.getEquivalence().getLevels())
        .forEach((level, standing) -> count(level, standing, 1));
    report.getEquivalence().getAssumptions().stream()
        .map(AssumptionRecord::getBy)
        .distinct()
        .forEach(by -> assumptions.merge(by, 1L, Long::sum));
    if (report.getOutcome() == Outcome.FUSED) {
      report
          .getFusions()
          .forEach(
              fusion -> fusions.merge(fusion.getRule() + " " + fusion.getResult(), 1L, Long::sum));
    }
    for (RefusalRecord refusal : report.getRefusals()) {
      refusals.merge(refusal.getReason(), 1L, Long::sum);
    }
    report.getTimingsMs().forEach((stage, ms) -> stages.merge(stage, ms, Double::sum));
    if (report.getError() != null) {
      problems.add(
          new Problem(
              report.getId(),
              report.getOutcome(),
              report.getError().getStage(),
              report.getError().getMessage()));
    }
    if (!report.getTimingsMs().isEmpty()) {
      slowest.add(
          new Duration(
              report.getId(), report.getTimingsMs().values().stream().mapToDouble(ms -> ms).sum()));
    }
    for (FusionRecord dropped : report.getDropped()) {
      String cause =
          dropped.getLevel() == null ? "unknown" : dropped.getLevel() + " " + dropped.getReason();
      drops.merge(cause, 1L, Long::sum);
    }
    if (isUnnamed(report)) {
      unnamed++;
    }
    if (isReuse(report)) {
      reused++;
    }
    droppedFusions += report.getDropped().size();
    bytesIn += bytesIn(report);
    bytesOut += bytesOut(report);
    forget();
  }

  private static boolean isUnnamed(FusionReport report) {
    return (report.getOutcome() == Outcome.NOTHING_TO_FUSE
            || report.getOutcome() == Outcome.UNCHANGED)
        && report.getRefusals().stream()
            .anyMatch(refusal -> refusal.getReason().equals(Reason.NOT_NAMED.name()));
  }

  /** Whether a model was published now as another of the same content was. */
  public static boolean isReuse(FusionReport report) {
    return report.getReusedFrom() != null && report.getOutcome() != Outcome.UNCHANGED;
  }

  /** Bytes of the source, if there was anything to do with it. */
  public static long bytesIn(FusionReport report) {
    return report.getOutcome() == Outcome.UNCHANGED
        ? 0
        : Objects.requireNonNullElse(report.getSource().getBytes(), 0L);
  }

  /** Bytes of the model that was published now. */
  public static long bytesOut(FusionReport report) {
    OutputFile output = report.getOutput();
    boolean isPublished =
        output != null
            && report.getOutcome() != Outcome.UNCHANGED
            && !report.getMode().equals(VERIFY);
    return isPublished ? output.getBytes() : 0;
  }

  /** Adds the totals of other reports. */
  public void add(RunTotals other) {
    other.outcomes.forEach((outcome, count) -> outcomes.merge(outcome, count, Long::sum));
    other.verdicts.forEach((verdict, count) -> verdicts.merge(verdict, count, Long::sum));
    other.levels.forEach(
        (level, counts) -> counts.forEach((standing, count) -> count(level, standing, count)));
    other.assumptions.forEach((by, count) -> assumptions.merge(by, count, Long::sum));
    other.fusions.forEach((rule, count) -> fusions.merge(rule, count, Long::sum));
    other.refusals.forEach((reason, count) -> refusals.merge(reason, count, Long::sum));
    other.drops.forEach((cause, count) -> drops.merge(cause, count, Long::sum));
    other.stages.forEach((stage, ms) -> stages.merge(stage, ms, Double::sum));
    problems.addAll(other.problems);
    slowest.addAll(other.slowest);
    unnamed += other.unnamed;
    reused += other.reused;
    droppedFusions += other.droppedFusions;
    bytesIn += other.bytesIn;
    bytesOut += other.bytesOut;
    forget();
  }

  private void count(String level, String standing, long reports) {
    levels.computeIfAbsent(level, name -> new TreeMap<>()).merge(standing, reports, Long::sum);
  }

  private void forget() {
    while (problems.size() > MOST_NAMED) {
      problems.pollLast();
    }
    while (slowest.size() > MOST_NAMED) {
      slowest.pollLast();
    }
  }

  /** How many entries ended so. */
  public long count(Outcome outcome) {
    return outcomes.getOrDefault(outcome, 0L);
  }

  /** How many entries have such a verdict, whatever became of them. */
  public long count(Verdict verdict) {
    return verdicts.getOrDefault(verdict.name(), 0L);
  }

  /** By verdict. */
  Map<String, Long> verdicts() {
    return verdicts;
  }

  /** By level of checking, what it found, and of how many entries. */
  Map<String, ? extends Map<String, Long>> levels() {
    return levels;
  }

  /** Models whose verdict rests on somebody's word, by whose. */
  Map<String, Long> assumptions() {
    return assumptions;
  }

  /** How many entries there are reports of. */
  public long total() {
    return outcomes.values().stream().mapToLong(count -> count).sum();
  }

  /** Entries of which nothing was published, because it was not proven or could not be done. */
  public long notPublished() {
    return count(Outcome.REJECTED) + count(Outcome.FAILED);
  }

  /** State dicts that were left as they are because nothing names their BatchNorms. */
  long unnamed() {
    return unnamed;
  }

  /** Models that were published as another of the same content was, with its proof. */
  long reused() {
    return reused;
  }

  long droppedFusions() {
    return droppedFusions;
  }

  /** Fusions that were dropped, by the level that did not confirm them and the reason. */
  Map<String, Long> drops() {
    return drops;
  }

  long bytesIn() {
    return bytesIn;
  }

  long bytesOut() {
    return bytesOut;
  }

  /** Of published models, by rule and result. */
  Map<String, Long> fusions() {
    return fusions;
  }

  /** By reason. */
  Map<String, Long> refusals() {
    return refusals;
  }

  /** Milliseconds by stage, added up over all models. */
  Map<String, Double> stages() {
    return stages;
  }

  /** The first ones by id. */
  Iterable<Problem> problems() {
    return problems;
  }

  /** The slowest first. */
  Iterable<Duration> slowest() {
    return slowest;
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof RunTotals other
        && outcomes.equals(other.outcomes)
        && verdicts.equals(other.verdicts)
        && levels.equals(other.levels)
        && assumptions.equals(other.assumptions)
        && fusions.equals(other.fusions)
        && refusals.equals(other.refusals)
        && stages.equals(other.stages)
        && problems.equals(other.problems)
        && slowest.equals(other.slowest)
        && drops.equals(other.drops)
        && unnamed == other.unnamed
        && reused == other.reused
        && droppedFusions == other.droppedFusions
        && bytesIn == other.bytesIn
        && bytesOut == other.bytesOut;
  }

  @Override
  public int hashCode() {
    return Objects.hash(outcomes, verdicts, fusions, refusals, droppedFusions, bytesIn, bytesOut);
  }
}
