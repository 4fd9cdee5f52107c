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
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.EntryJson;
import dev.fusewright.pipeline.settings.Setting;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.SettingPlace;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptor;
import org.apache.beam.sdk.values.TypeDescriptors;

/** Entries of a catalogue as rows, with the fields of a catalogue's lines under the same names. */
public final class EntryRows {
  private static final List<Setting<?>> SETTINGS = SettingFields.at(SettingPlace.ENTRY);

  /** All fields. Rows that are read may have fewer; {@code id} and {@code uri} are required. */
  public static final Schema SCHEMA = schema();

  private EntryRows() {}

  /** Entries as rows. */
  public static PTransform<PCollection<CatalogueEntry>, PCollection<Row>> write() {
    return new Write();
  }

  /**
   * Rows as entries. A row that is no entry becomes one that fails with the reason, as a line of a
   * catalogue does.
   *
   * @param folder that relative locations are seen from
   */
  public static PTransform<PCollection<Row>, PCollection<CatalogueEntry>> read(Location folder) {
    return new Read(folder);
  }

  private static Schema schema() {
    Schema.Builder schema =
        Schema.builder()
            .addStringField("id")
            .addStringField("uri")
            .addNullableField("output", FieldType.STRING)
            .addNullableField("size", FieldType.INT64)
            .addNullableField("format", FieldType.STRING)
            .addNullableField("sha256", FieldType.STRING)
            .addNullableField("candidate", FieldType.STRING)
            .addNullableField(EntryJson.PROBLEM, FieldType.STRING);
    SETTINGS.forEach(setting -> schema.addField(RowJson.field(setting)));
    return schema.build();
  }

  static Row row(CatalogueEntry entry) {
    return RowJson.row(EntryJson.json(entry), SCHEMA);
  }

  static CatalogueEntry entry(Row row, Location folder) {
    ObjectNode fields = RowJson.object(row);
    try {
      return EntryJson.prepared(RowJson.parsed(fields, SETTINGS), folder);
    } catch (IllegalArgumentException e) {
      return EntryJson.unreadable(fields, folder, String.valueOf(e.getMessage()));
    }
  }

  private static final class Write
      extends PTransform<PCollection<CatalogueEntry>, PCollection<Row>> {
    @Override
    public PCollection<Row> expand(PCollection<CatalogueEntry> entries) {
      return entries
          .apply("Entries as rows", MapElements.into(TypeDescriptors.rows()).via(EntryRows::row))
          .setRowSchema(SCHEMA);
    }
  }

  private static final class Read
      extends PTransform<PCollection<Row>, PCollection<CatalogueEntry>> {
    private final Location folder;

    Read(Location folder) {
      this.folder = folder;
    }

    @Override
    public PCollection<CatalogueEntry> expand(PCollection<Row> rows) {
      Location seenFrom = folder;
      return rows.apply(
              "Rows as entries",
              MapElements.into(TypeDescriptor.of(CatalogueEntry.class))
                  .via((Row row) -> entry(row, seenFrom)))
          .setCoder(new CatalogueEntryCoder());
    }
  }
}
