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

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.PendingFile;
import dev.fusewright.io.storage.StorageErrors;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.catalogue.CatalogueAvro;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.CatalogueException;
import dev.fusewright.pipeline.catalogue.CataloguePreparation;
import dev.fusewright.pipeline.catalogue.EntryJson;
import dev.fusewright.pipeline.catalogue.EntryNames;
import dev.fusewright.pipeline.catalogue.GlobPairs;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fusewright catalogue}. */
@Command(
    name = "catalogue",
    description = "Writes a catalogue with one entry for each file that a glob matches.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "* and ? match within a step of the path, ** any number of steps, {a,b} either text.",
      "  fusewright catalogue 'zoo/**/*.onnx' -o zoo.jsonl",
      "  fusewright catalogue 'zoo/**/*.onnx' --pair 'slim/**/*.onnx' -o pairs.jsonl"
    })
final class CatalogueCommand implements Callable<Integer> {
  /** Of files that stand alone. */
  private static final int NAMED = 5;

  @Spec private CommandSpec spec;
  @Mixin private Verbosity verbosity;
  @Mixin private StoreOptions storage;

  @Parameters(paramLabel = "GLOB", description = "A pattern of models, in quotes.")
  private String glob = "";

  @Option(
      names = "--pair",
      paramLabel = "GLOB",
      description =
          "A pattern of what somebody made of these models, in quotes: each entry gets the candidate that is called"
              + " like its model where the wildcards are, for fusewright run --mode verify.")
  private @Nullable String pair;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Where the catalogue is written, as Avro if it ends in .avro, otherwise as JSON Lines."
              + " Default: JSON Lines on standard output.")
  private @Nullable String output;

  @Override
  public Integer call() {
    verbosity.apply();
    Store store = SettingsOptions.store(spec, storage.configuration());
    Location pattern = SingleFile.location(glob);
    try {
      List<CatalogueEntry> entries =
          pair == null
              ? CataloguePreparation.entries(store, pattern)
              : paired(GlobPairs.of(store, pattern, SingleFile.location(pair)));
      requireNames(entries);
      if (output == null) {
        PrintWriter out = spec.commandLine().getOut();
        entries.forEach(entry -> out.print(EntryJson.write(entry) + "\n"));
        out.flush();
      } else {
        OutputFile file = OutputFile.of(spec, "-o", output);
        file.requireApart(entries.stream().map(CatalogueEntry::source).toList());
        write(store, entries, file.location());
      }
      return ExitCode.OK;
    } catch (CatalogueException | IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      spec.commandLine()
          .getErr()
          .println("fusewright: the store failed: " + StorageErrors.describe(e));
      return ExitCode.NOTHING;
    }
  }

  /**
   * What a run could not take is not written.
   *
   * @throws IllegalArgumentException naming the first id that is none
   */
  private static void requireNames(List<CatalogueEntry> entries) {
    for (CatalogueEntry entry : entries) {
      EntryNames.check("id", entry.id());
    }
  }

  /** The entries, after it was said which files stand alone. */
  private List<CatalogueEntry> paired(GlobPairs pairs) {
    say(
        "original has no candidate, and will fail",
        "originals have no candidate, and will fail",
        pairs.unpaired());
    say(
        "candidate has no original, and is left out",
        "candidates have no original, and are left out",
        pairs.unused().stream().map(Location::toString).toList());
    return pairs.entries();
  }

  private void say(String one, String many, List<String> names) {
    if (!names.isEmpty()) {
      spec.commandLine()
          .getErr()
          .printf(
              "fusewright: %d %s: %s%s%n",
              names.size(),
              names.size() == 1 ? one : many,
              String.join(", ", names.subList(0, Math.min(NAMED, names.size()))),
              names.size() > NAMED ? ", ..." : "");
    }
  }

  private static void write(Store store, List<CatalogueEntry> entries, Location target)
      throws IOException {
    try (PendingFile file = store.create(target)) {
      if (CatalogueAvro.isAvro(target)) {
        CatalogueAvro.write(entries, file.stream());
      } else {
        for (CatalogueEntry entry : entries) {
          file.stream().write((EntryJson.write(entry) + "\n").getBytes(UTF_8));
        }
      }
      file.commit();
    }
  }
}
