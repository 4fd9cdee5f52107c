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
package dev.fusewright.pipeline.run;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.pipeline.beam.PipelineArguments;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.flink.FlinkSubmitter;
import dev.fusewright.pipeline.settings.Settings;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs as most tests want them: with their reports in the output, and stores as they come. */
public final class TestRuns {
  private TestRuns() {}

  /** A new run with the usual choices. */
  public static FuseRun into(
      Path output, Location catalogue, Settings settings, String... runnerOptions) {
    return into(output, catalogue, settings, RunChoices.USUAL, null, runnerOptions);
  }

  static FuseRun into(
      Path output,
      Location catalogue,
      Settings settings,
      RunChoices choices,
      @Nullable String name,
      String... runnerOptions) {
    Location folder = Location.of(output);
    return new FuseRun(
        catalogue,
        folder,
        folder.resolve("reports"),
        settings,
        StorageConfiguration.defaults(),
        choices,
        name,
        submitter(runnerOptions));
  }

  /** Flink, with these options. */
  public static Submitter submitter(String... runnerOptions) {
    return new FlinkSubmitter(PipelineArguments.of(List.of(runnerOptions)));
  }

  /** What the workers of a run know. Nothing of its catalogue is settled. */
  public static RunSpec spec(PreparedCatalogue catalogue, Location output, int modelsPerWorker) {
    return new RunSpec(
        "a-run",
        Instant.EPOCH,
        catalogue,
        UpToDateEntries.none(catalogue),
        output,
        output.resolve("reports"),
        Settings.NONE,
        StorageConfiguration.defaults(),
        RunChoices.USUAL,
        1,
        modelsPerWorker);
  }
}
