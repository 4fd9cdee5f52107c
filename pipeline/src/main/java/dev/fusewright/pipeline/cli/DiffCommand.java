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

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.fusewright.core.diff.Changes;
import dev.fusewright.core.diff.ModelDiff;
import dev.fusewright.core.text.Printable;
import dev.fusewright.io.Formats;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.storage.Location;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        "Shows how two local models, or their text forms, differ in structure: nodes, parameters, inputs and outputs.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "A difference in structure is no difference in meaning: that is what fusewright verify is for."
    })
final class DiffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Verbosity verbosity;

  @Parameters(index = "0", paramLabel = "A", description = "The first model.")
  private String first = "";

  @Parameters(index = "1", paramLabel = "B", description = "The second model.")
  private String second = "";

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    verbosity.apply();
    try (GraphCheckpoint a = Formats.openGraph(path(first));
        GraphCheckpoint b = Formats.openGraph(path(second))) {
      ModelDiff diff = ModelDiff.of(a.graph(), b.graph());
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(json(diff));
      } else {
        print(diff, out);
      }
      out.flush();
      return ExitCode.OK;
    } catch (CheckpointException e) {
      spec.commandLine()
          .getErr()
          .println("fusewright: cannot read: " + Printable.message(String.valueOf(e.getMessage())));
      return ExitCode.NOTHING;
    }
  }

  private static Path path(String text) {
    Location location = SingleFile.location(text);
    if (!location.isLocal()) {
      throw new UsageException(text + ": diff is for local files");
    }
    return location.localPath();
  }

  private static Map<String, Changes> kinds(ModelDiff diff) {
    Map<String, Changes> kinds = new LinkedHashMap<>();
    kinds.put("opsets", diff.operatorSets());
    kinds.put("inputs", diff.inputs());
    kinds.put("outputs", diff.outputs());
    kinds.put("nodes", diff.nodes());
    kinds.put("parameters", diff.parameters());
    return kinds;
  }

  private static void print(ModelDiff diff, PrintWriter out) {
    if (diff.isEmpty()) {
      out.println(
          diff.uncompared().isEmpty() ? "the same structure and parameters" : "the same structure");
    }
    if (!diff.uncompared().isEmpty()) {
      out.printf(
          "compared by type and shape alone, since a text leaves out their values: %d parameters%n",
          diff.uncompared().size());
    }
    kinds(diff)
        .forEach(
            (kind, changes) -> {
              if (!changes.isEmpty()) {
                out.printf(
                    "%s: %d removed, %d added, %d changed%n",
                    kind,
                    changes.removed().size(),
                    changes.added().size(),
                    changes.changed().size());
                changes.removed().forEach(name -> out.println("  - " + Printable.line(name)));
                changes.added().forEach(name -> out.println("  + " + Printable.line(name)));
                changes.changed().forEach(name -> out.println("  ~ " + Printable.line(name)));
              }
            });
  }

  private static String json(ModelDiff diff) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
      out.writeStartObject();
      out.writeBooleanField("same", diff.isEmpty());
      for (Map.Entry<String, Changes> kind : kinds(diff).entrySet()) {
        out.writeObjectFieldStart(kind.getKey());
        names(out, "removed", kind.getValue().removed());
        names(out, "added", kind.getValue().added());
        names(out, "changed", kind.getValue().changed());
        out.writeEndObject();
      }
      names(out, "uncompared", diff.uncompared());
      out.writeEndObject();
    }
    return text.toString();
  }

  private static void names(JsonGenerator out, String field, List<String> names)
      throws IOException {
    out.writeArrayFieldStart(field);
    for (String name : names) {
      out.writeString(name);
    }
    out.writeEndArray();
  }
}
