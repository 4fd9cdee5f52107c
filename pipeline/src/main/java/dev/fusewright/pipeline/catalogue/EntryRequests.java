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
package dev.fusewright.pipeline.catalogue;

import dev.fusewright.io.storage.Location;
import dev.fusewright.pipeline.model.FuseRequest;
import dev.fusewright.pipeline.model.OutputConflicts;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.Settings;
import org.jspecify.annotations.Nullable;

/** What an entry of a catalogue asks of the flow. */
public final class EntryRequests {
  private EntryRequests() {}

  /**
   * The request of an entry.
   *
   * @param settings of the run; the entry's own hold where it has any
   * @param output folder of the published models
   * @param runId null to plan, when nothing is published
   * @param conflicts what else the run publishes
   * @param quarantine folder of the run for what shows why fusions were dropped; null to keep
   *     nothing
   */
  public static FuseRequest of(
      CatalogueEntry entry,
      @Nullable String runId,
      Settings settings,
      Location output,
      OutputConflicts conflicts,
      @Nullable Location quarantine) {
    return new FuseRequest(
        runId,
        entry.id(),
        entry.source(),
        output.resolve(entry.output()),
        FuseRequest.Placement.BESIDE,
        entry.format(),
        entry.sha256(),
        conflicts,
        entry.problem(),
        quarantine == null ? null : quarantine.resolve(entry.id()),
        FuseSettings.resolve(Settings.merge(settings, entry.settings())));
  }
}
