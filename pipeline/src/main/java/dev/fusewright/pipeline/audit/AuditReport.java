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

import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.text.Printable;
import dev.fusewright.io.storage.Sha256;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.files.DamagedFileException;
import dev.fusewright.pipeline.model.Converter;
import dev.fusewright.pipeline.run.RunFolder;
import dev.fusewright.report.FusionReport;
import gg.jte.Content;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.WriterOutput;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writer of a run's page: one file of HTML, and beside it a folder of data which its list of models
 * loads, or all in one file. It needs no server.
 */
public final class AuditReport {
  private static final String TEMPLATES = "dev.fusewright.pipeline.audit.page";
  private static final int MOST_GONE = 10;

  private final Store store;
  private final RunFolder run;
  private final Packing packing;
  private final @Nullable RunFolder against;

  /** How the models' data is packed. */
  public enum Packing {
    /** In a folder beside the page: it opens quickly, whatever the number of models. */
    FOLDER,
    /** Within the page. */
    ONE_FILE
  }

  /** Of a run that has ended, compared with the run before it over the same catalogue. */
  public AuditReport(Store store, RunFolder run) {
    this(store, run, Packing.FOLDER, /* against= */ null);
  }

  /**
   * Of a run that has ended.
   *
   * @param against with which it is compared; null for the run before over the same catalogue
   */
  public AuditReport(Store store, RunFolder run, Packing packing, @Nullable RunFolder against) {
    this.store = store;
    this.run = run;
    this.packing = packing;
    this.against = against;
  }

  /**
   * Writes the page into a folder, which is made if it is not there. It appears when it is
   * complete.
   *
   * @return the page
   * @throws FileNotFoundException if the run has no summary: it has not ended, or it never was
   * @throws DamagedFileException if files of the run are damaged or missing
   */
  public Path write(Path folder) throws IOException {
    AuditRun reports = AuditRun.open(store, run);
    RunFacts facts = RunFacts.of(reports);
    Comparison comparison = comparison(facts);
    Repros repros = Repros.of(store, run);
    String name = reports.id();
    PageBuilder builder = new PageBuilder();
    try (OutputFolder output = OutputFolder.in(folder)) {
      Path dataFolder = output.folder("data");
      PageData data =
          new PageData(
              dataFolder, packing == Packing.FOLDER ? PageData.Form.SCRIPT : PageData.Form.JSON);
      try (data) {
        reports.forEach(
            report -> {
              Optional<Change> change = comparison.of(report);
              builder.add(report, change);
              data.add(report, change, repros.of(report.getId()));
            });
      }
      AuditPage page = page(name, builder, facts, comparison);
      Path written = output.file("page.html");
      try (Writer out = Files.newBufferedWriter(written, StandardCharsets.UTF_8)) {
        render(page, name + ".files", new DataBlocks(dataFolder, data.chunks()), out);
      }
      if (packing == Packing.FOLDER) {
        output.publishFolder(dataFolder, name + ".files");
      }
      return output.publish(written, name + ".html");
    }
  }

  /** With what a run is compared, and what was found. */
  private record Comparison(@Nullable Changes changes, String sentence, boolean tellsGone) {
    Optional<Change> of(FusionReport report) {
      return changes == null ? Optional.empty() : changes.of(report);
    }
  }

  private Comparison comparison(RunFacts facts) throws IOException {
    if (against != null) {
      AuditRun other = AuditRun.open(store, against);
      return with(
          other,
          "Compared with the run %s, as was asked for.".formatted(other.id()),
          /* tellsGone= */ true);
    }
    Optional<RunHistory.Known> self = facts.history().of(run);
    if (self.isEmpty()) {
      return new Comparison(
          null,
          "Not compared: the run is not complete, or has no run.json, so that none is known to be the one before.",
          /* tellsGone= */ false);
    }
    Optional<RunHistory.Known> before = self.flatMap(facts.history()::before);
    Optional<RunHistory.Known> retried = self.flatMap(facts.history()::retriedBy);
    Optional<RunHistory.Known> other = before.isPresent() ? before : retried;
    if (other.isEmpty()) {
      return new Comparison(
          null,
          "Not compared: there is no complete run over this catalogue before it.",
          /* tellsGone= */ false);
    }
    RunHistory.Known known = other.get();
    try {
      return with(
          AuditRun.open(store, known.folder()),
          before.isPresent()
              ? "Compared with the run before over the same catalogue, %s.".formatted(known.id())
              : "Compared with the run that it retries, %s.".formatted(known.id()),
          before.isPresent());
    } catch (DamagedFileException | FileNotFoundException e) {
      return new Comparison(
          null,
          Printable.line(
              "Not compared: the run before, %s, cannot be read: %s"
                  .formatted(known.id(), e.getMessage())),
          /* tellsGone= */ false);
    }
  }

  private static Comparison with(AuditRun other, String sentence, boolean tellsGone)
      throws IOException {
    Changes changes = new Changes();
    other.forEach(changes::addBefore);
    return new Comparison(changes, sentence, tellsGone);
  }

  private static AuditPage page(
      String runId, PageBuilder builder, RunFacts facts, Comparison comparison) throws IOException {
    List<AuditPage.Fact> all = new ArrayList<>(facts.facts(builder.runners(), builder.builds()));
    all.addAll(builder.cost());
    return new AuditPage(
        runId,
        builder.statement(),
        facts.warnings(),
        List.copyOf(all),
        facts.settings(),
        builder.outcomes(),
        builder.findings(),
        builder.changed() == 0
            ? "Nothing to look at, and no model was changed."
            : "Nothing to look at: every model that was changed was confirmed at every level.",
        builder.verdicts(),
        builder.levels(),
        builder.plots(),
        builder.worst(),
        builder.growth(),
        builder.slowest(),
        builder.stages(),
        builder.fusions(),
        builder.causes().errors(),
        builder.causes().refusals(),
        changed(builder, comparison),
        facts.digests(),
        RuleList.of(builder.rules()),
        builder.models(),
        "Written by %s %s.".formatted(Converter.NAME, Converter.version()));
  }

  private static AuditPage.Changed changed(PageBuilder builder, Comparison comparison) {
    Grid.Builder counts = Grid.of("Models by change").text("change").number("models").text("means");
    Changes changes = comparison.changes();
    String gone = "";
    if (changes != null) {
      changes
          .counts()
          .forEach(
              (change, count) ->
                  counts.row(
                      Grid.link(change.title(), Places.models("change", change.title())),
                      Grid.cell(Amounts.count(count)),
                      Grid.cell(change.sentence())));
      if (comparison.tellsGone() && changes.gone() > 0) {
        gone =
            "%s not in this one: %s%s"
                .formatted(
                    Amounts.count(changes.gone(), "model of that run is", "models of that run are"),
                    String.join(", ", changes.gone(MOST_GONE)),
                    changes.gone() > MOST_GONE ? ", …" : ".");
      }
    }
    String same =
        changes != null && changes.counts().isEmpty() ? " No model of it is different." : "";
    return new AuditPage.Changed(
        comparison.sentence() + same, counts.build(), builder.moved(), gone);
  }

  private void render(AuditPage page, String files, DataBlocks blocks, Writer out)
      throws IOException {
    TemplateEngine templates =
        TemplateEngine.createPrecompiled(
            null, ContentType.Html, AuditReport.class.getClassLoader(), TEMPLATES);
    String style = resource("page.css");
    String script = resource("page.js");
    Content data =
        output -> {
          if (packing == Packing.ONE_FILE) {
            blocks.write(output::writeContent);
          }
        };
    try {
      templates.render(
          "page.jte",
          Map.of(
              "page", page,
              "policy", policy(style, script),
              "style", style,
              "script", script,
              "files", files,
              "data", data),
          new WriterOutput(out));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Only this page's own style and script, and its own data, are allowed. */
  private String policy(String style, String script) {
    return "default-src 'none'; base-uri 'none'; form-action 'none'; style-src '%s'; script-src %s'%s'"
        .formatted(hash(style), packing == Packing.FOLDER ? "'self' " : "", hash(script));
  }

  private static String hash(String text) {
    byte[] digest = Sha256.begin().digest(text.getBytes(StandardCharsets.UTF_8));
    return "sha256-" + Base64.getEncoder().encodeToString(digest);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = AuditReport.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the jar has no " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The data as blocks of the page. */
  private record DataBlocks(Path folder, int chunks) {
    private interface Sink {
      void accept(String text);
    }

    void write(Sink sink) {
      write(sink, "rows");
      for (int i = 0; i < chunks; i++) {
        write(sink, "models-" + i);
      }
    }

    private void write(Sink sink, String name) {
      sink.accept("<script type=\"application/json\" id=\"data-%s\">\n".formatted(name));
      try (Reader in =
          Files.newBufferedReader(
              folder.resolve(PageData.Form.JSON.file(name)), StandardCharsets.UTF_8)) {
        char[] buffer = new char[1 << 16];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          sink.accept(new String(buffer, 0, n));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      sink.accept("</script>\n");
    }
  }
}
