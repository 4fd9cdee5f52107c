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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.catalogue.CatalogueException;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on a real Flink, embedded in this JVM. */
@UsesFlink
final class FuseRunTest {
  private static final Settings UNPROVEN =
      Settings.NONE.with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE);

  @TempDir Path folder;

  private FuseRun run(String catalogue, String output, Settings settings, String... options) {
    return TestRuns.into(folder.resolve(output), Location.of(catalogue), settings, options);
  }

  private FuseRun.Ended execute(FuseRun run) throws Exception {
    return run.execute(begun -> {});
  }

  private static Map<String, FusionReport> reports(FuseRun.Ended ended) throws IOException {
    Map<String, FusionReport> reports = new TreeMap<>();
    var store = Stores.of(StorageConfiguration.defaults());
    for (var part : store.list(ended.folder().resolve("part-*.avro"))) {
      ReportFiles.read(store, part.location(), report -> reports.put(report.getId(), report));
    }
    return reports;
  }

  /** Every published file below the output, reports apart. */
  private Map<String, String> published(String output) throws IOException {
    Path root = folder.resolve(output);
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .filter(name -> !name.startsWith("reports/"))
          .collect(
              Collectors.toMap(
                  Function.identity(),
                  name -> digest(root.resolve(name)),
                  (a, b) -> a,
                  TreeMap::new));
    }
  }

  private static String digest(Path file) {
    try {
      return dev.fusewright.io.storage.Staging.sha256(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private String catalogue(List<String> lines) throws IOException {
    return Files.write(folder.resolve("catalogue.jsonl"), lines).toString();
  }

  @Test
  void the_example_catalogue_is_proven_published_and_accounted_for() throws Exception {
    FuseRun.Ended ended =
        execute(
            run(
                ExampleModels.folder().resolve("catalogue.jsonl").toString(),
                "out",
                Settings.NONE));

    Map<String, FusionReport> reports = reports(ended);
    assertThat(reports).hasSize(8);
    reports.forEach(
        (id, report) -> {
          assertThat(report.getRunId()).isEqualTo(ended.id());
          boolean nothing = id.equals("nothing_to_fuse") || id.equals("resnet18_training");
          assertThat(report.getOutcome())
              .as("%s: %s", id, report.getError())
              .isEqualTo(nothing ? Outcome.NOTHING_TO_FUSE : Outcome.FUSED);
          assertThat(report.getEquivalence().getVerdict())
              .isEqualTo(nothing ? "NOT_CHECKED" : "EQUIVALENT");
        });
    assertThat(reports.get("resnet18").getAfter().getOperators())
        .doesNotContainKey("BatchNormalization");
    assertThat(reports.get("mobilenet_v2").getAfter().getOperators())
        .doesNotContainKey("BatchNormalization");
    assertThat(published("out")).hasSize(8);
    JsonNode summary = ended.summary();
    assertThat(summary.get("run_id").asText()).isEqualTo(ended.id());
    assertThat(summary.get("total").asInt()).isEqualTo(8);
    assertThat(summary.get("fused").asInt()).isEqualTo(6);
    assertThat(summary.get("nothing_to_fuse").asInt()).isEqualTo(2);
    assertThat(summary.get("rejected").asInt() + summary.get("failed").asInt()).isZero();
    assertThat(summary.get("bytes_in").asLong())
        .isEqualTo(
            reports.values().stream().mapToLong(report -> report.getSource().getBytes()).sum());
    Path runFolder = ended.folder().localPath();
    assertThat(runFolder.resolve("_SUCCESS")).isEmptyFile();
    assertThat(runFolder.resolve("summary.md")).content().contains("| FUSED | 6 |");
    assertThat(runFolder.resolve("quarantine")).doesNotExist();
    JsonNode latest = new ObjectMapper().readTree(runFolder.resolveSibling("latest.json").toFile());
    assertThat(latest.get("run_id").asText()).isEqualTo(ended.id());
  }

  @Test
  void broken_models_fail_located_and_the_rest_is_fused() throws Exception {
    FuseRun.Ended ended =
        execute(
            run(
                ExampleModels.folder().resolve("catalogue-broken.jsonl").toString(),
                "out",
                UNPROVEN));

    Map<String, FusionReport> reports = reports(ended);
    assertThat(reports).hasSize(10);
    for (String broken : List.of("truncated", "not-a-model")) {
      FusionReport report = reports.get(broken);
      assertThat(report.getOutcome()).isEqualTo(Outcome.FAILED);
      assertThat(report.getError().getStage()).isEqualTo("read");
      assertThat(report.getError().getMessage())
          .contains(broken + ".onnx")
          .containsPattern("byte \\d+");
    }
    assertThat(published("out"))
        .hasSize(8)
        .doesNotContainKeys("truncated.onnx", "not-a-model.onnx");
    assertThat(ended.summary().get("failed").asInt()).isEqualTo(2);
    assertThat(ended.summary().get("fused").asInt()).isEqualTo(6);
    assertThat(ended.summary().get("problems").findValuesAsText("id"))
        .containsExactly("not-a-model", "truncated");
    Path quarantine = ended.folder().localPath().resolve("quarantine");
    assertThat(Files.readAllLines(quarantine.resolve("part-00000-of-00001.jsonl")))
        .hasSize(2)
        .allMatch(line -> line.contains("\"outcome\":\"FAILED\""));
    assertThat(Files.readAllLines(quarantine.resolve("retry.jsonl")))
        .hasSize(2)
        .allMatch(line -> line.contains("\"uri\":\"" + ExampleModels.folder()));
  }

  @Test
  void every_kind_of_bad_input_is_an_entry_that_failed() throws Exception {
    byte[] whole = Files.readAllBytes(ExampleModels.model("mlp_bn"));
    Files.write(folder.resolve("truncated.onnx"), java.util.Arrays.copyOf(whole, 20_000));
    Files.write(folder.resolve("empty.onnx"), new byte[0]);
    Files.writeString(folder.resolve("text.onnx"), "no model");
    Files.createDirectory(folder.resolve("folder.onnx"));
    String catalogue =
        catalogue(
            List.of(
                "{\"id\": \"truncated\", \"uri\": \"truncated.onnx\"}",
                "{\"id\": \"empty\", \"uri\": \"empty.onnx\"}",
                "{\"id\": \"text\", \"uri\": \"text.onnx\"}",
                "{\"id\": \"folder\", \"uri\": \"folder.onnx\"}",
                "{\"id\": \"missing\", \"uri\": \"missing.onnx\"}",
                "{\"id\": \"scheme\", \"uri\": \"nosuch://bucket/model.onnx\"}",
                "{\"id\": \"rules\", \"uri\": \"%s\", \"rules\": \"no-such-rule\"}"
                    .formatted(ExampleModels.model("mlp_bn")),
                "{\"id\": \"format\", \"uri\": \"%s\", \"format\": \"caffe\"}"
                    .formatted(ExampleModels.model("mlp_bn")),
                "{\"id\": \"good\", \"uri\": \"%s\"}".formatted(ExampleModels.model("mlp_bn"))));

    FuseRun.Ended ended = execute(run(catalogue, "out", UNPROVEN));

    Map<String, FusionReport> reports = reports(ended);
    assertThat(reports.remove("good").getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(reports).hasSize(8);
    reports.forEach(
        (id, report) -> {
          assertThat(report.getOutcome()).as(id).isEqualTo(Outcome.FAILED);
          assertThat(report.getError().getMessage()).as(id).isNotBlank();
        });
    assertThat(published("out")).containsOnlyKeys("good.onnx");
    assertThat(ended.summary().get("failed").asInt()).isEqualTo(8);
  }

  @Test
  void models_are_fused_in_parallel_and_bytes_do_not_depend_on_it() throws Exception {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String model = List.of("mobilenet_v2", "resnet18", "dcgan_generator").get(i % 3);
      lines.add("{\"id\": \"m%d\", \"uri\": \"%s\"}".formatted(i, ExampleModels.model(model)));
    }
    String catalogue = catalogue(lines);

    assertThat(mostInFlight(run(catalogue, "two", UNPROVEN, "--parallelism=2"))).isEqualTo(2);
    Map<String, String> first = published("two");
    assertThat(first).hasSize(60);
    assertThat(mostInFlight(run(catalogue, "one", UNPROVEN, "--parallelism", "1"))).isEqualTo(1);
    assertThat(published("one")).isEqualTo(first);
    execute(run(catalogue, "two", UNPROVEN, "--parallelism=2"));
    assertThat(published("two")).as("published over the first run's").isEqualTo(first);
  }

  private static int mostInFlight(FuseRun run) throws Exception {
    AtomicReference<RunProgress> progress = new AtomicReference<>();
    FuseRun.Ended ended = run.execute(begun -> progress.set(RunProgress.watch(begun.id())));
    RunProgress.forget(ended.id());
    assertThat(progress.get().figures().models()).isEqualTo(60);
    return progress.get().mostInFlight();
  }

  @Test
  void a_wrong_catalogue_or_option_leaves_nothing_behind() throws Exception {
    String twice =
        catalogue(
            List.of("{\"id\":\"a\",\"uri\":\"a.onnx\"}", "{\"id\":\"a\",\"uri\":\"b.onnx\"}"));
    assertThatThrownBy(() -> execute(run(twice, "out", UNPROVEN)))
        .isInstanceOf(CatalogueException.class)
        .hasMessageContaining("line 2");
    assertThatThrownBy(() -> execute(run(twice, "out", UNPROVEN, "--paralelism=2")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unknown option --paralelism");
    assertThat(folder.resolve("out")).doesNotExist();
  }
}
