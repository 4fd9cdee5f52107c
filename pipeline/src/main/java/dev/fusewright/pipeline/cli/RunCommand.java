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

import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.pipeline.flow.FuseSettings;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        "Fuses every model of a catalogue: proven, published beside the original, accounted for in a report.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "A catalogue has one JSON object per line: {\"id\": \"resnet18\", \"uri\": \"resnet18.onnx\"}.",
      "A glob makes one entry per file. Under --output are the models, under --reports a folder per run with",
      "the reports (Avro), summary.json, summary.md and quarantine/.",
      "",
      "  fusewright run --catalogue zoo.jsonl --output fused/",
      "  fusewright run --catalogue 's3a://zoo/**/*.onnx' --output s3a://zoo-fused/ --parallelism=8",
      "",
      "Options that Beam or its runner know are theirs: --runner, --flinkMaster, --parallelism, ... Without",
      "them the run is embedded in this process, on all processors."
    })
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Verbosity verbosity;
  @Mixin private SettingsOptions settings;
  @Mixin private ProofOptions proof;

  @Option(
      names = "--catalogue",
      required = true,
      paramLabel = "URI",
      description = "JSON Lines, or a glob of models.")
  private String catalogue = "";

  @Option(
      names = "--output",
      required = true,
      paramLabel = "URI",
      description = "The folder of the published models.")
  private String output = "";

  @Option(
      names = "--reports",
      paramLabel = "URI",
      description = "The folder of all runs' reports. Default: reports/ in the output.")
  private @Nullable String reports;

  @Option(
      names = "--no-copy",
      description =
          "Publishes nothing of a model in which there is nothing to fuse. By default it is copied.")
  private boolean noCopy;

  @Option(
      names = "--storage",
      paramLabel = "KEY=VALUE",
      description =
          "A property of Hadoop's file systems, such as fs.s3a.endpoint. Never a secret: those come from providers.")
  private Map<String, String> storage = new LinkedHashMap<>();

  @Unmatched private List<String> runnerOptions = new ArrayList<>();

  @Override
  public Integer call() {
    verbosity.apply();
    FuseSettings asked = proof.apply(settings.settings());
    if (noCopy) {
      asked = asked.withUnfused(FuseSettings.Unfused.OMIT);
    }
    StorageConfiguration configuration;
    try {
      configuration = StorageConfiguration.of(storage);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--storage: " + e.getMessage());
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    return new RunExecution(out, err, verbosity)
        .run(
            SingleFile.location(catalogue),
            SingleFile.location(output),
            SingleFile.location(reports == null ? output : reports)
                .resolve(reports == null ? "reports" : ""),
            asked,
            configuration,
            runnerOptions);
  }
}
