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

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.pipeline.cache.CacheLookup;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.EntryJson;
import dev.fusewright.pipeline.report.ExampleReports;
import dev.fusewright.pipeline.settings.Setting;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.SettingPlace;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.pipeline.settings.SettingsJson;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;

/** Configurations, entries and reports as rows, and back. */
final class RowsTest {
  private static final Location ZOO = Location.of("s3a://zoo");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Every setting that may be said there, with the value of its example. */
  private static Settings everything(SettingPlace place) throws Exception {
    ObjectNode said = JSON.createObjectNode();
    for (Setting<?> setting : SettingFields.at(place)) {
      said.set(setting.name(), JSON.readTree(setting.example()));
    }
    return SettingsJson.read(said);
  }

  @Test
  void a_configuration_with_every_setting_of_a_run_goes_through_a_row() throws Exception {
    FuseConfiguration configuration =
        FuseConfiguration.into(ZOO.resolve("fused"))
            .withRunId("tonight")
            .withReports(ZOO.resolve("told"))
            .with(everything(SettingPlace.RUN))
            .with(StorageConfiguration.of(Map.of("fs.s3a.endpoint", "http://localhost:1")))
            .with(CacheLookup.Trust.THIS_RUN_ONLY);
    Row row = configuration.row();
    assertThat(RowJson.names(row.getSchema()))
        .containsAll(SettingFields.at(SettingPlace.RUN).stream().map(Setting::name).toList());
    assertThat(row.getSchema().getFieldNames()).contains("as_").doesNotContain("as");
    assertThat(FuseConfiguration.of(row)).isEqualTo(configuration);
  }

  @Test
  void a_configuration_may_have_few_fields_and_wider_numbers_and_no_unknown_or_wrong_ones() {
    Schema few = Schema.builder().addStringField("output").addInt64Field("samples").build();
    FuseConfiguration configuration =
        FuseConfiguration.of(Row.withSchema(few).addValues("s3a://zoo/fused", 3L).build());
    assertThat(configuration.settings()).isEqualTo(Settings.NONE.with(SettingFields.SAMPLES, 3));
    assertThat(configuration.reports()).isEqualTo(ZOO.resolve("fused/reports"));

    Schema unknown = Schema.builder().addStringField("output").addStringField("rule").build();
    assertThatThrownBy(
            () -> FuseConfiguration.of(Row.withSchema(unknown).addValues("a", "b").build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rule");
    Schema wrong = Schema.builder().addStringField("output").addStringField("verify").build();
    assertThatThrownBy(
            () -> FuseConfiguration.of(Row.withSchema(wrong).addValues("a", "much").build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("verify", "much");
    assertThatThrownBy(
            () ->
                FuseConfiguration.of(
                    Row.withSchema(Schema.builder().addStringField("verify").build())
                        .addValue("all")
                        .build()))
        .hasMessage("field 'output' is missing");
  }

  @Test
  void an_entry_with_every_setting_goes_through_a_row() throws Exception {
    CatalogueEntry entry =
        new CatalogueEntry(
            "a/b",
            ZOO.resolve("a/b.onnx"),
            "a/c.onnx",
            7L,
            "onnx",
            "0".repeat(64),
            ZOO.resolve("a/d.onnx"),
            everything(SettingPlace.ENTRY),
            /* problem= */ null);
    assertThat(EntryRows.entry(EntryRows.row(entry), Location.of("/"))).isEqualTo(entry);
    CatalogueEntry odd =
        EntryJson.unreadable(JSON.readTree("{\"id\": \"odd\"}"), ZOO, "line 3: no uri");
    assertThat(EntryRows.entry(EntryRows.row(odd), Location.of("/"))).isEqualTo(odd);
  }

  @Test
  void a_row_that_is_no_entry_is_one_that_fails_under_its_id_if_it_has_one() {
    Schema schema = Schema.builder().addStringField("id").addStringField("eps").build();
    CatalogueEntry named =
        EntryRows.entry(Row.withSchema(schema).addValues("odd", "{").build(), ZOO);
    assertThat(named.id()).isEqualTo("odd");
    assertThat(named.problem()).contains("eps", "expected JSON");

    Schema nameless = Schema.builder().addStringField("uri").build();
    List<CatalogueEntry> entries =
        List.of(
            EntryRows.entry(Row.withSchema(nameless).addValue("a.onnx").build(), ZOO),
            EntryRows.entry(Row.withSchema(nameless).addValue("b.onnx").build(), ZOO));
    assertThat(entries).allMatch(entry -> entry.id().startsWith("row "));
    assertThat(entries.get(0).problem()).contains("field 'id' is missing");
    assertThat(entries.get(0).id()).isNotEqualTo(entries.get(1).id());
  }

  @Test
  void a_report_goes_through_a_row_whole() {
    Row row = ReportRows.row(ExampleReports.full());
    assertThat(ReportRows.report(row)).isEqualTo(ExampleReports.full());
    assertThat(row.getString("id")).isEqualTo(ExampleReports.full().getId());
    assertThat(row.getString("outcome")).isEqualTo(ExampleReports.full().getOutcome().name());
  }
}
