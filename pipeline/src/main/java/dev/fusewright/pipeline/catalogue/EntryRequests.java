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
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Settings;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an entry of a catalogue asks of the flow. */
public final class EntryRequests {
  private static final String NO_CANDIDATE =
      "%s: expected a candidate to verify, found none. Give the entry its candidate, or make the catalogue with fusewright catalogue ORIGINALS --pair CANDIDATES";

  private EntryRequests() {}

  /**
   * The request of an entry.
   *
   * @param settings of the run; the entry's own hold where it has any
   * @param output folder of the published models; of a run that verifies, the target is the
   *     candidate, and nothing is published
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
    FuseSettings resolved = resolved(settings, entry);
    boolean verifies = resolved.mode() == Mode.VERIFY;
    Location published = output.resolve(entry.output());
    return new FuseRequest(
        runId,
        entry.id(),
        entry.source(),
        verifies ? Objects.requireNonNullElse(entry.candidate(), published) : published,
        FuseRequest.Placement.BESIDE,
        entry.format(),
        entry.sha256(),
        conflicts,
        verifies && entry.problem() == null && entry.candidate() == null
            ? NO_CANDIDATE.formatted(entry.id())
            : entry.problem(),
        quarantine == null ? null : quarantine.resolve(entry.id()),
        resolved,
        isNamed(entry.settings()) ? FuseRequest.Naming.OWN : FuseRequest.Naming.RUN);
  }

  private static boolean isNamed(Settings settings) {
    return settings.value(SettingFields.MODULES) != null
        || settings.value(SettingFields.GRAPH) != null;
  }

  /** What is the run's only, no entry overrides: a run that publishes nothing publishes nothing. */
  private static FuseSettings resolved(Settings run, CatalogueEntry entry) {
    FuseSettings resolved = FuseSettings.resolve(Settings.merge(run, entry.settings()));
    Mode mode = run.value(SettingFields.MODE);
    return mode == null || mode.fuses() ? resolved : resolved.with(SettingFields.MODE, mode);
  }
}
