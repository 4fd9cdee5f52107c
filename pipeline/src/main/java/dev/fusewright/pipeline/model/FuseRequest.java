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
package dev.fusewright.pipeline.model;

import dev.fusewright.io.storage.Location;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.ModuleRequest;
import dev.fusewright.pipeline.settings.SettingFields;
import java.io.IOException;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;

/**
 * One model to be fused.
 *
 * @param runId null outside of a run
 * @param id of the catalogue's entry; of a single file, its name
 * @param target where it is published; null to publish nothing. In mode verify, the candidate
 * @param placement how the target is related to the source
 * @param format null to tell it from the file
 * @param sha256 that the source must have; null if any will do
 * @param conflicts what else is published where the target is
 * @param problem why there is no model to fuse: the request fails with it; null where there is one
 * @param quarantine folder for what shows why fusions were dropped; null to keep nothing
 * @param naming whose list of modules the settings hold
 */
public record FuseRequest(
    @Nullable String runId,
    String id,
    Location source,
    @Nullable Location target,
    Placement placement,
    @Nullable String format,
    @Nullable String sha256,
    OutputConflicts conflicts,
    @Nullable String problem,
    @Nullable Location quarantine,
    FuseSettings settings,
    Naming naming) {

  /** Whose list of modules, recipe or graph the settings hold. */
  public enum Naming {
    /** The model's own. */
    OWN,
    /** That of a run over many models, not all of which need have such modules. */
    RUN
  }

  /** How the target is related to the source. */
  public enum Placement {
    /** It is another file. */
    BESIDE,
    /** It is the source, which is replaced when the result is proven. */
    IN_PLACE
  }

  /** Whether the target is, or lies in, the folder of the source. */
  boolean isPublishedBesideItsSource() throws IOException {
    return target != null && isBeside(target, source);
  }

  /** Whether a target is, or lies in, the folder of a source. */
  static boolean isBeside(Location target, Location source) throws IOException {
    Location folder = target.parent();
    Location sources = source.parent();
    return (folder.isLocal() && sources.isLocal() && Files.exists(folder.localPath()))
        ? Files.isSameFile(folder.localPath(), sources.localPath())
        : folder.equals(sources);
  }

  /**
   * The sha256 of everything that decides what becomes of the model: its settings, and whether a
   * list in them is the run's, which need not fit.
   */
  public String digest() {
    return settings.digest(listOfRun());
  }

  /** The same, without where a companion graph is: for those who compare what is in it. */
  String contentDigest() {
    return new FuseSettings(settings.values().without(SettingFields.GRAPH)).digest(listOfRun());
  }

  private String listOfRun() {
    ModuleRequest modules = settings.modules();
    boolean isListOfRun =
        naming == Naming.RUN && (modules.list() != null || modules.graph() != null);
    return isListOfRun ? naming.name() : "";
  }

  /** The same request with other settings. */
  FuseRequest with(FuseSettings others) {
    return new FuseRequest(
        runId,
        id,
        source,
        target,
        placement,
        format,
        sha256,
        conflicts,
        problem,
        quarantine,
        others,
        naming);
  }

  /** A request of a command on a single file. */
  public static FuseRequest of(
      Location source, @Nullable Location target, Placement placement, FuseSettings settings) {
    return new FuseRequest(
        null,
        source.name(),
        source,
        target,
        placement,
        null,
        null,
        OutputConflicts.NONE,
        null,
        null,
        settings,
        Naming.OWN);
  }
}
