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

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.testing.Python;
import dev.fusewright.pipeline.audit.TableReport.Format;
import dev.fusewright.report.FusionRecord;
import dev.fusewright.report.FusionReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableReportTest {
  @TempDir private Path folder;

  @Test
  void a_row_per_model_per_site_and_per_refusal() throws IOException {
    List<Path> files =
        write(Format.CSV, ExampleRun.fused("a"), ExampleRun.rejected("b", "it moved"));

    assertThat(files)
        .extracting(file -> file.getFileName().toString())
        .containsExactly("a-run.models.csv", "a-run.sites.csv", "a-run.refusals.csv");
    List<String> models = Files.readAllLines(files.get(0));
    assertThat(models).hasSize(3);
    assertThat(models.get(0)).startsWith("run_id,id,outcome,outcome_detail,verdict,levels,");
    assertThat(models.get(1))
        .startsWith(
            "a-run,a,FUSED,A_FINER_ONE,AS_LISTED,\"AS_LISTED: certificate, sites and structure; whole model NOISE\",");
    assertThat(models.get(2)).endsWith(",verify,RejectedException,it moved");
    // A fusion, the same dropped, and a site that only the proof tells of.
    assertThat(Files.readAllLines(files.get(1))).hasSize(1 + 2 * 3);
    assertThat(Files.readString(files.get(2))).contains(",OTHER_USES,");
  }

  @Test
  void a_formula_a_comma_and_a_line_break_are_text_in_csv_and_a_number_stays_one()
      throws IOException {
    String models =
        Files.readString(
            write(
                    Format.CSV,
                    ExampleRun.rejected("=HYPERLINK(\"x\",\"y\")", "one\ntwo"),
                    ExampleRun.rejected("+1", "-"))
                .get(0));
    String sites = Files.readString(folder.resolve("audit/a-run.sites.csv"));

    assertThat(models)
        .contains("\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\",REJECTED")
        .contains("one\\u000atwo\r\n")
        .contains("'+1,REJECTED")
        .endsWith(",'-\r\n");
    assertThat(sites).contains(",-1.5,2.25,");
  }

  @Test
  void json_has_an_object_per_line_with_names_as_they_are() throws IOException {
    List<Path> files = write(Format.JSON, ExampleRun.fused("=a\n\u202e"));

    List<String> lines = Files.readAllLines(files.get(0));
    assertThat(lines).hasSize(1);
    JsonNode model = new ObjectMapper().readTree(lines.get(0));
    assertThat(model.path("id").asText()).isEqualTo("=a\n\u202e");
    assertThat(model.path("fused").isIntegralNumber()).isTrue();
    assertThat(model.path("wrong_export").isBoolean()).isTrue();
    assertThat(model.path("worst_ratio").isNumber()).isTrue();
    assertThat(model.path("error").isNull()).isTrue();
  }

  @Test
  void fusions_that_are_proven_together_have_one_proof_and_a_part_of_it_is_none()
      throws IOException {
    FusionReport model = ExampleRun.fused("a");
    FusionRecord fusion = model.getFusions().get(0);
    List<String> nodes = model.getEquivalence().getSites().get(0).getNodes();
    FusionReport two =
        FusionReport.newBuilder(model)
            .setDropped(List.of())
            .setFusions(
                List.of(
                    FusionRecord.newBuilder(fusion).setRule("mul-one").setNodes(nodes).build(),
                    FusionRecord.newBuilder(fusion).setNodes(List.of(nodes.get(0))).build(),
                    fusion,
                    FusionRecord.newBuilder(fusion).setResult("unchanged").setNodes(nodes).build()))
            .build();

    assertThat(SiteFacts.of(two)).extracting(SiteFacts::proofNumber).containsExactly(0, 0, -1, -1);
    assertThat(Files.readString(write(Format.CSV, two).get(1)))
        .contains("a,0,mul-one,", "\"conv, bn\",0.001,\"conv, bn\",EQUIVALENT");
  }

  @Test
  @UsesProcesses
  @UsesPython
  void parquet_is_read_by_others_as_the_rows_of_json_with_types() throws IOException {
    FusionReport[] models = {
      ExampleRun.fused("=a\n\u202e"), ExampleRun.rejected("b", "it moved"), ExampleRun.fused("ç")
    };
    List<Path> parquet = write(Format.PARQUET, models);
    List<Path> json = write(Format.JSON, models);

    JsonObject read = Python.TORCH2.json("parquet_rows.py", parquet.toArray()).getAsJsonObject();
    for (int i = 0; i < json.size(); i++) {
      JsonObject table = read.getAsJsonObject(parquet.get(i).getFileName().toString());
      assertThat(table.getAsJsonArray("duckdb"))
          .as("%s", json.get(i))
          .containsExactlyElementsOf(
              Files.readAllLines(json.get(i)).stream().map(JsonParser::parseString).toList());
      assertThat(table.getAsJsonArray("pandas")).hasSameSizeAs(table.getAsJsonArray("duckdb"));
    }
    JsonObject types = read.getAsJsonObject("a-run.models.parquet").getAsJsonObject("types");
    assertThat(types.get("id").getAsString()).isEqualTo("VARCHAR");
    assertThat(types.get("fused").getAsString()).isEqualTo("BIGINT");
    assertThat(types.get("worst_ratio").getAsString()).isEqualTo("DOUBLE");
    assertThat(types.get("wrong_export").getAsString()).isEqualTo("BOOLEAN");
    assertThat(types.get("started").getAsString()).isEqualTo("TIMESTAMP WITH TIME ZONE");
  }

  @Test
  void parquet_has_the_same_bytes_each_time_and_nothing_beside_it() throws IOException {
    List<Path> files = write(Format.PARQUET, ExampleRun.fused("a"));
    List<byte[]> first = new ArrayList<>();
    for (Path file : files) {
      first.add(Files.readAllBytes(file));
    }

    write(Format.PARQUET, ExampleRun.fused("a"));

    for (int i = 0; i < files.size(); i++) {
      assertThat(files.get(i)).hasBinaryContent(first.get(i));
    }
    try (Stream<Path> all = Files.list(folder.resolve("audit"))) {
      assertThat(all)
          .extracting(file -> file.getFileName().toString())
          .containsExactlyInAnyOrder(
              "a-run.models.parquet", "a-run.sites.parquet", "a-run.refusals.parquet");
    }
  }

  private List<Path> write(Format format, FusionReport... models) throws IOException {
    return new TableReport(
            ExampleRun.STORE, ExampleRun.write(folder, "a-run", List.of(models)), format)
        .write(folder.resolve("audit"));
  }
}
