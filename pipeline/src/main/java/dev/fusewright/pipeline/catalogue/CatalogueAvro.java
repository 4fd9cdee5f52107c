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
package dev.fusewright.pipeline.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.files.AvroFile;
import dev.fusewright.pipeline.files.AvroRecords;
import dev.fusewright.pipeline.settings.Setting;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.SettingPlace;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Catalogues as Avro container files. They are written with a schema that has every field of an
 * entry's JSON under its name, and read by the names of their fields, whatever schema they were
 * written with.
 */
public final class CatalogueAvro implements RawCatalogue {
  private static final Schema SCHEMA = schema();
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final AvroFile<GenericRecord> records;

  private CatalogueAvro(AvroFile<GenericRecord> records) {
    this.records = records;
  }

  /** Whether a catalogue is taken for Avro: by its name. */
  public static boolean isAvro(Location catalogue) {
    return catalogue.name().endsWith(".avro");
  }

  /**
   * Opens a catalogue.
   *
   * @throws dev.fusewright.pipeline.files.DamagedFileException if it is no Avro container file, as
   *     its name says
   */
  static CatalogueAvro read(Store store, Location catalogue) throws IOException {
    return new CatalogueAvro(AvroFile.open(store, catalogue, AvroRecords.asWritten()));
  }

  @Override
  public @Nullable Raw next() throws IOException {
    GenericRecord record = records.next();
    return record == null ? null : new RawRecord(records.number(), json(record));
  }

  @Override
  public void close() throws IOException {
    records.close();
  }

  private static JsonNode json(@Nullable Object value) {
    if (value == null) {
      return JSON.nullNode();
    }
    if (value instanceof GenericRecord object) {
      ObjectNode json = JSON.objectNode();
      for (Schema.Field field : object.getSchema().getFields()) {
        Object item = object.get(field.pos());
        if (item != null) {
          json.set(field.name(), json(item));
        }
      }
      return json;
    }
    if (value instanceof Map<?, ?> map) {
      ObjectNode json = JSON.objectNode();
      map.forEach((key, item) -> json.set(key.toString(), json(item)));
      return json;
    }
    if (value instanceof Collection<?> items) {
      ArrayNode json = JSON.arrayNode();
      items.forEach(item -> json.add(json(item)));
      return json;
    }
    if (value instanceof Boolean flag) {
      return JSON.booleanNode(flag);
    }
    if (value instanceof Long number) {
      return JSON.numberNode(number);
    }
    if (value instanceof Integer number) {
      return JSON.numberNode(number);
    }
    if (value instanceof Double number) {
      return JSON.numberNode(number);
    }
    if (value instanceof Float number) {
      return JSON.numberNode(number);
    }
    return JSON.textNode(value.toString());
  }

  /** Writes entries to a stream, which stays open: closing a pending file could publish it. */
  public static void write(Iterable<CatalogueEntry> entries, OutputStream out) throws IOException {
    DataFileWriter<GenericRecord> writer = new DataFileWriter<>(new GenericDatumWriter<>(SCHEMA));
    writer.setCodec(CodecFactory.deflateCodec(6)).create(SCHEMA, out);
    for (CatalogueEntry entry : entries) {
      writer.append(record(entry));
    }
    writer.flush();
  }

  private static GenericRecord record(CatalogueEntry entry) {
    return record(EntryJson.json(entry), SCHEMA);
  }

  /** What is not in an object is null. */
  private static GenericRecord record(JsonNode object, Schema schema) {
    GenericRecordBuilder record = new GenericRecordBuilder(schema);
    for (Schema.Field field : schema.getFields()) {
      JsonNode value = object.get(field.name());
      if (value != null) {
        record.set(field, avro(value, field.schema()));
      }
    }
    return record.build();
  }

  /** A value of an entry, which has the schema's type. */
  private static Object avro(JsonNode json, Schema schema) {
    return switch (schema.getType()) {
      case UNION -> avro(json, member(json, schema.getTypes()));
      case RECORD -> record(json, schema);
      case MAP -> {
        Map<String, Object> map = new LinkedHashMap<>();
        json.properties()
            .forEach(
                field -> map.put(field.getKey(), avro(field.getValue(), schema.getValueType())));
        yield map;
      }
      case ARRAY -> {
        List<Object> items = new ArrayList<>();
        json.forEach(item -> items.add(avro(item, schema.getElementType())));
        yield items;
      }
      case LONG -> json.longValue();
      case INT -> json.intValue();
      case DOUBLE -> json.doubleValue();
      case BOOLEAN -> json.booleanValue();
      // A module list: text here, an array there.
      case STRING -> json.isTextual() ? json.textValue() : json.toString();
      case NULL, ENUM, FIXED, BYTES, FLOAT ->
          throw new IllegalStateException("no field of an entry has the type " + schema);
    };
  }

  /** The first type is null; a map stands behind the type of plain values. */
  private static Schema member(JsonNode json, List<Schema> types) {
    return types.get(types.size() > 2 && json.isObject() ? 2 : 1);
  }

  /** The schema of an entry, from the same table as its JSON. */
  public static Schema schema() {
    SchemaBuilder.FieldAssembler<Schema> entry =
        SchemaBuilder.record("CatalogueEntry")
            .namespace("dev.fusewright.catalogue")
            .doc(
                "One model of a catalogue, under the names that JSON Lines have. Only id and uri are required: a file"
                    + " whose own schema has fewer of these fields, or other numeric types, is read as well.")
            .fields()
            .name("id")
            .doc("Names the entry, and its output below --output.")
            .type(Schema.create(Schema.Type.STRING))
            .noDefault()
            .name("uri")
            .doc("The model; a relative one is seen from the catalogue's folder.")
            .type(Schema.create(Schema.Type.STRING))
            .noDefault();
    optional(entry, "output", "Instead of the id with the format's extension.", Schema.Type.STRING);
    optional(entry, "size", "Bytes of the model, for balancing.", Schema.Type.LONG);
    optional(entry, "format", "The entry fails if the file has another one.", Schema.Type.STRING);
    optional(entry, "sha256", "The entry fails if the file has another one.", Schema.Type.STRING);
    optional(
        entry,
        "candidate",
        "What somebody made of the model: fusewright run --mode verify holds it against it.",
        Schema.Type.STRING);
    for (Setting<?> setting : SettingFields.at(SettingPlace.ENTRY)) {
      optional(entry, setting.name(), setting.meaning(), setting.avroType());
    }
    return entry.endRecord();
  }

  private static void optional(
      SchemaBuilder.FieldAssembler<Schema> entry, String name, String doc, Schema.Type type) {
    optional(entry, name, doc, Schema.create(type));
  }

  private static void optional(
      SchemaBuilder.FieldAssembler<Schema> entry, String name, String doc, Schema type) {
    List<Schema> types = new ArrayList<>(List.of(Schema.create(Schema.Type.NULL)));
    types.addAll(type.isUnion() ? type.getTypes() : List.of(type));
    entry.name(name).doc(doc).type(Schema.createUnion(types)).withDefault(null);
  }
}
