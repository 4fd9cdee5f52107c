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

import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.model.FuseModel;
import dev.fusewright.pipeline.model.FuseRequest;
import dev.fusewright.pipeline.report.ReportJson;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fusewright inspect}. */
@Command(
    name = "inspect",
    description = "Shows what would be fused in a model, what not, and why. Writes nothing.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Each line is a site: fold, the nodes, what they become, and the rule; or refuse, with the reason.",
      "  fusewright inspect model.onnx --rules torch",
      "  fusewright inspect model.onnx --json | jq '.refusals[].reason'"
    })
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Verbosity verbosity;
  @Mixin private StoreOptions storage;

  @Parameters(
      paramLabel = "MODEL",
      description = "A model: a local path, or any scheme of Hadoop's file systems.")
  private String model = "";

  @Option(names = "--json", description = "Prints the report as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    verbosity.apply();
    FuseSettings asked =
        FuseSettings.resolve(SettingsOptions.of(spec))
            .with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE);
    FuseModel flow =
        new FuseModel(
            Stores.forSingleFiles(storage.configuration()),
            NoVerifier.INSTANCE,
            SingleFile.temporaryFolder());
    FusionReport report =
        flow.inspect(
            FuseRequest.of(SingleFile.location(model), null, FuseRequest.Placement.BESIDE, asked));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(ReportJson.print(report));
    } else {
      boolean isPlanned = report.getOutcome() != Outcome.FAILED;
      out.print(isPlanned ? ReportText.sites(report) : ReportText.contents(report));
    }
    out.flush();
    return SingleFile.exitCode(report, spec.commandLine().getErr());
  }
}
