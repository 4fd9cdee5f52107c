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

import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.text.Printable;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.model.CertificateCheck;
import dev.fusewright.pipeline.model.FuseModel;
import dev.fusewright.pipeline.model.FuseRequest;
import dev.fusewright.pipeline.report.EquivalenceRecords;
import dev.fusewright.pipeline.report.LevelWords;
import dev.fusewright.pipeline.report.ReportException;
import dev.fusewright.pipeline.report.ReportJson;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.report.EquivalenceRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fusewright verify}. */
@Command(
    name = "verify",
    description =
        "Compares two models node by node, and where that does not show it, side by side, and says"
            + " whether they are the same. Whoever made the second.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Exit codes: 0 equivalent or as listed, 2 different, 3 inconclusive or unreadable.",
      "  fusewright verify model.onnx simplified.onnx",
      "  fusewright verify model.onnx simplified.onnx --json | jq .equivalence.outputs",
      "",
      "With the report of a fusion, its certificates are checked anew, for every input and without"
          + " running anything:",
      "  fusewright fuse model.onnx -o fused.onnx --report report.json",
      "  fusewright verify model.onnx fused.onnx --certificates report.json"
    })
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Verbosity verbosity;
  @Mixin private StoreOptions storage;
  @Mixin private InputsOptions inputs;

  @Parameters(index = "0", paramLabel = "ORIGINAL", description = "The model that is right.")
  private String original = "";

  @Parameters(
      index = "1",
      paramLabel = "CANDIDATE",
      description = "The model that should be the same.")
  private String candidate = "";

  @Option(
      names = "--certificates",
      paramLabel = "REPORT",
      description =
          "Proves the fusions that this JSON report of one model names, instead of running the"
              + " models.")
  private @Nullable String recorded;

  @Option(names = "--json", description = "Prints the report as JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    verbosity.apply();
    FuseSettings settings =
        inputs
            .apply(FuseSettings.resolve(SettingsOptions.of(spec)))
            .with(SettingFields.MODE, Mode.VERIFY);
    if (recorded != null) {
      return certificates(local(recorded), settings);
    }
    FusionReport report;
    try (RuntimeVerifier proof = RuntimeVerifier.onAllProcessors()) {
      report =
          new FuseModel(Stores.of(storage.configuration()), proof, SingleFile.temporaryFolder())
              .fuse(
                  FuseRequest.of(
                      SingleFile.location(original),
                      SingleFile.location(candidate),
                      FuseRequest.Placement.BESIDE,
                      settings));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(ReportJson.print(report));
    } else if (report.getOutcome() != Outcome.FAILED) {
      out.print(ReportText.verified(report));
    }
    out.flush();
    return exitCode(report);
  }

  private static Path local(String report) {
    Location location = SingleFile.location(report);
    if (!location.isLocal()) {
      throw new UsageException(
          "--certificates %s: expected a report on this machine".formatted(location));
    }
    return location.localPath();
  }

  private int certificates(Path report, FuseSettings settings) throws IOException {
    try {
      EquivalenceRecord found =
          EquivalenceRecords.of(
              CertificateCheck.of(
                  new Staging(Stores.of(storage.configuration()), settings.fetchTimeout()),
                  SingleFile.temporaryFolder(),
                  SingleFile.location(original),
                  SingleFile.location(candidate),
                  report,
                  settings.seed()),
              null);
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println("{\"equivalence\": " + ReportJson.print(found) + "}");
      } else {
        out.println(LevelWords.of(found));
        out.println(
            "  certificates: " + Printable.message(found.getLevels().getCertificate().getReason()));
        out.println("  sites: " + Printable.message(found.getLevels().getSite().getReason()));
        out.print(ReportText.assumptions(found));
      }
      out.flush();
      return exitCode(found);
    } catch (CheckpointException | GraphException | ReportException e) {
      spec.commandLine().getErr().println("fusewright: " + e.getMessage());
      return ExitCode.NOTHING;
    }
  }

  private int exitCode(FusionReport report) {
    return report.getOutcome() == Outcome.FAILED
        ? SingleFile.exitCode(report, spec.commandLine().getErr())
        : exitCode(report.getEquivalence());
  }

  private static int exitCode(EquivalenceRecord equivalence) {
    return switch (equivalence.getVerdict()) {
      case "EQUIVALENT", "AS_LISTED" -> ExitCode.OK;
      case "DIFFERENT" -> ExitCode.REJECTED;
      default -> ExitCode.NOTHING;
    };
  }
}
