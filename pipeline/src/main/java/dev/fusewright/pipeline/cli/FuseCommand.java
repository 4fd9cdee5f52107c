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

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fusewright.core.engine.RuleListener;
import dev.fusewright.core.engine.RuleStatistics;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.PendingFile;
import dev.fusewright.io.storage.StorageErrors;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.model.FuseModel;
import dev.fusewright.pipeline.model.FuseRequest;
import dev.fusewright.pipeline.model.JobResult;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.report.ReportJson;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Unnamed;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.pipeline.verification.Verifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fusewright fuse}. */
@Command(
    name = "fuse",
    description =
        "Fuses one model. It is written when it is proven to be the same, whole or not at all.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "A model in which there is nothing to fuse is copied as it is.",
      "  fusewright fuse model.onnx -o fused.onnx",
      "  fusewright fuse model.onnx --in-place --verify site",
      "  fusewright fuse resnet18.pth -o fused.pth --modules recipe:resnet18",
      "  fusewright fuse model.pth -o fused.pth --graph model.onnx",
      "  fusewright fuse model.onnx -o fused.onnx --json | jq .equivalence.verdict"
    })
final class FuseCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Verbosity verbosity;
  @Mixin private StoreOptions storage;
  @Mixin private InputsOptions inputs;

  @Parameters(
      paramLabel = "MODEL",
      description = "A model: a local path, or any scheme of Hadoop's file systems.")
  private String model = "";

  @ArgGroup(multiplicity = "1")
  private Target target = new Target();

  /** Where the result goes. */
  static final class Target {
    @Option(
        names = {"-o", "--output"},
        paramLabel = "OUT",
        description = "Where the fused model is written.")
    private @Nullable String output;

    @Option(
        names = "--in-place",
        description = "Replaces MODEL, a local file, once the result is proven.")
    private boolean inPlace;
  }

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description =
          "Writes the report there too: as Avro if it is called .avro, as JSON otherwise.")
  private @Nullable String report;

  @Option(
      names = "--force",
      description = "Writes to a file whose extension is that of another format than it will have.")
  private boolean force;

  @Option(names = "--json", description = "Prints the report as JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    verbosity.apply();
    FuseSettings asked =
        inputs
            .apply(FuseSettings.resolve(SettingsOptions.of(spec)))
            .with(SettingFields.UNNAMED, Unnamed.FAIL);
    Store store = Stores.of(storage.configuration());
    FuseRequest request = request(asked);
    OutputFile written = report == null ? null : OutputFile.of(spec, "--report", report);
    RuleStatistics statistics = new RuleStatistics();
    JobResult job;
    try (Verifier proof =
        asked.proof() == VerifyLevel.NONE
            ? NoVerifier.INSTANCE
            : RuntimeVerifier.onAllProcessors()) {
      job =
          new FuseModel(store, proof, scratchRoot(request))
              .withListener(verbosity.isVerbose() ? statistics : RuleListener.NONE)
              .attempt(request);
    }
    FusionReport result = job.report();
    if (written != null) {
      written.requireApart(files(job));
      write(store, written.location(), job);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(job));
    } else if (result.getOutcome() != Outcome.FAILED) {
      out.print(ReportText.result(result, job.model()));
    }
    out.flush();
    spec.commandLine().getErr().print(RuleTable.of(statistics.figures()));
    return SingleFile.exitCode(result, spec.commandLine().getErr());
  }

  private FuseRequest request(FuseSettings asked) {
    Location source = SingleFile.location(model);
    if (!target.inPlace && target.output != null) {
      Location output = SingleFile.location(target.output);
      if (output.equals(source)) {
        throw new UsageException(
            "-o names MODEL itself; use --in-place to replace it once the result is proven");
      }
      if (output.isLocal() && Files.isDirectory(output.localPath())) {
        throw new UsageException(
            "-o names a folder; name the file in it: -o " + output.resolve(source.name()));
      }
      Location apart = OutputFile.of(spec, "-o", target.output).location();
      if (!force) {
        OutputExtension.require(source, apart);
      }
      return FuseRequest.of(source, apart, FuseRequest.Placement.BESIDE, asked);
    }
    if (!source.isLocal()) {
      throw new UsageException("--in-place is for one local file; use -o to write elsewhere");
    }
    if (asked.proof() == VerifyLevel.NONE) {
      throw new UsageException(
          "--in-place destroys the original, so the result must be proven: use a --verify above none, or -o");
    }
    return FuseRequest.of(source, source, FuseRequest.Placement.IN_PLACE, asked);
  }

  /** The data files that the model named, and what was published. */
  private static List<Location> files(JobResult job) {
    return Stream.concat(job.companions().stream(), job.published().stream())
        .map(file -> Location.of(file.getUri()))
        .toList();
  }

  /** Beside the target, so that the finished file is moved and not copied. */
  private static Path scratchRoot(FuseRequest request) {
    Location target = request.target();
    if (target == null || !target.isLocal()) {
      return SingleFile.temporaryFolder();
    }
    Path folder = target.parent().localPath();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UsageException(
          "the folder of the output cannot be made: " + StorageErrors.describe(e));
    }
    return folder;
  }

  private static String json(JobResult job) {
    return ReportJson.print(job.report(), InterfaceText.json(job.model()));
  }

  private static void write(Store store, Location file, JobResult job) throws IOException {
    if (file.name().endsWith(".avro")) {
      try (PendingFile pending = store.create(file)) {
        try (DataFileWriter<FusionReport> writer = ReportFiles.writer(pending)) {
          writer.append(job.report());
        }
        pending.commit();
      }
    } else {
      store.publish((json(job) + "\n").getBytes(UTF_8), file);
    }
  }
}
