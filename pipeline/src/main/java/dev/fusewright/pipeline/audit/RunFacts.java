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

import static dev.fusewright.pipeline.audit.Grid.cell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.text.Printable;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.audit.AuditPage.Fact;
import dev.fusewright.pipeline.run.RunRecord;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.Setting;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.SettingsJson;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a run's own files say of it: when, of what, where to, with which settings and versions. */
record RunFacts(
    AuditRun run, Optional<RunRecord> record, Optional<Instant> ended, RunHistory history) {
  /** What carries a run, by its name in the record. */
  private static final Map<String, String> CARRIERS =
      Map.of("java", "Java", "beam", "Apache Beam", "flink", "Apache Flink");

  /** Clocks of machines, and a store's, differ by less. */
  private static final Duration CLOCKS = Duration.ofMinutes(1);

  static RunFacts of(AuditRun run) throws IOException {
    return new RunFacts(
        run,
        RunRecord.read(run.store(), run.folder()),
        run.store().status(run.folder().summary()).map(StoredFile::modified),
        RunHistory.around(run.store(), run.folder()));
  }

  /** Facts for the head of the page. */
  List<Fact> facts(Collection<String> runners, Collection<String> builds) {
    List<Fact> facts = new ArrayList<>();
    record.ifPresent(r -> facts.add(plain("Begun", second(r.started()))));
    ended.ifPresent(end -> facts.add(plain("Ended", second(end))));
    facts.add(plain("Elapsed", Figures.seconds(run.summary().path("seconds").asDouble())));
    record.ifPresent(
        r -> {
          facts.add(code("Catalogue", r.catalogue().toString()));
          facts.add(code("Output", r.output().toString()));
          if (r.receipts() != null) {
            facts.add(code("Held against", "receipts below " + r.receipts()));
          }
        });
    facts.add(code("Reports", run.folder().location().toString()));
    String build = run.record().path("converter_version").asText();
    if (!build.isEmpty()) {
      facts.add(code("Build", "fusewright " + build));
    }
    List<String> others = builds.stream().filter(b -> !b.equals("fusewright " + build)).toList();
    if (!others.isEmpty()) {
      facts.add(code("Models made by", String.join(", ", others)));
    }
    facts.add(
        plain(
            "Models run by",
            runners.isEmpty() ? "nothing: no model was run" : String.join(", ", runners)));
    String carriers =
        run.record().path("versions").properties().stream()
            .map(
                version ->
                    CARRIERS.getOrDefault(version.getKey(), version.getKey())
                        + " "
                        + version.getValue().asText())
            .collect(Collectors.joining(", "));
    facts.add(plain("Started with", carriers.isEmpty() ? "not recorded" : carriers));
    return facts;
  }

  private static Fact plain(String name, String value) {
    return new Fact(Printable.line(name), Printable.line(value), /* isCode= */ false);
  }

  private static Fact code(String name, String value) {
    return new Fact(name, Printable.line(value), /* isCode= */ true);
  }

  private static String second(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ').replace("Z", " UTC");
  }

  /** What makes the run less than whole, or belongs to another. */
  List<String> warnings() throws IOException {
    List<String> warnings = new ArrayList<>();
    long notTried = run.summary().path("not_tried").asLong();
    if (notTried > 0) {
      warnings.add(
          "The run was stopped: %s not tried."
              .formatted(Amounts.count(notTried, "model was", "models were")));
    }
    if (run.store().status(run.folder().success()).isEmpty()) {
      warnings.add("The run is not marked as complete: there is no _SUCCESS.");
    }
    continued().ifPresent(warnings::add);
    Optional<RunHistory.Known> self = history.of(run.folder());
    self.flatMap(history::retriedBy)
        .ifPresent(
            first ->
                warnings.add(
                    "This run retries what the run %s did not publish.".formatted(first.id())));
    for (RunHistory.Known retry : history.retriesOf(run.folder())) {
      warnings.add(retried(retry));
    }
    return warnings;
  }

  /** A run that was begun again tells the time of its last start. */
  private Optional<String> continued() {
    if (record.isEmpty() || ended.isEmpty()) {
      return Optional.empty();
    }
    Duration whole = Duration.between(record.get().started(), ended.get());
    Duration last = Duration.ofMillis(Math.round(1e3 * run.summary().path("seconds").asDouble()));
    return whole.minus(last).compareTo(CLOCKS) <= 0
        ? Optional.empty()
        : Optional.of(
            "The run was continued under its id: %s lie between its beginning and its end, and its last start took %s of them."
                .formatted(
                    Figures.seconds((double) whole.toSeconds()),
                    Figures.seconds((double) last.toSeconds())));
  }

  private String retried(RunHistory.Known retry) throws IOException {
    String sentence =
        "What this run did not publish was retried by the run %s on %s"
            .formatted(retry.id(), second(retry.started()));
    Optional<JsonNode> summary = retry.folder().readSummary(run.store());
    if (summary.isEmpty()) {
      return sentence + ".";
    }
    long total = summary.get().path("total").asLong();
    long left = summary.get().path("rejected").asLong() + summary.get().path("failed").asLong();
    return "%s: %s of %s published."
        .formatted(sentence, Amounts.count(total - left), Amounts.count(total));
  }

  /** Every setting that decided what was made, and whether the run said it or left the default. */
  Grid settings() {
    Grid.Builder grid =
        Grid.of("Settings of the run; an entry of the catalogue may say otherwise of itself")
            .text("setting")
            .code("value")
            .text("from");
    if (record.isPresent()) {
      ObjectNode said = SettingsJson.write(record.get().settings());
      ObjectNode all = SettingsJson.write(FuseSettings.resolve(record.get().settings()).values());
      for (Setting<?> setting : SettingFields.ALL) {
        JsonNode value = all.path(setting.name());
        grid.row(
            cell(setting.name()),
            cell(
                value.isMissingNode()
                    ? Objects.requireNonNullElse(setting.standardText(), "none")
                    : Printable.line(value.isTextual() ? value.textValue() : value.toString())),
            cell(said.has(setting.name()) ? "the run" : "default"));
      }
    }
    return grid.build();
  }

  /** Digests of what the page is made of. */
  Grid digests() throws IOException {
    Grid.Builder grid =
        Grid.of("Files of the run that this page is made of")
            .code("file")
            .number("bytes")
            .code("sha256");
    for (AuditRun.Digest digest : run.digests()) {
      grid.row(
          cell(Printable.line(digest.name())),
          cell(Amounts.count(digest.bytes())),
          cell(digest.sha256()));
    }
    return grid.build();
  }
}
