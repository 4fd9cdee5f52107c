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
import dev.fusewright.core.text.Printable;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.pipeline.report.LevelWords;
import dev.fusewright.report.FusionRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.ModelSize;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.OutputFiguresRecord;
import dev.fusewright.report.RefusalRecord;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a report comes to in figures, computed in one place for the page, its plots, the tables and
 * the comparison of two runs.
 */
record ModelFacts(FusionReport report) {
  private static final String BATCH_NORM = "BatchNormalization";
  private static final String UNCHANGED = "unchanged";

  /** Modes in which nothing is published. */
  private static final Set<String> LOOKS = Set.of("verify", "audit");

  /** More than so much larger than before is growth that people are told of. */
  private static final double GREW = 1.1;

  String id() {
    return Printable.line(report.getId());
  }

  Outcome outcome() {
    return report.getOutcome();
  }

  String verdict() {
    return report.getEquivalence().getVerdict();
  }

  /** The verdict with the levels that it rests on, in words. */
  String levels() {
    return LevelWords.of(report.getEquivalence());
  }

  /** What the whole-model check found: its verdict, or why it could not tell. */
  String wholeModel() {
    return LevelWords.standing(report.getEquivalence().getLevels().getModel());
  }

  /** Whether the model was only looked at: a candidate that others made, or a published one. */
  boolean isLookedAt() {
    return LOOKS.contains(report.getMode());
  }

  /** Whether it was rejected or failed. */
  boolean isProblem() {
    return outcome() == Outcome.REJECTED || outcome() == Outcome.FAILED;
  }

  /** Sites whose bytes changed. */
  long folds() {
    return report.getFusions().stream().filter(ModelFacts::isFold).count();
  }

  static boolean isFold(FusionRecord fusion) {
    return !fusion.getResult().equals(UNCHANGED);
  }

  /** Sites that only form a container. */
  long containers() {
    return report.getFusions().size() - folds();
  }

  double milliseconds() {
    return report.getTimingsMs().values().stream().mapToDouble(ms -> ms).sum();
  }

  /** Bytes of the published model; null if there is none. */
  @Nullable Long bytesOut() {
    return report.getOutput() == null ? null : (Long) report.getOutput().getBytes();
  }

  @Nullable Long nodesBefore() {
    return report.getBefore() == null ? null : (Long) report.getBefore().getNodes();
  }

  @Nullable Long nodesAfter() {
    return report.getAfter() == null ? null : (Long) report.getAfter().getNodes();
  }

  /**
   * The output whose error is the largest part of what it may be; empty where no whole model was
   * run, or its outputs would have shown nothing.
   */
  Optional<OutputFiguresRecord> worst() {
    if (wholeModel().equals(InconclusiveReason.VACUOUS.name())) {
      return Optional.empty();
    }
    return report.getEquivalence().getOutputs().stream()
        .filter(output -> !Double.isNaN(ratio(output)))
        .max(Comparator.comparingDouble(ModelFacts::ratio));
  }

  /** Error of an output as a part of its tolerance; 0 where there is no error. */
  static double ratio(OutputFiguresRecord output) {
    return output.getError() == 0 ? 0 : output.getError() / output.getTolerance();
  }

  /** The same of the worst output; null where no whole model was run. */
  @Nullable Double worstRatio() {
    return worst().map(ModelFacts::ratio).orElse(null);
  }

  /** Whether what was published is larger by more than a tenth. */
  boolean isGrown() {
    Long before = report.getSource().getBytes();
    Long after = bytesOut();
    return !isLookedAt() && before != null && after != null && after > before * GREW;
  }

  /** Whether nothing names the BatchNorms of a checkpoint. */
  boolean isUnnamed() {
    return hasRefusal(Reason.NOT_NAMED);
  }

  /**
   * Whether a whole model was exported in training form: it has BatchNorms, each was refused as one
   * in training form, and none was folded.
   */
  boolean isTrainingExport() {
    long training =
        report.getRefusals().stream()
            .filter(refusal -> refusal.getReason().equals(Reason.TRAINING_MODE.name()))
            .map(RefusalRecord::getNodes)
            .distinct()
            .count();
    return training > 0 && folds() == 0 && training >= batchNorms(report.getBefore());
  }

  private static long batchNorms(@Nullable ModelSize size) {
    return size == null ? 0 : size.getOperators().getOrDefault(BATCH_NORM, 0L);
  }

  private boolean hasRefusal(Reason reason) {
    return report.getRefusals().stream()
        .anyMatch(refusal -> refusal.getReason().equals(reason.name()));
  }

  /** How far the verdict carries, for comparing two of them: more is better. */
  int strength() {
    boolean isWhole = wholeModel().equals(Verdict.EQUIVALENT.name());
    if (verdict().equals(Verdict.EQUIVALENT.name())) {
      return isWhole ? 5 : 4;
    }
    if (verdict().equals(Verdict.AS_LISTED.name())) {
      return isWhole ? 3 : 2;
    }
    return verdict().equals(Verdict.DIFFERENT.name()) ? 0 : 1;
  }

  /** Stable codes of its refusals, each once, in order. */
  List<String> refusalReasons() {
    return report.getRefusals().stream()
        .map(refusal -> Printable.line(refusal.getReason()))
        .distinct()
        .sorted()
        .toList();
  }
}
