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

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.settings.JsonFields;
import dev.fusewright.report.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;

/**
 * {@link WriteReports} for Beam YAML and other SDKs: from {@link ReportRows} to one row that counts
 * them by outcome.
 */
public final class WriteReportsProvider implements SchemaTransformProvider {
  private static final Schema CONFIGURATION =
      Schema.builder()
          .addField(
              Schema.Field.of("folder", Schema.FieldType.STRING)
                  .withDescription("Where part files are written."))
          .addField(
              Schema.Field.nullable("shards", Schema.FieldType.INT32)
                  .withDescription("How many part files. Default: 1."))
          .addField(RowJson.storageField())
          .build();

  /** One count for each outcome, and that of all. */
  static final Schema TOTALS = totals();

  private static Schema totals() {
    Schema.Builder schema = Schema.builder().addInt64Field("total");
    for (Outcome outcome : Outcome.values()) {
      schema.addInt64Field(name(outcome));
    }
    return schema.build();
  }

  private static String name(Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String identifier() {
    return "fusewright:write_reports:v1";
  }

  @Override
  public String description() {
    return "Writes reports as Avro part files, those of models that were not published as JSON"
        + " Lines too.";
  }

  @Override
  public Schema configurationSchema() {
    return CONFIGURATION;
  }

  @Override
  public SchemaTransform from(Row configuration) {
    ObjectNode fields = RowJson.object(configuration);
    JsonFields.requireKnown("WriteReports has", fields, RowJson.names(CONFIGURATION));
    String folder = JsonFields.text(fields, "folder");
    if (folder == null || folder.isEmpty()) {
      throw new IllegalArgumentException("field 'folder' is missing");
    }
    StorageConfiguration storage = RowJson.storage(fields);
    return new Transform(
        WriteReports.into(Location.of(Path.of("")).resolve(folder), storage)
            .withShards(fields.path("shards").asInt(1)));
  }

  @Override
  public List<String> inputCollectionNames() {
    return List.of(RowTuples.INPUT);
  }

  @Override
  public List<String> outputCollectionNames() {
    return List.of(RowTuples.OUTPUT);
  }

  private static Row row(RunTotals totals) {
    Row.Builder row = Row.withSchema(TOTALS).addValue(totals.total());
    for (Outcome outcome : Outcome.values()) {
      row.addValue(totals.count(outcome));
    }
    return row.build();
  }

  private static final class Transform extends SchemaTransform {
    private final WriteReports writing;

    Transform(WriteReports writing) {
      this.writing = writing;
    }

    @Override
    public PCollectionRowTuple expand(PCollectionRowTuple input) {
      return PCollectionRowTuple.of(
          RowTuples.OUTPUT,
          input
              .getSinglePCollection()
              .apply(ReportRows.read())
              .apply(writing)
              .apply(
                  "Totals as a row",
                  MapElements.into(TypeDescriptors.rows()).via(WriteReportsProvider::row))
              .setRowSchema(TOTALS));
    }
  }
}
