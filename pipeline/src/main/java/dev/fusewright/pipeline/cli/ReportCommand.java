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

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageErrors;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.audit.AuditReport;
import dev.fusewright.pipeline.audit.TableReport;
import dev.fusewright.pipeline.run.RunFolder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
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

/** {@code fusewright report}. */
@Command(
    name = "report",
    description = "Writes the audit report of a run: a page for people, or tables for programs.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "The newest complete run below REPORTS is taken, or the one that --run names, and compared with"
          + " the run before it over the same catalogue. The page is RUN.html; what it loads is in"
          + " RUN.files beside it. Tables are RUN.models, RUN.sites and RUN.refusals.",
      "",
      "  fusewright report fused/reports -o audit/",
      "  fusewright report s3a://zoo-fused/reports --run 20260101T020000Z-0a1b2c3d -o audit/",
      "  fusewright report fused/reports --compare 20260101T020000Z-0a1b2c3d 20260102T020000Z-4e5f6a7b -o audit/",
      "  fusewright report fused/reports --format parquet -o audit/"
    })
final class ReportCommand implements Callable<Integer> {
  /** What is written. */
  private enum Format {
    html,
    csv,
    parquet,
    json
  }

  @Spec private CommandSpec spec;
  @Mixin private Verbosity verbosity;
  @Mixin private StoreOptions storage;

  @Parameters(paramLabel = "REPORTS", description = "The folder of all runs' reports.")
  private String reports = "";

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "DIR",
      description = "A local folder; it is made if it is not there.")
  private Path output = Path.of("");

  @Mixin private NamedRun run;

  @Option(
      names = "--compare",
      arity = "2",
      paramLabel = "ID",
      description = "Two runs: the page is the second's, compared with the first.")
  private List<String> compared = List.of();

  @Option(
      names = "--format",
      paramLabel = "html|csv|parquet|json",
      description =
          "html: the page. csv, parquet, json: flat tables of models, sites and refusals; json is a line per row. Default: html.")
  private Format format = Format.html;

  @Option(
      names = "--self-contained",
      description = "Puts everything into the page. It is as large as all reports together.")
  private boolean selfContained;

  @Override
  public Integer call() {
    verbosity.apply();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Store store = SettingsOptions.store(spec, storage.configuration());
    Location folder = SingleFile.location(reports);
    try {
      requireSense();
      RunFolder of =
          compared.isEmpty() ? newest(store, folder) : named(store, folder, compared.get(1));
      for (Path file : write(store, of, folder)) {
        out.println(file);
      }
      out.flush();
      return ExitCode.OK;
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    } catch (FileNotFoundException e) {
      err.println("fusewright: " + e.getMessage());
      return ExitCode.NOTHING;
    } catch (IOException e) {
      err.println("fusewright: the report could not be made: " + StorageErrors.describe(e));
      return ExitCode.NOTHING;
    }
  }

  private void requireSense() {
    if (format == Format.parquet) {
      Installation.requireParquet("report --format parquet");
    }
    if (!compared.isEmpty() && run.isNamed()) {
      throw new UsageException("--compare names both runs; leave --run out");
    }
    if (format != Format.html && !compared.isEmpty()) {
      throw new UsageException(
          "--compare makes a page; a table holds one run. Write the tables of both runs and join them by id");
    }
    if (format != Format.html && selfContained) {
      throw new UsageException("--self-contained is about the page; leave it out with a table");
    }
  }

  private RunFolder newest(Store store, Location folder) throws IOException {
    String id =
        run.id(store, folder).orElseThrow(() -> new FileNotFoundException(NamedRun.none(folder)));
    return RunFolder.of(folder, id);
  }

  private static RunFolder named(Store store, Location folder, String id) throws IOException {
    return RunFolder.of(folder, NamedRun.existing(store, folder, id));
  }

  private List<Path> write(Store store, RunFolder of, Location folder) throws IOException {
    return switch (format) {
      case html -> {
        @Nullable RunFolder against =
            compared.isEmpty() ? null : named(store, folder, compared.get(0));
        AuditReport.Packing packing =
            selfContained ? AuditReport.Packing.ONE_FILE : AuditReport.Packing.FOLDER;
        yield List.of(new AuditReport(store, of, packing, against).write(output));
      }
      case csv -> new TableReport(store, of, TableReport.Format.CSV).write(output);
      case parquet -> new TableReport(store, of, TableReport.Format.PARQUET).write(output);
      case json -> new TableReport(store, of, TableReport.Format.JSON).write(output);
    };
  }
}
