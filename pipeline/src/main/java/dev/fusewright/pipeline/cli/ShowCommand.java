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

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.text.Neighbourhood;
import dev.fusewright.core.text.Printable;
import dev.fusewright.io.Formats;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.GraphFormat;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.NearestName;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fusewright show}. */
@Command(
    name = "show",
    description = "Prints a model as text, which inspect, diff and show take as a model.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Tensors of more than 8 elements are abbreviated; such a text can be inspected and not be fused.",
      "  fusewright show model.onnx > model.onnxtxt",
      "  fusewright show model.onnx --around /layer1/conv1/Conv"
    })
final class ShowCommand implements Callable<Integer> {
  private static final int STEPS = 2;

  @Spec private CommandSpec spec;
  @Mixin private Verbosity verbosity;
  @Mixin private StoreOptions storage;

  @Parameters(
      paramLabel = "MODEL",
      description = "A model with a graph: a local path, or any scheme of Hadoop's file systems.")
  private String model = "";

  @Option(
      names = "--around",
      paramLabel = "NODE",
      description =
          "Prints only this node (by name, label or a value that it computes) and its neighbours,"
              + " two steps each way.")
  private @Nullable String node;

  @Option(
      names = "--full",
      description = "Prints every element of every tensor: for small models, to be fused as text.")
  private boolean full;

  @Override
  public Integer call() throws IOException {
    verbosity.apply();
    PrintWriter out = spec.commandLine().getOut();
    try (Scratch scratch = Scratch.in(SingleFile.temporaryFolder());
        GraphCheckpoint opened = open(SingleFile.location(model), scratch)) {
      if (node == null) {
        out.print(text(opened.graph(), scratch));
      } else {
        around(opened.graph(), node, scratch, out);
      }
      out.flush();
      return ExitCode.OK;
    } catch (CheckpointException | IOException e) {
      spec.commandLine()
          .getErr()
          .println("fusewright: cannot show: " + Printable.message(String.valueOf(e.getMessage())));
      return ExitCode.NOTHING;
    }
  }

  private GraphCheckpoint open(Location location, Scratch scratch) throws IOException {
    Staging staging =
        new Staging(
            Stores.of(storage.configuration()),
            FuseSettings.resolve(SettingsOptions.of(spec)).fetchTimeout());
    FetchedModel fetched = FetchedModel.of(location, /* folder= */ "", staging, scratch);
    return fetched.format() instanceof GraphFormat graphs
        ? graphs.open(fetched.file())
        : Formats.openGraph(fetched.file());
  }

  /** In full it is what the format of texts writes, within that format's limits. */
  private String text(ModelGraph graph, Scratch scratch) throws IOException {
    if (!full) {
      return GraphText.printShort(graph);
    }
    Path file = scratch.file("full.txt");
    ((GraphFormat) Formats.named("text")).write(graph, file);
    return Files.readString(file);
  }

  private static List<String> labels(ModelGraph graph) {
    return graph.graph().nodes().stream().map(Node::label).toList();
  }

  private void around(ModelGraph graph, String name, Scratch scratch, PrintWriter out)
      throws IOException {
    List<ModelGraph> found = Neighbourhood.of(graph, name, STEPS);
    if (found.isEmpty()) {
      throw new UsageException(
          "--around: no node of %s has the name or label '%s' or computes a value of that name; fusewright show prints them all%s"
              .formatted(model, name, NearestName.question(name, labels(graph))));
    }
    for (ModelGraph around : found) {
      out.printf("# around %s, %d steps each way%n", Printable.line(name), STEPS);
      out.print(text(around, scratch));
    }
  }
}
