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

import dev.fusewright.pipeline.ExampleModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ServiceLoader;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The transforms as Beam YAML and other SDKs find and join them: by identifier, with rows. */
final class SchemaTransformsTest {
  @TempDir Path folder;

  private static SchemaTransformProvider provider(String identifier) {
    return ServiceLoader.load(SchemaTransformProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(provider -> provider.identifier().equals(identifier))
        .findFirst()
        .orElseThrow();
  }

  /** A transform with a configuration of texts, as YAML gives them. */
  private static SchemaTransform transform(String identifier, String... namesAndValues) {
    Schema.Builder schema = Schema.builder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      schema.addStringField(namesAndValues[i]);
    }
    Row.Builder row = Row.withSchema(schema.build());
    for (int i = 1; i < namesAndValues.length; i += 2) {
      row.addValue(namesAndValues[i]);
    }
    return provider(identifier).from(row.build());
  }

  private static PCollection<String> texts(PCollection<Row> rows, String name, String... fields) {
    return rows.apply(
        name,
        MapElements.into(TypeDescriptors.strings())
            .via(
                (Row row) -> {
                  StringBuilder text = new StringBuilder();
                  for (String field : fields) {
                    text.append(text.isEmpty() ? "" : " ")
                        .append(String.valueOf(row.<Object>getValue(field)));
                  }
                  return text.toString();
                }));
  }

  @Test
  void a_catalogue_is_read_fused_and_reported_by_rows_alone() throws Exception {
    Path catalogue =
        Files.writeString(
            folder.resolve("zoo.jsonl"),
            """
            {"id": "perceptron", "uri": "%s"}
            {"id": "plain", "uri": "%s"}
            {"id": "odd", "uri": "odd.onnx"}
            """
                .formatted(ExampleModels.model("mlp_bn"), ExampleModels.model("nothing_to_fuse")));
    TestPipeline pipeline = FuseModelsTest.pipeline();
    PCollectionRowTuple entries =
        PCollectionRowTuple.empty(pipeline)
            .apply(
                "Read",
                transform(
                    "fusewright:read_catalogue:v1",
                    "catalogue",
                    catalogue.toString(),
                    "prepared",
                    folder.resolve("prepared.jsonl").toString()));
    PCollectionRowTuple models =
        PCollectionRowTuple.of("input", entries.get("output"))
            .apply(
                "Fuse",
                transform(
                    "fusewright:fuse_models:v1",
                    "output",
                    folder.resolve("out").toString(),
                    "verify",
                    "site"));
    PCollectionRowTuple totals =
        PCollectionRowTuple.of("input", models.get("reports"))
            .apply(
                "Write",
                transform(
                    "fusewright:write_reports:v1", "folder", folder.resolve("written").toString()));

    PAssert.that(texts(models.get("fused"), "Fused", "id", "verdict"))
        .containsInAnyOrder("perceptron EQUIVALENT");
    PAssert.that(texts(models.get("unfused"), "Unfused", "id", "verdict"))
        .containsInAnyOrder("plain NOT_CHECKED");
    PAssert.that(texts(models.get("failed"), "Failed", "id", "stage"))
        .containsInAnyOrder("odd fetch");
    PAssert.that(
            texts(totals.get("output"), "Totals", "total", "fused", "nothing_to_fuse", "failed"))
        .containsInAnyOrder("3 1 1 1");
    pipeline.run().waitUntilFinish();
    assertThat(folder.resolve("written/part-00000-of-00001.avro")).exists();
  }

  @Test
  void a_wrong_configuration_is_refused_when_the_pipeline_is_made() {
    assertThatThrownBy(() -> transform("fusewright:fuse_models:v1", "verify", "site"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("output");
    assertThatThrownBy(() -> transform("fusewright:read_catalogue:v1", "catalogue", "a.jsonl"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("prepared");
    assertThatThrownBy(() -> transform("fusewright:write_reports:v1", "directory", "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("directory");
  }
}
