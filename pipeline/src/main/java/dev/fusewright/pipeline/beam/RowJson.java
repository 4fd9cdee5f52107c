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

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.pipeline.settings.Setting;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * Rows as the JSON objects that catalogues and settings are read from. A setting that is a plain
 * value has its own type in a row; what is a list or an object is a text of JSON, since the types
 * of rows that every SDK knows have no unions.
 */
final class RowJson {
  /** Field of Hadoop's properties. */
  static final String STORAGE = "storage";

  /** What Python takes as no name of a field, as far as a setting might be called so. */
  private static final Set<String> RESERVED =
      Set.of(
          "and", "as", "class", "def", "from", "global", "in", "is", "lambda", "not", "or", "with");

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private RowJson() {}

  /**
   * The field of a setting: its name, with {@code _} behind it where Python has another use for it.
   */
  static Schema.Field field(Setting<?> setting) {
    String name = RESERVED.contains(setting.name()) ? setting.name() + "_" : setting.name();
    return Schema.Field.nullable(name, type(setting)).withDescription(setting.meaning());
  }

  /** The names of fields, as they are in JSON. */
  static List<String> names(Schema schema) {
    return schema.getFieldNames().stream().map(RowJson::name).toList();
  }

  private static String name(String field) {
    String start = field.endsWith("_") ? field.substring(0, field.length() - 1) : field;
    return RESERVED.contains(start) ? start : field;
  }

  private static FieldType type(Setting<?> setting) {
    return switch (setting.avroType().getType()) {
      case BOOLEAN -> FieldType.BOOLEAN;
      case INT -> FieldType.INT32;
      case LONG -> FieldType.INT64;
      case DOUBLE -> FieldType.DOUBLE;
      case STRING, UNION, MAP, ARRAY, RECORD, NULL, ENUM, FIXED, BYTES, FLOAT -> FieldType.STRING;
    };
  }

  private static boolean isText(Setting<?> setting) {
    return setting.avroType().getType() == org.apache.avro.Schema.Type.STRING;
  }

  /** The field of Hadoop's properties. */
  static Schema.Field storageField() {
    return Schema.Field.nullable(STORAGE, FieldType.map(FieldType.STRING, FieldType.STRING))
        .withDescription(
            "Properties of Hadoop's file systems, such as fs.s3a.endpoint. No secrets.");
  }

  /**
   * How stores are reached.
   *
   * @throws IllegalArgumentException if a property would carry a secret
   */
  static StorageConfiguration storage(ObjectNode fields) {
    Map<String, String> properties = new LinkedHashMap<>();
    fields
        .path(STORAGE)
        .properties()
        .forEach(property -> properties.put(property.getKey(), property.getValue().asText()));
    return StorageConfiguration.of(properties);
  }

  /** A row without what is null in it. */
  static ObjectNode object(Row row) {
    ObjectNode object = JSON.objectNode();
    for (int i = 0; i < row.getFieldCount(); i++) {
      Object value = row.getValue(i);
      if (value != null) {
        object.set(name(row.getSchema().getField(i).getName()), json(value));
      }
    }
    return object;
  }

  private static JsonNode json(@Nullable Object value) {
    if (value == null) {
      return JSON.nullNode();
    }
    if (value instanceof Row row) {
      return object(row);
    }
    if (value instanceof Map<?, ?> map) {
      ObjectNode object = JSON.objectNode();
      map.forEach((key, item) -> object.set(String.valueOf(key), json(item)));
      return object;
    }
    if (value instanceof Collection<?> items) {
      ArrayNode array = JSON.arrayNode();
      items.forEach(item -> array.add(json(item)));
      return array;
    }
    if (value instanceof Boolean flag) {
      return JSON.booleanNode(flag);
    }
    if (value instanceof Double || value instanceof Float) {
      return JSON.numberNode(((Number) value).doubleValue());
    }
    if (value instanceof Number number) {
      return number(number.longValue());
    }
    return JSON.textNode(value.toString());
  }

  /** As a parser gives it: settings that are small numbers take no others. */
  private static JsonNode number(long value) {
    return value == (int) value ? JSON.numberNode((int) value) : JSON.numberNode(value);
  }

  /**
   * The same object, with the JSON of settings that are texts in a row and none elsewhere.
   *
   * @throws IllegalArgumentException naming the field whose text is no JSON
   */
  static ObjectNode parsed(ObjectNode object, Collection<Setting<?>> settings) {
    ObjectNode parsed = object.deepCopy();
    for (Setting<?> setting : settings) {
      JsonNode value = object.get(setting.name());
      if (value != null && value.isTextual() && !isText(setting)) {
        try {
          parsed.set(setting.name(), MAPPER.readTree(value.textValue()));
        } catch (JsonProcessingException e) {
          throw new IllegalArgumentException(
              "field '%s': expected JSON, found '%s'".formatted(setting.name(), value.textValue()),
              e);
        }
      }
    }
    return parsed;
  }

  /** An object as a row: what a text is wanted of and is none is written as JSON. */
  static Row row(ObjectNode object, Schema schema) {
    Row.Builder row = Row.withSchema(schema);
    for (Schema.Field field : schema.getFields()) {
      JsonNode value = object.get(name(field.getName()));
      row.addValue(value == null || value.isNull() ? null : value(value, field.getType()));
    }
    return row.build();
  }

  private static Object value(JsonNode value, FieldType type) {
    return switch (type.getTypeName()) {
      case BOOLEAN -> value.booleanValue();
      case INT32 -> value.intValue();
      case INT64 -> value.longValue();
      case DOUBLE -> value.doubleValue();
      case MAP -> {
        Map<String, String> map = new LinkedHashMap<>();
        value.properties().forEach(item -> map.put(item.getKey(), item.getValue().asText()));
        yield map;
      }
      case STRING -> value.isTextual() ? value.textValue() : value.toString();
      case BYTE, INT16, DECIMAL, FLOAT, DATETIME, BYTES, ARRAY, ITERABLE, ROW, LOGICAL_TYPE ->
          throw new IllegalStateException("no field has the type " + type);
    };
  }
}
