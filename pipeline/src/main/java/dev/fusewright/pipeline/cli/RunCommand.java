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

import dev.fusewright.pipeline.run.FuseRun;
import dev.fusewright.pipeline.run.RunChoices;
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

/**
 * {@code fusewright run}. Beam is behind {@link RunExecution}, which is loaded when all options are
 * right.
 */
@Command(
    name = "run",
    description =
        "Fuses every model of a catalogue: proven, published beside the original, accounted for in a report."
            + " Or proves what others made of one, or that what was published is still right.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "A catalogue has one JSON object per line: {\"id\": \"resnet18\", \"uri\": \"resnet18.onnx\"}."
          + " A glob makes one entry per file. Under --output are the models, under --reports a"
          + " folder per run with the reports (Avro), summary.json, summary.md and quarantine/.",
      "",
      "What an earlier run has done, and nothing has touched since, is UNCHANGED: a run that was"
          + " killed is simply started again. `fusewright plan` says beforehand what would be done,"
          + " `fusewright retry` tries the rejected and failed entries again.",
      "",
      "  fusewright run --catalogue zoo.jsonl --output fused/",
      "  fusewright run --catalogue 's3a://zoo/**/*.onnx' --output s3a://zoo-fused/ --parallelism=8",
      "",
      "--mode verify publishes nothing: each entry's candidate, whoever made it, is held against its"
          + " original. NOTHING_TO_FUSE is equivalent, REJECTED different or inconclusive, FAILED"
          + " unreadable. --mode audit holds the zoo in --output against its receipts and originals:"
          + " UNCHANGED is intact, REJECTED missing, altered or stale.",
      "",
      "  fusewright catalogue 'zoo/*.onnx' --pair 'slim/*.onnx' -o pairs.jsonl",
      "  fusewright run --mode verify --catalogue pairs.jsonl --output verified/",
      "  fusewright run --mode audit --catalogue zoo.jsonl --output fused/",
      "",
      "Options that Beam or its runner know are theirs: --runner, --flinkMaster, --parallelism, ..."
          + " Without them the run is embedded in this process, on all processors."
    })
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Verbosity verbosity;
  @Mixin private DriveOptions drive;
  @Mixin private ProgressOptions progress;
  @Mixin private StoreOptions storage;
  @Mixin private ScratchOptions scratch;

  @Option(
      names = "--max-failures",
      paramLabel = "N",
      description =
          "When more than N entries are rejected or failed, no more are begun. By default all are.")
  private @Nullable Long maxFailures;

  @Option(
      names = "--run-id",
      paramLabel = "NAME",
      description =
          "Names this run. One of that name that was killed is continued: what it has done counts as done by"
              + " this run. By default every run has a new name, and what is done is unchanged.")
  private @Nullable String runId;

  @Option(
      names = "--receipts",
      paramLabel = "URI",
      description =
          "With --mode audit, the folder of reports whose receipts the zoo is held against. Default: that of"
              + " --reports, or if no run has published with it, reports/ in the output.")
  private @Nullable String receipts;

  @Unmatched private List<String> runnerOptions = new ArrayList<>();

  @Override
  public Integer call() {
    Installation.requirePipeline("run");
    verbosity.apply();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try {
      return new RunExecution(out, err, verbosity, progress)
          .run(
              new FuseRun(
                  drive.catalogue(),
                  drive.output(),
                  drive.reports(),
                  SettingsOptions.of(spec),
                  scratch.apply(storage.configuration()),
                  new RunChoices(
                      drive.trust(),
                      maxFailures,
                      receipts == null ? null : SingleFile.location(receipts)),
                  runId,
                  RunnerOptions.submitter(runnerOptions)));
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }
}
