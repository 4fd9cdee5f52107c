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

import dev.fusewright.core.diff.ModelDiff;
import dev.fusewright.core.diff.ParameterDiff;
import dev.fusewright.core.text.Printable;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.format.Checkpoint;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StorageErrors;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.model.NamedParameters;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.RequestException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fusewright diff}. */
@Command(
    name = "diff",
    description =
        "Shows how two models, or their text forms, differ: nodes, inputs, outputs and parameters of graphs;"
            + " of a state dict and another, or a graph with its names, the parameters.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "A difference in structure is no difference in meaning: that is what fusewright verify is for.",
      "  fusewright diff model.onnx simplified.onnx",
      "  fusewright diff epoch1.pth epoch2.safetensors --json | jq '.differences[].largest'",
      "  fusewright diff model.pth model.onnx"
    })
final class DiffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Verbosity verbosity;
  @Mixin private StoreOptions storage;

  @Parameters(index = "0", paramLabel = "A", description = "The first model.")
  private String first = "";

  @Parameters(index = "1", paramLabel = "B", description = "The second model.")
  private String second = "";

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Override
  public Integer call() {
    verbosity.apply();
    PrintWriter err = spec.commandLine().getErr();
    Staging staging =
        new Staging(
            Stores.of(storage.configuration()),
            FuseSettings.resolve(SettingsOptions.of(spec)).fetchTimeout());
    try (Scratch scratch = Scratch.in(SingleFile.temporaryFolder());
        Checkpoint a = open(first, "first/", staging, scratch);
        Checkpoint b = open(second, "second/", staging, scratch)) {
      DiffText text = difference(a, b);
      PrintWriter out = spec.commandLine().getOut();
      out.print(json ? text.json() : text.lines());
      out.flush();
      return ExitCode.OK;
    } catch (CheckpointException e) {
      err.println("fusewright: cannot read: " + Printable.message(String.valueOf(e.getMessage())));
      return ExitCode.NOTHING;
    } catch (RequestException e) {
      err.println(
          "fusewright: cannot compare: " + Printable.message(String.valueOf(e.getMessage())));
      return ExitCode.NOTHING;
    } catch (IOException e) {
      err.println("fusewright: cannot read: " + StorageErrors.describe(e));
      return ExitCode.NOTHING;
    }
  }

  private static Checkpoint open(String model, String folder, Staging staging, Scratch scratch)
      throws IOException {
    FetchedModel fetched = FetchedModel.of(SingleFile.location(model), folder, staging, scratch);
    return fetched.format().open(fetched.file());
  }

  private static DiffText difference(Checkpoint first, Checkpoint second) throws RequestException {
    if (first instanceof GraphCheckpoint a && second instanceof GraphCheckpoint b) {
      return DiffText.of(ModelDiff.of(a.graph(), b.graph()));
    }
    ParameterDiff parameters = NamedParameters.difference(first, second);
    SortedSet<String> opaque = NamedParameters.opaque(first);
    opaque.addAll(NamedParameters.opaque(second));
    return DiffText.of(parameters, opaque);
  }
}
