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
import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.text.Printable;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.StorageErrors;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.cache.CacheDecision.Action;
import dev.fusewright.pipeline.catalogue.CatalogueException;
import dev.fusewright.pipeline.catalogue.CataloguePreparation;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.run.RunPlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code fusewright plan}. */
@Command(
    name = "plan",
    description =
        "Says what a run would do, entry by entry and why, and does none of it: no model is read, nothing is written.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Give it the options of the run. One line per entry: what would be done, why, the bytes of its source, its id.",
      "  fuse     the model would be fused: new, forced, source_changed, configuration_changed,"
          + " converter_changed, output_missing, output_changed",
      "  confirm  its time or etag is another, its size is not: it would be read, and fused if its content changed",
      "  skip     it would be UNCHANGED",
      "  fail     there is no source, or the store does not answer: exit code 2",
      "A catalogue with errors, ids given twice or outputs that clash is refused, as the run would refuse it.",
      "",
      "  fusewright plan --catalogue zoo.jsonl --output fused/"
    })
final class PlanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Verbosity verbosity;
  @Mixin private DriveOptions drive;
  @Mixin private StoreOptions storage;

  @Option(names = "--json", description = "Prints one JSON object: entries and totals.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    verbosity.apply();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Store store = SettingsOptions.store(spec, storage.configuration());
    try (Scratch scratch = Scratch.in(SingleFile.temporaryFolder())) {
      // Each entry has a deadline of its own.
      RunPlan plan =
          new RunPlan(
              Stores.of(storage.configuration()),
              drive.reports(),
              drive.output(),
              SettingsOptions.of(spec),
              drive.trust());
      PreparedCatalogue catalogue =
          CataloguePreparation.prepare(
              store, drive.catalogue(), drive.output(), scratch.file("catalogue.jsonl"));
      RunPlan.Totals totals =
          json ? printJson(plan, store, catalogue, out) : printText(plan, store, catalogue, out);
      out.flush();
      return totals.failing() == 0 ? ExitCode.OK : ExitCode.REJECTED;
    } catch (CatalogueException | IllegalArgumentException e) {
      err.println("fusewright: " + e.getMessage());
      return ExitCode.USAGE;
    } catch (IOException e) {
      err.println("fusewright: the store failed: " + StorageErrors.describe(e));
      return ExitCode.NOTHING;
    }
  }

  private RunPlan.Totals printText(
      RunPlan plan, Store store, PreparedCatalogue catalogue, PrintWriter out)
      throws IOException, InterruptedException {
    RunPlan.Totals totals =
        plan.each(
            store,
            catalogue,
            line -> {
              out.printf(
                  Locale.ROOT,
                  "%-8s %-22s %15s  %s%n",
                  line.action(),
                  line.reason(),
                  line.bytes() < 0 ? "-" : "%,d".formatted(line.bytes()),
                  Printable.line(line.entry().id()));
              if (line.problem() != null) {
                out.printf("         %s%n", Printable.message(line.problem()));
              }
            });
    out.printf(
        Locale.ROOT,
        "%s: %d to fuse (%,d bytes), %d to confirm (%,d bytes), %d unchanged, %d would fail%n",
        Amounts.count(catalogue.entries(), "entry", "entries"),
        totals.entries(Action.FUSE),
        totals.bytes(Action.FUSE),
        totals.entries(Action.CONFIRM),
        totals.bytes(Action.CONFIRM),
        totals.entries(Action.SKIP),
        totals.failing());
    return totals;
  }

  private RunPlan.Totals printJson(
      RunPlan plan, Store store, PreparedCatalogue catalogue, PrintWriter out)
      throws IOException, InterruptedException {
    try (JsonGenerator printer = new JsonFactory().createGenerator(out)) {
      printer.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET).useDefaultPrettyPrinter();
      printer.writeStartObject();
      printer.writeArrayFieldStart("entries");
      RunPlan.Totals totals = plan.each(store, catalogue, line -> print(printer, line));
      printer.writeEndArray();
      printer.writeObjectFieldStart("totals");
      printer.writeNumberField("entries", catalogue.entries());
      for (Action action : Action.values()) {
        String name = action.name().toLowerCase(Locale.ROOT);
        printer.writeNumberField(name, totals.entries(action));
        printer.writeNumberField(name + "_bytes", totals.bytes(action));
      }
      printer.writeNumberField("fail", totals.failing());
      printer.writeEndObject();
      printer.writeEndObject();
      printer.writeRaw('\n');
      return totals;
    }
  }

  private static void print(JsonGenerator printer, RunPlan.Line line) {
    try {
      printer.writeStartObject();
      printer.writeStringField("id", line.entry().id());
      printer.writeStringField("uri", line.entry().source().toString());
      printer.writeStringField("output", line.entry().output());
      printer.writeStringField("decision", line.action());
      printer.writeStringField("reason", line.reason());
      if (line.bytes() < 0) {
        printer.writeNullField("bytes");
      } else {
        printer.writeNumberField("bytes", line.bytes());
      }
      printer.writeStringField("problem", line.problem());
      printer.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
