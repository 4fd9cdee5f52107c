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
package dev.fusewright.pipeline.cli;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.StorageErrors;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.cache.CacheLookup;
import dev.fusewright.pipeline.run.FuseRun;
import dev.fusewright.pipeline.run.RunChoices;
import dev.fusewright.pipeline.run.RunFolder;
import dev.fusewright.pipeline.run.RunRecord;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Settings;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** {@code fusewright retry}. */
@Command(
    name = "retry",
    description =
        "Tries the rejected and failed entries of a run again, with that run's settings where no others are given.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "The newest complete run below --reports is retried, or the one that --run names. What is tried"
          + " is its quarantine/retry.jsonl, a catalogue like any other. The retry is a run of its own,"
          + " with its own reports.",
      "",
      "  fusewright retry --reports fused/reports --output fused/",
      "  fusewright retry --reports fused/reports --output fused/ --accept-inconclusive"
    })
final class RetryCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Verbosity verbosity;

  @Option(
      names = "--reports",
      required = true,
      paramLabel = "URI",
      description = "The folder of all runs' reports.")
  private String reports = "";

  @Option(
      names = "--output",
      required = true,
      paramLabel = "URI",
      description = "The folder of the published models.")
  private String output = "";

  @Mixin private NamedRun run;

  @Option(
      names = "--max-failures",
      paramLabel = "N",
      description =
          "When more than N entries are rejected or failed again, no more are begun. By default all are.")
  private @Nullable Long maxFailures;

  @Mixin private ProgressOptions progress;
  @Mixin private StoreOptions storage;
  @Mixin private ScratchOptions scratch;
  @Unmatched private List<String> runnerOptions = new ArrayList<>();

  @Override
  public Integer call() {
    Installation.requirePipeline("retry");
    verbosity.apply();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    StorageConfiguration configuration = scratch.apply(storage.configuration());
    Store store = SettingsOptions.store(spec, configuration);
    Location folder = SingleFile.location(reports);
    try {
      String id =
          run.id(store, folder).orElseThrow(() -> new UsageException(NamedRun.none(folder)));
      RunFolder failed = RunFolder.of(folder, id);
      RunRecord record =
          RunRecord.read(store, failed)
              .orElseThrow(
                  () ->
                      new UsageException(
                          failed.location() + ": expected a run, found no run.json in it"));
      if (failed.readSummary(store).isEmpty()) {
        throw new UsageException(
            "the run %s has not ended. Let it go on: fusewright run --run-id %s with its own options"
                .formatted(id, id));
      }
      if (store.status(failed.retry()).filter(file -> file.bytes() > 0).isEmpty()) {
        out.printf("nothing to retry: the run %s rejected nothing and nothing failed%n", id);
        out.flush();
        return ExitCode.OK;
      }
      return new RunExecution(out, err, verbosity, progress)
          .run(
              new FuseRun(
                  failed.retry(),
                  SingleFile.location(output),
                  folder,
                  Settings.merge(trusted(record.settings()), SettingsOptions.of(spec)),
                  configuration,
                  new RunChoices(CacheLookup.Trust.EVERY_RUN, maxFailures),
                  null,
                  RunnerOptions.submitter(runnerOptions)));
    } catch (IllegalArgumentException | FileNotFoundException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      err.println("fusewright: the store failed: " + StorageErrors.describe(e));
      return ExitCode.NOTHING;
    }
  }

  /** A file in a store does not say which program is started here. */
  private static Settings trusted(Settings recorded) {
    return recorded.without(SettingFields.TORCH_RUNNER);
  }
}
