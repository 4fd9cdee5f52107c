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
import dev.fusewright.pipeline.run.RunFolder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fusewright report}. */
@Command(
    name = "report",
    description =
        "Writes the audit report of a run for people: a page (HTML, one file, no scripts) and a table (CSV).",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "The newest complete run below REPORTS is taken, or the one that --run names. Both files are named",
      "after the run; what was not published stands first in them.",
      "",
      "  fusewright report fused/reports -o audit/",
      "  fusewright report s3a://zoo-fused/reports --run 20260101T020000Z-0a1b2c3d -o audit/"
    })
final class ReportCommand implements Callable<Integer> {
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

  @Override
  public Integer call() {
    verbosity.apply();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Store store = SettingsOptions.store(spec, storage.configuration());
    Location folder = SingleFile.location(reports);
    try {
      String id =
          run.id(store, folder).orElseThrow(() -> new FileNotFoundException(NamedRun.none(folder)));
      AuditReport.Written written = new AuditReport(store, RunFolder.of(folder, id)).write(output);
      out.println("page:  " + written.page());
      out.println("table: " + written.table());
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
}
