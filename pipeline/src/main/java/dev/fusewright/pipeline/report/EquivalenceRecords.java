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

import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.OperandDigest;
import dev.fusewright.core.verdict.SiteResult;
import dev.fusewright.core.verdict.StoredFigures;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.Comparison;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.core.verify.OutputFigures;
import dev.fusewright.report.AssumptionRecord;
import dev.fusewright.report.EquivalenceRecord;
import dev.fusewright.report.LevelRecord;
import dev.fusewright.report.LevelsRecord;
import dev.fusewright.report.OperandRecord;
import dev.fusewright.report.OutputFiguresRecord;
import dev.fusewright.report.SiteRecord;
import dev.fusewright.report.StoredRecord;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Conversion of a proof's results into a report's records. */
public final class EquivalenceRecords {
  private EquivalenceRecords() {}

  /**
   * Everything that checking brought to light.
   *
   * @param runner what ran the models; null if nothing did
   */
  public static EquivalenceRecord of(Equivalence equivalence, @Nullable String runner) {
    return EquivalenceRecord.newBuilder()
        .setVerdict(equivalence.verdict().name())
        .setLevels(levels(equivalence))
        .setRunner(runner)
        .setSamples(equivalence.samples())
        .setSeed(equivalence.seed())
        .setOutputs(equivalence.outputs().stream().map(EquivalenceRecords::output).toList())
        .setSites(equivalence.sites().stream().map(EquivalenceRecords::site).toList())
        .setAssumptions(
            equivalence.assumptions().stream().map(EquivalenceRecords::assumption).toList())
        .build();
  }

  /** A field of the record for each level, by the level's name; only pairs have a structure. */
  private static LevelsRecord levels(Equivalence equivalence) {
    LevelsRecord levels = new LevelsRecord();
    for (Level level : Level.values()) {
      LevelVerdict found = equivalence.level(level);
      if (level != Level.STRUCTURE || found.verdict() != Verdict.NOT_CHECKED) {
        levels.put(level.name().toLowerCase(Locale.ROOT), level(found));
      }
    }
    return levels;
  }

  private static AssumptionRecord assumption(Assumption assumption) {
    return AssumptionRecord.newBuilder().setWhat(assumption.what()).setBy(assumption.by()).build();
  }

  private static LevelRecord level(LevelVerdict level) {
    return LevelRecord.newBuilder()
        .setVerdict(level.verdict().name())
        .setDoubt(level.doubt() == null ? null : level.doubt().name())
        .setReason(level.reason())
        .build();
  }

  private static OutputFiguresRecord output(OutputFigures output) {
    Comparison comparison = output.comparison();
    return OutputFiguresRecord.newBuilder()
        .setName(output.name())
        .setSample(output.sample())
        .setError(comparison.error())
        .setMaxAbs(comparison.maxAbs())
        .setMaxRel(comparison.maxRel())
        .setMeanAbs(comparison.meanAbs())
        .setCosine(comparison.cosine())
        .setSnrDb(comparison.snrDb())
        .setMagnitude(comparison.magnitude())
        .setMaxUlp(comparison.maxUlp())
        .setUlpHistogram(comparison.ulpHistogram())
        .setArgmaxFlips(comparison.argmaxFlips())
        .setMaskMismatches(comparison.maskMismatches())
        .setNoiseFloor(output.noiseFloor())
        .setTolerance(output.tolerance())
        .setVisibleFault(output.visibleFault())
        .setDeadChannels(output.deadChannels())
        .build();
  }

  private static SiteRecord site(SiteResult site) {
    return SiteRecord.newBuilder()
        .setRule(site.rule())
        .setScope(site.scope())
        .setNodes(site.nodes())
        .setCertificate(level(site.certificate()))
        .setSite(level(site.site()))
        .setOperands(site.operands().stream().map(EquivalenceRecords::operand).toList())
        .setStored(site.stored() == null ? null : stored(site.stored()))
        .build();
  }

  private static OperandRecord operand(OperandDigest operand) {
    return OperandRecord.newBuilder()
        .setName(operand.name())
        .setType(operand.type().name().toLowerCase(Locale.ROOT))
        .setShape(operand.shape().dims())
        .setSha256(operand.sha256())
        .build();
  }

  /** A range of nothing has no ends. */
  private static StoredRecord stored(StoredFigures stored) {
    return StoredRecord.newBuilder()
        .setWeights(stored.weights())
        .setLeast(stored.weights() == 0 ? null : stored.least())
        .setLargest(stored.weights() == 0 ? null : stored.largest())
        .setZeros(stored.zeros())
        .setSubnormals(stored.subnormals())
        .setWeightUlps(stored.weightUlps())
        .setBiasUlps(stored.biasUlps())
        .build();
  }
}
