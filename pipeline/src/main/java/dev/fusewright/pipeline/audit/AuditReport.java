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
package dev.fusewright.pipeline.audit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.RegularFiles;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.files.DamagedFileException;
import dev.fusewright.pipeline.model.Converter;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.run.RunFolder;
import gg.jte.Content;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.WriterOutput;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Writer of a run's page and table. */
public final class AuditReport {
  private static final String TEMPLATES = "dev.fusewright.pipeline.audit.page";
  private static final List<String> COLUMNS =
      List.of(
          "id",
          "outcome",
          "verdict",
          "levels",
          "fused",
          "refused",
          "dropped",
          "seconds",
          "source",
          "source_sha256",
          "output",
          "output_sha256",
          "error");

  private final Store store;
  private final RunFolder run;

  /** Of a run that has ended. */
  public AuditReport(Store store, RunFolder run) {
    this.store = store;
    this.run = run;
  }

  /** The files that were written. */
  public record Written(Path page, Path table) {}

  /**
   * Writes both below a folder, which is made if it is not there. Each appears when it is complete.
   *
   * @throws FileNotFoundException if the run has no summary: it has not ended, or it never was
   */
  public Written write(Path folder) throws IOException {
    JsonNode summary =
        run.readSummary(store)
            .orElseThrow(
                () ->
                    new FileNotFoundException(
                        run.summary() + ": expected a run that has ended, found no summary"));
    List<Location> parts =
        run.parts(store).stream()
            .map(StoredFile::location)
            .sorted(Comparator.comparing(Location::path))
            .toList();
    requireReports(parts, summary.path("total").asLong());
    Files.createDirectories(folder);
    String name = runId(summary);
    return new Written(
        complete(folder.resolve(name + ".html"), out -> page(Totals.of(summary), parts, out)),
        complete(folder.resolve(name + ".csv"), out -> table(parts, out)));
  }

  private String runId(JsonNode summary) throws DamagedFileException {
    try {
      return RunFolder.checkedId(summary.path("run_id").asText());
    } catch (IllegalArgumentException e) {
      throw new DamagedFileException(
          Problem.in(run.summary().toString())
              .inside("run_id")
              .expected("the name of a run")
              .found(summary.path("run_id").toString()),
          e);
    }
  }

  /** A table that lacks entries would be taken for the whole run. */
  private void requireReports(List<Location> parts, long expected) throws IOException {
    long found = 0;
    for (Location part : parts) {
      AtomicLong reports = new AtomicLong();
      ReportFiles.read(store, part, report -> reports.incrementAndGet());
      found += reports.get();
    }
    if (found < expected) {
      throw new DamagedFileException(
          Problem.in(run.summary().toString())
              .expected("%d reports, as the run's summary says".formatted(expected))
              .found("%d in %d files".formatted(found, parts.size())));
    }
  }

  private void page(Totals totals, List<Location> parts, Writer out) throws IOException {
    TemplateEngine templates =
        TemplateEngine.createPrecompiled(
            null, ContentType.Html, AuditReport.class.getClassLoader(), TEMPLATES);
    // Written entry by entry into the middle of the page: it is never there as a whole.
    Content entries =
        output -> {
          try {
            forEach(parts, line -> templates.render("entry.jte", line, output));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        };
    try {
      templates.render(
          "page.jte",
          Map.of(
              "run", totals,
              "entries", entries,
              "converter", Converter.NAME + " " + Converter.version()),
          new WriterOutput(out));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void table(List<Location> parts, Writer out) throws IOException {
    Csv csv = new Csv(out);
    csv.row(COLUMNS);
    forEach(
        parts,
        line ->
            csv.row(
                List.of(
                    line.id(),
                    line.outcome(),
                    line.verdict(),
                    line.levels(),
                    Long.toString(line.fused()),
                    Long.toString(line.refused()),
                    Long.toString(line.dropped()),
                    line.seconds(),
                    line.source(),
                    line.sourceSha256(),
                    line.output(),
                    line.outputSha256(),
                    line.error())));
  }

  /** Read twice rather than kept: first what was not published, then the rest. */
  private void forEach(List<Location> parts, LineWriter writer) throws IOException {
    for (boolean problems : new boolean[] {true, false}) {
      for (Location part : parts) {
        ReportFiles.read(
            store,
            part,
            report -> {
              Line line = Line.of(report);
              if (line.isProblem() == problems) {
                writer.write(line);
              }
            });
      }
    }
  }

  private static Path complete(Path file, FileContent content) throws IOException {
    RegularFiles.requireReplaceable(file);
    Path partial = Files.createTempFile(file.getParent(), ".report", ".part");
    try {
      try (Writer out = Files.newBufferedWriter(partial, StandardCharsets.UTF_8)) {
        content.write(out);
      }
      return Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  @FunctionalInterface
  private interface FileContent {
    void write(Writer out) throws IOException;
  }

  @FunctionalInterface
  private interface LineWriter {
    void write(Line line) throws IOException;
  }
}
