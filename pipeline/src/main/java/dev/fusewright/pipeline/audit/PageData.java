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

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.core.text.Printable;
import dev.fusewright.pipeline.report.ReportJson;
import dev.fusewright.report.FusionReport;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The models of a run as the page's script reads them: {@code rows} with a short row for each,
 * loaded at once, and {@code models-N} with their reports, of which one is loaded when a model of
 * it is opened. Written as they come, so that their number does not matter.
 */
final class PageData implements AutoCloseable {
  /** A file of reports is full at so many characters. */
  private static final int FULL = 400_000;

  /** What a file of data is. */
  enum Form {
    /** A script that hands the data to the page's: it can be loaded without a server. */
    SCRIPT("js", "fusewright.data(\"%s\",\n", ");\n"),
    /** To be put into the page. */
    JSON("json", "", "");

    private final String extension;
    private final String before;
    private final String after;

    Form(String extension, String before, String after) {
      this.extension = extension;
      this.before = before;
      this.after = after;
    }

    /** The file that holds some data. */
    String file(String name) {
      return name + "." + extension;
    }
  }

  private final Path folder;
  private final Form form;
  private final Writer rows;
  private final Map<String, Integer> words = new LinkedHashMap<>();
  private final List<String> chunk = new ArrayList<>();
  private int chunkLength;
  private int chunks;
  private long models;

  /** Into an existing folder. */
  PageData(Path folder, Form form) throws IOException {
    this.folder = folder;
    this.form = form;
    this.rows = open("rows");
    rows.write("{\"rows\":[\n");
  }

  private Writer open(String name) throws IOException {
    Writer out = Files.newBufferedWriter(folder.resolve(form.file(name)), StandardCharsets.UTF_8);
    out.write(form.before.formatted(name));
    return out;
  }

  /**
   * Adds a model.
   *
   * @param change since the run before
   * @param repros files that show what was dropped of it
   */
  void add(FusionReport report, Optional<Change> change, List<String> repros) throws IOException {
    rows.write((models == 0 ? "" : ",\n") + PageJson.write(row(new ModelFacts(report), change)));
    models++;
    String detail = PageJson.write(detail(report, change, repros));
    chunk.add(detail);
    chunkLength += detail.length();
    if (chunkLength > FULL) {
      endChunk();
    }
  }

  /** In the order that the script knows. */
  private ArrayNode row(ModelFacts facts, Optional<Change> change) {
    ArrayNode row = PageJson.array();
    row.add(facts.id());
    row.add(word(facts.outcome().name()));
    row.add(word(facts.verdict()));
    row.add(word(facts.levels()));
    row.add(word(facts.wholeModel()));
    row.add(facts.folds());
    row.add(facts.report().getRefusals().size());
    row.add(facts.report().getDropped().size());
    row.add(facts.nodesBefore());
    row.add(facts.nodesAfter());
    row.add(facts.report().getSource().getBytes());
    row.add(facts.bytesOut());
    row.add(Math.round(facts.milliseconds()));
    row.add(rounded(facts.worstRatio()));
    row.add(word(change.map(Change::title).orElse("")));
    String format = facts.report().getFormat();
    row.add(word(format == null ? "" : Printable.line(format)));
    row.add(chunks);
    row.add(chunk.size());
    row.add(
        (facts.isTrainingExport() ? 1 : 0)
            + (facts.isGrown() ? 2 : 0)
            + (facts.isUnnamed() ? 4 : 0)
            + (facts.report().getEquivalence().getAssumptions().isEmpty() ? 0 : 8));
    ArrayNode reasons = row.addArray();
    facts.refusalReasons().forEach(reason -> reasons.add(word(reason)));
    return row;
  }

  /** Three digits are enough for sorting and reading. */
  private static @Nullable Double rounded(@Nullable Double figure) {
    if (figure == null) {
      return null;
    }
    return Double.isFinite(figure)
        ? (Double) Double.parseDouble(String.format(Locale.ROOT, "%.2e", figure))
        : (Double) Double.MAX_VALUE;
  }

  private int word(String word) {
    return words.computeIfAbsent(word, w -> words.size());
  }

  private static ObjectNode detail(
      FusionReport report, Optional<Change> change, List<String> repros) throws IOException {
    ObjectNode detail =
        (ObjectNode) PageJson.printable(PageJson.parse(ReportJson.printLine(report)));
    // Of use to later runs only.
    detail.remove("receipt");
    detail.put("words", new ModelFacts(report).levels());
    detail.put("change", change.map(Change::title).orElse(""));
    ArrayNode sites = detail.putArray("site_list");
    SiteFacts.of(report)
        .filter(site -> !site.isDropped())
        .forEach(
            site -> {
              ObjectNode listed = sites.addObject();
              listed.put("fusion", site.fusion() == null ? -1 : site.number());
              listed.put("proof", site.proofNumber());
            });
    ArrayNode files = detail.putArray("repros");
    repros.forEach(repro -> files.add(Printable.line(repro)));
    return detail;
  }

  private void endChunk() throws IOException {
    try (Writer out = open("models-" + chunks)) {
      out.write("[\n" + String.join(",\n", chunk) + "\n]\n" + form.after);
    }
    chunks++;
    chunk.clear();
    chunkLength = 0;
  }

  /** Files of reports; known when it is closed. */
  int chunks() {
    return chunks;
  }

  @Override
  public void close() throws IOException {
    try (rows) {
      if (!chunk.isEmpty()) {
        endChunk();
      }
      ArrayNode list = PageJson.array();
      words.keySet().forEach(list::add);
      rows.write("\n],\"words\":" + PageJson.write(list) + "}\n" + form.after);
    }
  }
}
