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

import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.state.StateFusion;
import dev.fusewright.io.format.ExtraEntry;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.report.BesideRecord;
import dev.fusewright.report.FusionRecord;
import dev.fusewright.report.RefusalRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Conversion of the fusions of a file's state dicts into a report's records; a state dict's path is
 * its scope.
 */
public final class StateRecords {
  private StateRecords() {}

  /**
   * Fusions, in the order of their lists. What had to be taken for granted of the model as a whole
   * is a note of its first one.
   */
  public static List<FusionRecord> fusions(Map<StatePath, StateFusion> fusions) {
    List<String> notes = new ArrayList<>();
    fusions.values().forEach(fusion -> notes.addAll(fusion.notes()));
    List<FusionRecord> records = new ArrayList<>();
    fusions.forEach(
        (path, fusion) -> {
          for (StateFusion.FusedGroup group : fusion.groups()) {
            records.add(record(path, group, records.isEmpty() ? notes : List.of()));
          }
        });
    return records;
  }

  /** What a file holds beside its state dicts. */
  public static List<BesideRecord> beside(List<ExtraEntry> beside) {
    return beside.stream()
        .map(
            item ->
                BesideRecord.newBuilder()
                    .setPath(item.path().toString())
                    .setDescription(item.description())
                    .setFate(item.disposition().name().toLowerCase(Locale.ROOT))
                    .build())
        .toList();
  }

  /** Groups that were planned and taken back. */
  public static List<FusionRecord> dropped(Map<StatePath, StateFusion> fusions) {
    List<FusionRecord> records = new ArrayList<>();
    fusions.forEach(
        (path, fusion) ->
            fusion.dropped().forEach(group -> records.add(record(path, group, List.of()))));
    return records;
  }

  /** Groups that were left as they are. */
  public static List<RefusalRecord> refusals(Map<StatePath, StateFusion> fusions) {
    List<Refusal> refusals = new ArrayList<>();
    fusions.forEach(
        (path, fusion) ->
            fusion
                .refusals()
                .forEach(
                    refusal ->
                        refusals.add(
                            new Refusal(
                                refusal.rule(),
                                new ScopePath(scope(path)),
                                refusal.nodes(),
                                refusal.reason(),
                                refusal.message()))));
    return PlanRecords.refusals(refusals);
  }

  /** Modules that only moved into a container changed the file too: their keys are others. */
  private static FusionRecord record(
      StatePath path, StateFusion.FusedGroup group, List<String> further) {
    List<String> notes = new ArrayList<>(group.notes());
    notes.addAll(further);
    return FusionRecord.newBuilder()
        .setRule(ModuleListException.RULE)
        .setModule(group.module())
        .setScope(scope(path))
        .setNodes(group.names())
        .setResult(Fusion.Result.FOLDED.text())
        .setNotes(notes)
        .build();
  }

  private static String scope(StatePath path) {
    return path.equals(StatePath.ROOT) ? "" : path.toString();
  }
}
