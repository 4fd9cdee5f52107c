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

import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.report.FusionRecord;
import dev.fusewright.report.RefusalRecord;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Conversion of a plan into a report's records. */
public final class PlanRecords {
  private PlanRecords() {}

  /**
   * Fusions, in plan order.
   *
   * @param scope what a report calls the scope of a fusion; empty for the main graph
   * @param epsilon of the BatchNorm that a fusion folds, where the file does not say it
   */
  public static List<FusionRecord> fusions(
      List<Fusion> fusions,
      Function<Fusion, String> scope,
      Function<Fusion, @Nullable Double> epsilon) {
    return fusions.stream()
        .map(
            fusion ->
                FusionRecord.newBuilder(fusion(fusion, scope.apply(fusion)))
                    .setEpsilon(epsilon.apply(fusion))
                    .build())
        .toList();
  }

  /**
   * Fusions that were taken out again, in the order in which that happened.
   *
   * @param scope what a report calls the scope of a fusion
   * @param causes by fusion
   */
  public static List<FusionRecord> dropped(
      List<Fusion> fusions, Function<Fusion, String> scope, Map<Fusion, DropCause> causes) {
    return fusions.stream()
        .map(fusion -> dropped(fusion(fusion, scope.apply(fusion)), causes.get(fusion)))
        .toList();
  }

  /** Refusals, in plan order. */
  public static List<RefusalRecord> refusals(List<Refusal> refusals) {
    return refusals.stream().map(PlanRecords::refusal).toList();
  }

  /** Refusals of which those of dropped fusions say what was found. */
  public static List<RefusalRecord> explained(
      List<RefusalRecord> refusals, List<FusionRecord> dropped) {
    return refusals.stream().map(refusal -> explained(refusal, dropped)).toList();
  }

  private static RefusalRecord explained(RefusalRecord refusal, List<FusionRecord> dropped) {
    if (!refusal.getReason().equals(Reason.DROPPED_BY_VERIFICATION.name())) {
      return refusal;
    }
    return dropped.stream()
        .filter(fusion -> fusion.getMessage() != null)
        .filter(fusion -> fusion.getRule().equals(refusal.getRule()))
        .filter(fusion -> fusion.getNodes().equals(refusal.getNodes()))
        .reduce((earlier, later) -> later)
        .map(
            fusion ->
                RefusalRecord.newBuilder(refusal)
                    .setMessage(
                        "%s %s, %s: %s"
                            .formatted(
                                Reason.DROPPED_BY_VERIFICATION.sentence(),
                                fusion.getLevel(),
                                fusion.getReason(),
                                fusion.getMessage()))
                    .build())
        .orElse(refusal);
  }

  private static FusionRecord fusion(Fusion fusion, String scope) {
    return FusionRecord.newBuilder()
        .setRule(fusion.rule())
        .setModule(fusion.module())
        .setScope(scope)
        .setNodes(fusion.nodes())
        .setResult(fusion.result().text())
        .setNotes(fusion.notes())
        .build();
  }

  private static FusionRecord dropped(FusionRecord fusion, @Nullable DropCause cause) {
    return cause == null
        ? fusion
        : FusionRecord.newBuilder(fusion)
            .setLevel(cause.level())
            .setReason(cause.reason())
            .setMessage(cause.message())
            .build();
  }

  private static RefusalRecord refusal(Refusal refusal) {
    return RefusalRecord.newBuilder()
        .setRule(refusal.rule())
        .setScope(refusal.scope().text())
        .setNodes(refusal.nodes())
        .setReason(refusal.reason().name())
        .setMessage(refusal.message())
        .build();
  }
}
