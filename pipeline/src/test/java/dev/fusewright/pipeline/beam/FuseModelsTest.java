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
package dev.fusewright.pipeline.beam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.model.OutputConflicts;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The transforms by themselves, on Beam's own runner for tests. */
final class FuseModelsTest {
  @TempDir Path folder;

  private FuseConfiguration configuration() {
    return FuseConfiguration.into(Location.of(folder.resolve("out")))
        .with(SettingFields.VERIFY_LEVEL, VerifyLevel.SITE);
  }

  static TestPipeline pipeline() {
    return TestPipeline.create().enableAbandonedNodeEnforcement(/* enable= */ false);
  }

  private static CatalogueEntry entry(String id, Path model) {
    return CatalogueEntry.of(id, Location.of(model), /* size= */ null);
  }

  private static PCollectionTuple fused(
      TestPipeline pipeline, FuseConfiguration configuration, CatalogueEntry... entries) {
    return pipeline
        .apply(Create.of(List.of(entries)).withCoder(SerializableCoder.of(CatalogueEntry.class)))
        .apply(FuseModels.with(configuration));
  }

  private static PCollection<String> ids(PCollectionTuple models, TupleTag<FusionReport> output) {
    return models
        .get(output)
        .apply(
            "Ids of " + output.getId(),
            MapElements.into(TypeDescriptors.strings())
                .via((FusionReport report) -> report.getId() + " " + report.getOutcome()));
  }

  private CatalogueEntry[] examples() throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.onnx"), "no model");
    return new CatalogueEntry[] {
      entry("perceptron", ExampleModels.model("mlp_bn")),
      entry("plain", ExampleModels.model("nothing_to_fuse")),
      entry("broken", broken)
    };
  }

  @Test
  void each_entry_comes_out_once_by_what_became_of_it_and_once_among_all() throws IOException {
    TestPipeline pipeline = pipeline();
    PCollectionTuple models = fused(pipeline, configuration(), examples());

    PAssert.that(ids(models, FuseModels.FUSED)).containsInAnyOrder("perceptron FUSED");
    PAssert.that(ids(models, FuseModels.UNFUSED)).containsInAnyOrder("plain NOTHING_TO_FUSE");
    PAssert.that(ids(models, FuseModels.REJECTED)).empty();
    PAssert.that(ids(models, FuseModels.FAILED)).containsInAnyOrder("broken FAILED");
    PAssert.that(ids(models, FuseModels.REPORTS))
        .containsInAnyOrder("perceptron FUSED", "plain NOTHING_TO_FUSE", "broken FAILED");
    pipeline.run().waitUntilFinish();
    assertThat(folder.resolve("out/perceptron.onnx")).exists();
    assertThat(folder.resolve("out/broken.onnx")).doesNotExist();
  }

  @Test
  void what_is_unchanged_comes_out_where_it_did_when_it_was_made() throws IOException {
    FuseConfiguration configuration = configuration();
    TestPipeline first = pipeline();
    fused(first, configuration, examples());
    first.run().waitUntilFinish();

    TestPipeline second = pipeline();
    PCollectionTuple models = fused(second, configuration.withRunId("the-next"), examples());
    PAssert.that(ids(models, FuseModels.FUSED)).containsInAnyOrder("perceptron UNCHANGED");
    PAssert.that(ids(models, FuseModels.UNFUSED)).containsInAnyOrder("plain UNCHANGED");
    second.run().waitUntilFinish();

    TestPipeline again = pipeline();
    models = fused(again, configuration, examples());
    PAssert.that(ids(models, FuseModels.FUSED)).containsInAnyOrder("perceptron FUSED");
    again.run().waitUntilFinish();
  }

  @Test
  void what_is_not_proven_is_rejected() {
    TestPipeline pipeline = pipeline();
    PCollectionTuple models =
        fused(
            pipeline,
            configuration()
                .with(SettingFields.VERIFY_LEVEL, VerifyLevel.MODEL)
                .with(SettingFields.TOLERANCE, 1e-12),
            entry("perceptron", ExampleModels.model("mlp_bn")));
    PAssert.that(ids(models, FuseModels.REJECTED)).containsInAnyOrder("perceptron REJECTED");
    PAssert.that(ids(models, FuseModels.FUSED)).empty();
    pipeline.run().waitUntilFinish();
    assertThat(folder.resolve("out/perceptron.onnx")).doesNotExist();
  }

  private static Map<String, Outcome> written(Path part) throws IOException {
    Map<String, Outcome> outcomes = new TreeMap<>();
    ReportFiles.read(
        Stores.of(StorageConfiguration.defaults()),
        Location.of(part),
        report -> assertThat(outcomes.put(report.getId(), report.getOutcome())).isNull());
    return outcomes;
  }

  @Test
  void reports_are_written_once_and_an_attempt_that_nobody_names_is_not_counted()
      throws IOException {
    Path reports = folder.resolve("written");
    Path lost = Files.createDirectories(reports.resolve("attempts")).resolve("lost.avro");
    for (int attempt = 0; attempt < 2; attempt++) {
      TestPipeline pipeline = pipeline();
      PCollection<RunTotals> totals =
          fused(pipeline, configuration(), examples())
              .get(FuseModels.REPORTS)
              .apply(WriteReports.into(Location.of(reports), StorageConfiguration.defaults()));
      PAssert.thatSingleton(totals)
          .satisfies(
              all -> {
                assertThat(all.total()).isEqualTo(3);
                assertThat(all.notPublished()).isEqualTo(1);
                return null;
              });
      pipeline.run().waitUntilFinish();

      Path part = reports.resolve("part-00000-of-00001.avro");
      assertThat(written(part)).hasSize(3).containsEntry("broken", Outcome.FAILED);
      assertThat(reports.resolve("quarantine/part-00000-of-00001.jsonl"))
          .content()
          .hasLineCount(1)
          .contains("\"id\":\"broken\"");
      Files.copy(part, lost, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Test
  void no_reports_at_all_come_to_nothing() {
    TestPipeline pipeline = pipeline();
    PCollection<RunTotals> totals =
        pipeline
            .apply(Create.empty(SerializableCoder.of(CatalogueEntry.class)))
            .apply(FuseModels.with(configuration()))
            .get(FuseModels.REPORTS)
            .apply(
                WriteReports.into(
                    Location.of(folder.resolve("written")), StorageConfiguration.defaults()));
    PAssert.thatSingleton(totals)
        .satisfies(
            all -> {
              assertThat(all.total()).isZero();
              return null;
            });
    pipeline.run().waitUntilFinish();
    assertThat(folder.resolve("written/part-00000-of-00001.avro")).doesNotExist();
  }

  @Test
  void a_catalogue_is_checked_when_the_pipeline_is_made_and_read_from_where_it_was_written()
      throws Exception {
    List<String> lines = new ArrayList<>();
    for (String name : List.of("mlp_bn", "nothing_to_fuse")) {
      lines.add("{\"id\": \"%s\", \"uri\": \"%s\"}".formatted(name, ExampleModels.model(name)));
    }
    lines.add("{\"id\": \"odd\"}");
    Path catalogue = Files.write(folder.resolve("zoo.jsonl"), lines);
    Location prepared = Location.of(folder.resolve("prepared.jsonl"));
    ReadCatalogue reading =
        ReadCatalogue.prepare(Location.of(catalogue), prepared, StorageConfiguration.defaults());
    Files.delete(catalogue);

    TestPipeline pipeline = pipeline();
    PCollectionTuple models = pipeline.apply(reading).apply(FuseModels.with(configuration()));
    PAssert.that(ids(models, FuseModels.REPORTS))
        .containsInAnyOrder("mlp_bn FUSED", "nothing_to_fuse NOTHING_TO_FUSE", "odd FAILED");
    pipeline.run().waitUntilFinish();

    Path empty = Files.writeString(folder.resolve("empty.jsonl"), "");
    Location nowhere = Location.of(folder.resolve("nowhere.jsonl"));
    assertThatThrownBy(
            () ->
                ReadCatalogue.prepare(Location.of(empty), nowhere, StorageConfiguration.defaults()))
        .hasMessageContaining("expected entries, found none");
    assertThat(folder.resolve("nowhere.jsonl")).doesNotExist();
  }

  @Test
  void data_files_stand_in_a_model_s_own_folder_and_nowhere_else() throws IOException {
    Location out = Location.of(folder);
    OutputConflicts others = OutputConflicts.outside(out.resolve("bert"));
    assertThat(others.mayOccur(out, out.resolve("bert"))).isFalse();
    assertThat(others.mayOccur(out, out.resolve("bert/weights"))).isFalse();
    assertThat(others.mayOccur(out, out)).isTrue();
    assertThat(others.mayOccur(out, out.resolve("bert2"))).isTrue();
  }
}
