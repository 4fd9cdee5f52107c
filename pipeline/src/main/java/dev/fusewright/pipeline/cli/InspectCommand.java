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

import dev.fusewright.core.engine.Explanations;
import dev.fusewright.core.engine.Listeners;
import dev.fusewright.core.engine.RuleListener;
import dev.fusewright.core.engine.RuleStatistics;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphFormat;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.model.FuseModel;
import dev.fusewright.pipeline.model.FuseRequest;
import dev.fusewright.pipeline.model.JobResult;
import dev.fusewright.pipeline.report.ReportJson;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.NearestName;
import dev.fusewright.pipeline.settings.RuleChoice;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Unnamed;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
      "  fusewright inspect model.onnx --json | jq '.refusals[].reason'",
      "  fusewright inspect model.onnx --explain /layer1/conv1/Conv"
    })
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Verbosity verbosity;
  @Mixin private StoreOptions storage;

  @Parameters(
      arity = "1..*",
      paramLabel = "MODEL",
      description = "Models: local paths, or any scheme of Hadoop's file systems.")
  private List<String> models = List.of();

  @Option(
      names = "--explain",
      paramLabel = "NODE",
      description =
          "Says rule by rule why it did or did not fuse this node: a node's name or label, or a value that it computes.")
  private @Nullable String node;

  @Option(names = "--json", description = "Prints the report as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    verbosity.apply();
    FuseSettings asked =
        FuseSettings.resolve(SettingsOptions.of(spec))
            .with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE)
            .with(SettingFields.UNNAMED, Unnamed.FAIL);
    if (models.size() > 1 && node != null) {
      throw new UsageException("--explain is for one MODEL");
    }
    int code = ExitCode.OK;
    for (String model : models) {
      code = Math.max(code, inspect(model, asked));
    }
    return code;
  }

  private int inspect(String model, FuseSettings asked) {
    RuleStatistics statistics = new RuleStatistics();
    Explanations explanations = new Explanations(node == null ? "" : node);
    FuseModel flow =
        new FuseModel(
                Stores.of(storage.configuration()),
                NoVerifier.INSTANCE,
                SingleFile.temporaryFolder())
            .withListener(listener(statistics, explanations));
    JobResult job = inspect(flow, SingleFile.location(model), asked);
    FusionReport report = job.report();
    boolean isPlanned = report.getOutcome() != Outcome.FAILED;
    if (node != null && report.getFormat() != null) {
      explain(model, flow, asked, report, explanations);
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (json) {
      Map<String, Object> more = InterfaceText.json(job.model());
      if (node != null) {
        more.put("explanations", ExplanationText.json(explanations.list()));
      }
      out.println(ReportJson.print(report, more));
    } else if (node != null && isPlanned) {
      out.print(ExplanationText.lines(explanations.list()));
    } else {
      out.print(isPlanned ? ReportText.sites(report, job.model()) : ReportText.contents(report));
    }
    out.flush();
    if (verbosity.isVerbose()) {
      err.print(RuleTable.of(statistics.figures()));
      err.flush();
    }
    return SingleFile.exitCode(report, err);
  }

  private RuleListener listener(RuleStatistics statistics, Explanations explanations) {
    List<RuleListener> listeners = new ArrayList<>();
    if (verbosity.isVerbose()) {
      listeners.add(statistics);
    }
    if (node != null) {
      listeners.add(explanations);
    }
    return listeners.isEmpty() ? RuleListener.NONE : new Listeners(listeners);
  }

  private static JobResult inspect(FuseModel flow, Location source, FuseSettings asked) {
    return flow.attemptToInspect(FuseRequest.of(source, null, FuseRequest.Placement.BESIDE, asked));
  }

  /** A state dict is explained on the graph that is given with it. */
  private void explain(
      String model,
      FuseModel flow,
      FuseSettings asked,
      FusionReport report,
      Explanations explanations) {
    boolean hasGraph = Formats.named(report.getFormat()) instanceof GraphFormat;
    Location graph = asked.modules().graph();
    if (!hasGraph && graph == null) {
      throw new UsageException(
          "--explain: %s is a state dict, which has no graph; give one with --graph FILE"
              .formatted(model));
    }
    if (!hasGraph && graph != null) {
      inspect(flow, graph, ofGraph(asked));
    }
    if (!explanations.isFound() && report.getError() == null) {
      throw new UsageException(
          "--explain: no node of %s has the name or label '%s' or computes a value of that name; fusewright show prints them%s"
              .formatted(
                  hasGraph ? model : String.valueOf(graph),
                  node,
                  NearestName.question(String.valueOf(node), named(report))));
    }
  }

  /** The nodes that the report is about. */
  private static Set<String> named(FusionReport report) {
    Set<String> names = new TreeSet<>();
    report.getFusions().forEach(fusion -> names.addAll(fusion.getNodes()));
    report.getRefusals().forEach(refusal -> names.addAll(refusal.getNodes()));
    return names;
  }

  /** What is asked for of a state dict, of the graph beside it: nothing of that is by name. */
  private static FuseSettings ofGraph(FuseSettings asked) {
    return FuseSettings.defaults()
        .with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE)
        .with(SettingFields.MODE, asked.mode())
        .with(SettingFields.INPUT_POLICY, asked.inputs())
        .with(SettingFields.RULES, RuleChoice.of(asked, RuleChoice.Kind.STATE_DICT));
  }
}
