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
package dev.fusewright.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.cache.CacheLookup.Trust;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.EntryJson;
import dev.fusewright.pipeline.catalogue.GlobPairs;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that publish nothing: candidates of others are proven, and published zoos audited. */
@UsesFlink
final class VerifyRunTest {
  private static final List<String> MODELS = List.of("mlp_bn", "conv1d_net", "conv3d_net");
  private static final Settings FUSES =
      Settings.NONE.with(SettingFields.VERIFY_LEVEL, VerifyLevel.SITE);
  private static final Settings VERIFIES = Settings.NONE.with(SettingFields.MODE, Mode.VERIFY);
  private static final Settings AUDITS = Settings.NONE.with(SettingFields.MODE, Mode.AUDIT);

  @TempDir Path folder;

  private Path zoo() throws IOException {
    Path zoo = Files.createDirectories(folder.resolve("zoo"));
    for (String model : MODELS) {
      Files.copy(ExampleModels.model(model), zoo.resolve(model + ".onnx"));
    }
    return zoo;
  }

  private Map<String, FusionReport> run(String output, Location catalogue, Settings settings)
      throws Exception {
    FuseRun.Ended ended =
        TestRuns.into(folder.resolve(output), catalogue, settings).execute(begun -> {});
    Map<String, FusionReport> reports = new TreeMap<>();
    var store = Stores.of(StorageConfiguration.defaults());
    for (var part : store.list(ended.folder().resolve("*.avro"))) {
      ReportFiles.read(store, part.location(), report -> reports.put(report.getId(), report));
    }
    return reports;
  }

  /** The outcome of each entry, without the extension that its id may have. */
  private static Map<String, Outcome> outcomes(Map<String, FusionReport> reports) {
    Map<String, Outcome> outcomes = new TreeMap<>();
    reports.forEach((id, report) -> outcomes.put(id.replace(".onnx", ""), report.getOutcome()));
    return outcomes;
  }

  private Location glob(String text) {
    return Location.of(folder).resolve(text);
  }

  private Location pairs(String candidates) throws Exception {
    List<String> lines = new ArrayList<>();
    GlobPairs pairs =
        GlobPairs.of(
            Stores.of(StorageConfiguration.defaults()), glob("zoo/*.onnx"), glob(candidates));
    for (CatalogueEntry entry : pairs.entries()) {
      lines.add(EntryJson.write(entry));
    }
    return Location.of(Files.write(folder.resolve("pairs.jsonl"), lines));
  }

  /** One float in the middle of a file is twice what it was. */
  private static void alter(Path model) throws IOException {
    byte[] bytes = Files.readAllBytes(model);
    ByteBuffer floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = bytes.length / 2;
    while (Math.abs(floats.getFloat(at)) < 0.01 || Math.abs(floats.getFloat(at)) > 10) {
      at++;
    }
    floats.putFloat(at, 2 * floats.getFloat(at));
    Files.write(model, bytes);
  }

  @Test
  void exactly_the_candidate_that_was_altered_is_found_and_nothing_is_published() throws Exception {
    zoo();
    run("fused", glob("zoo/*.onnx"), FUSES);
    alter(folder.resolve("fused/conv1d_net.onnx"));
    Location pairs = pairs("fused/*.onnx");

    Map<String, FusionReport> reports = run("verified", pairs, VERIFIES);

    assertThat(outcomes(reports))
        .isEqualTo(
            Map.of(
                "mlp_bn", Outcome.NOTHING_TO_FUSE,
                "conv1d_net", Outcome.REJECTED,
                "conv3d_net", Outcome.NOTHING_TO_FUSE));
    reports.forEach(
        (id, report) ->
            assertThat(report.getEquivalence().getVerdict())
                .isEqualTo(id.contains("conv1d") ? "DIFFERENT" : "EQUIVALENT"));
    try (Stream<Path> written = Files.list(folder.resolve("verified"))) {
      assertThat(written.map(file -> file.getFileName().toString())).containsExactly("reports");
    }

    // What was proven and nobody touched is not proven again; what is mended is.
    Files.copy(
        folder.resolve("zoo/conv1d_net.onnx"),
        folder.resolve("fused/conv1d_net.onnx"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThat(outcomes(run("verified", pairs, VERIFIES)))
        .isEqualTo(
            Map.of(
                "mlp_bn", Outcome.UNCHANGED,
                "conv1d_net", Outcome.NOTHING_TO_FUSE,
                "conv3d_net", Outcome.UNCHANGED));
    alter(folder.resolve("fused/mlp_bn.onnx"));
    assertThat(outcomes(run("verified", pairs, VERIFIES)))
        .isEqualTo(
            Map.of(
                "mlp_bn", Outcome.REJECTED,
                "conv1d_net", Outcome.UNCHANGED,
                "conv3d_net", Outcome.UNCHANGED));
  }

  @Test
  void what_cannot_be_held_against_anything_fails_and_an_entry_does_not_choose_to_fuse()
      throws Exception {
    Path zoo = zoo();
    Path catalogue =
        Files.write(
            folder.resolve("catalogue.jsonl"),
            List.of(
                "{\"id\": \"alone\", \"uri\": \"zoo/mlp_bn.onnx\"}",
                "{\"id\": \"gone\", \"uri\": \"zoo/mlp_bn.onnx\", \"candidate\": \"zoo/none.onnx\"}",
                "{\"id\": \"text\", \"uri\": \"zoo/mlp_bn.onnx\", \"candidate\": \"catalogue.jsonl\"}",
                "{\"id\": \"same\", \"uri\": \"zoo/mlp_bn.onnx\", \"candidate\": \"zoo/mlp_bn.onnx\", \"mode\": \"eval\"}",
                "{\"id\": \"mode\", \"uri\": \"zoo/mlp_bn.onnx\", \"mode\": \"verify\"}"));

    Map<String, FusionReport> reports = run("verified", Location.of(catalogue), VERIFIES);

    assertThat(outcomes(reports))
        .isEqualTo(
            Map.of(
                "alone", Outcome.FAILED,
                "gone", Outcome.FAILED,
                "text", Outcome.FAILED,
                "same", Outcome.NOTHING_TO_FUSE,
                "mode", Outcome.FAILED));
    assertThat(reports.get("alone").getError().getMessage()).contains("expected a candidate");
    assertThat(reports.get("gone").getError().getMessage()).contains("none.onnx");
    assertThat(reports.get("mode").getError().getMessage()).contains("mode").contains("the run's");
    assertThat(zoo.resolve("../verified/same.onnx")).doesNotExist();
  }

  @Test
  void an_audit_finds_what_is_missing_altered_or_stale_of_a_published_zoo_and_only_that()
      throws Exception {
    Path zoo = zoo();
    Files.copy(ExampleModels.model("mlp_bn"), zoo.resolve("another.onnx"));
    Location catalogue = glob("zoo/*.onnx");
    run("fused", catalogue, FUSES);
    assertThat(outcomes(run("fused", catalogue, AUDITS)).values())
        .containsOnly(Outcome.UNCHANGED)
        .hasSize(4);

    Path fused = folder.resolve("fused");
    Files.delete(fused.resolve("mlp_bn.onnx"));
    FileTime time = Files.getLastModifiedTime(fused.resolve("conv1d_net.onnx"));
    alter(fused.resolve("conv1d_net.onnx"));
    Files.setLastModifiedTime(fused.resolve("conv1d_net.onnx"), time);
    Files.write(zoo.resolve("conv3d_net.onnx"), new byte[1], StandardOpenOption.APPEND);
    Map<String, FusionReport> reports = run("fused", catalogue, AUDITS);

    assertThat(outcomes(reports))
        .isEqualTo(
            Map.of(
                "mlp_bn", Outcome.REJECTED,
                "conv1d_net", Outcome.REJECTED,
                "conv3d_net", Outcome.REJECTED,
                "another", Outcome.UNCHANGED));
    Map<String, String> details = new TreeMap<>();
    reports.forEach(
        (id, report) -> details.put(id.replace(".onnx", ""), report.getOutcomeDetail()));
    assertThat(details)
        .containsEntry("mlp_bn", "MISSING")
        .containsEntry("conv1d_net", "ALTERED")
        .containsEntry("conv3d_net", "STALE");
    assertThat(fused.resolve("mlp_bn.onnx")).doesNotExist();

    // A run mends what an audit finds by size and time; what it left alone is left alone.
    assertThat(outcomes(run("fused", catalogue, FUSES)))
        .containsEntry("mlp_bn", Outcome.FUSED)
        .containsEntry("another", Outcome.UNCHANGED);
  }

  private FuseRun audit(String reports, @Nullable Location receipts) {
    FuseRun run = TestRuns.into(folder.resolve("fused"), glob("zoo/*.onnx"), AUDITS);
    return new FuseRun(
        run.catalogue(),
        run.output(),
        Location.of(folder.resolve(reports)),
        run.settings(),
        run.storage(),
        new RunChoices(run.choices().trust(), null, receipts),
        run.name(),
        run.submitter());
  }

  @Test
  void an_auditor_reports_elsewhere_and_writes_nothing_into_the_zoo() throws Exception {
    zoo();
    run("fused", glob("zoo/*.onnx"), FUSES);
    List<Path> before = files("fused");

    FuseRun.Ended ended = audit("auditor", null).execute(begun -> {});

    assertThat(ended.summary().path("unchanged").asInt()).isEqualTo(MODELS.size());
    assertThat(files("fused")).isEqualTo(before);
    assertThat(Files.readString(new RunFolder(ended.folder()).record().localPath()))
        .contains("\"receipts\" : \"" + Location.of(folder.resolve("fused/reports")) + "\"");
  }

  @Test
  void a_zoo_whose_receipts_are_in_no_usual_place_is_held_against_those_that_are_named()
      throws Exception {
    zoo();
    run("fused", glob("zoo/*.onnx"), FUSES);
    Path moved = folder.resolve("moved");
    Files.move(folder.resolve("fused/reports"), moved);

    FuseRun.Ended without = audit("auditor", null).execute(begun -> {});
    FuseRun.Ended with = audit("auditor", Location.of(moved)).execute(begun -> {});

    assertThat(without.summary().path("rejected").asInt()).isEqualTo(MODELS.size());
    assertThat(without.summary().at("/problems/0/message").asText())
        .contains("expected the receipt of a published model in", "auditor/receipts");
    assertThat(with.summary().path("unchanged").asInt()).isEqualTo(MODELS.size());
    assertThatThrownBy(
            () ->
                new FuseRun(
                    glob("zoo/*.onnx"),
                    glob("fused"),
                    glob("fused/reports"),
                    FUSES,
                    StorageConfiguration.defaults(),
                    new RunChoices(Trust.EVERY_RUN, null, Location.of(moved)),
                    null,
                    audit("auditor", null).submitter()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--receipts is about --mode audit");
  }

  private List<Path> files(String below) throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve(below))) {
      return all.sorted().toList();
    }
  }
}
