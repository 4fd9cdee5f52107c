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
package dev.fusewright.pipeline.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.io.storage.Location;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/** The codec of what inputs take, by their names. */
final class InputSpecsCodec implements SettingCodec<Map<String, InputSpec>> {
  private static final Set<String> FIELDS = Set.of("shape", "range", "files");

  @Override
  public Map<String, InputSpec> read(String name, JsonNode json, Location folder) {
    if (!json.isObject()) {
      throw JsonFields.wrong(name, "an object by input name", json);
    }
    Map<String, InputSpec> specs = new TreeMap<>();
    json.properties()
        .forEach(
            field ->
                specs.put(
                    field.getKey(), spec(name + "." + field.getKey(), field.getValue(), folder)));
    return Collections.unmodifiableMap(specs);
  }

  private static InputSpec spec(String name, JsonNode spec, Location folder) {
    if (!spec.isObject()) {
      throw JsonFields.wrong(name, "an object with shape, range or files", spec);
    }
    JsonFields.requireKnown("an input has", spec, FIELDS);
    return new InputSpec(
        shape(name + ".shape", spec.get("shape")),
        range(name + ".range", spec.get("range")),
        files(name + ".files", spec.get("files"), folder));
  }

  private static @Nullable List<Long> shape(String name, @Nullable JsonNode shape) {
    if (shape == null) {
      return null;
    }
    List<Long> dims = new ArrayList<>();
    for (JsonNode dim : shape) {
      if (!dim.canConvertToLong() || !dim.isIntegralNumber() || dim.longValue() < 0) {
        throw JsonFields.wrong(name, "an array of sizes", shape);
      }
      dims.add(dim.longValue());
    }
    if (!shape.isArray()) {
      throw JsonFields.wrong(name, "an array of sizes", shape);
    }
    return dims;
  }

  private static InputSpec.@Nullable Range range(String name, @Nullable JsonNode range) {
    if (range == null) {
      return null;
    }
    if (!range.isArray()
        || range.size() != 2
        || !range.get(0).isNumber()
        || !range.get(1).isNumber()
        || range.get(0).doubleValue() > range.get(1).doubleValue()
        || !Double.isFinite(range.get(1).doubleValue() - range.get(0).doubleValue())) {
      throw JsonFields.wrong(name, "[least, largest]", range);
    }
    return new InputSpec.Range(range.get(0).doubleValue(), range.get(1).doubleValue());
  }

  private static List<Location> files(String name, @Nullable JsonNode files, Location folder) {
    List<Location> locations = new ArrayList<>();
    if (files != null) {
      for (JsonNode file : files) {
        if (!file.isTextual() || file.textValue().isEmpty()) {
          throw JsonFields.wrong(name, "an array of URIs", files);
        }
        locations.add(folder.resolve(file.textValue()));
      }
      if (!files.isArray()) {
        throw JsonFields.wrong(name, "an array of URIs", files);
      }
    }
    return locations;
  }

  @Override
  public JsonNode write(Map<String, InputSpec> value) {
    ObjectNode specs = JsonNodeFactory.instance.objectNode();
    new TreeMap<>(value).forEach((name, spec) -> write(specs.putObject(name), spec));
    return specs;
  }

  private static void write(ObjectNode object, InputSpec spec) {
    if (spec.shape() != null) {
      ArrayNode shape = object.putArray("shape");
      spec.shape().forEach(shape::add);
    }
    if (spec.range() != null) {
      object.putArray("range").add(spec.range().low()).add(spec.range().high());
    }
    if (!spec.files().isEmpty()) {
      ArrayNode files = object.putArray("files");
      spec.files().forEach(file -> files.add(file.toString()));
    }
  }

  @Override
  public Schema avroType() {
    Schema none = Schema.create(Schema.Type.NULL);
    Schema spec =
        SchemaBuilder.record("InputSpec")
            .namespace("dev.fusewright.catalogue")
            .fields()
            .name("shape")
            .type(Schema.createUnion(none, Schema.createArray(Schema.create(Schema.Type.LONG))))
            .withDefault(null)
            .name("range")
            .doc("The least and the largest value.")
            .type(Schema.createUnion(none, Schema.createArray(Schema.create(Schema.Type.DOUBLE))))
            .withDefault(null)
            .name("files")
            .doc("Tensors to run the model on.")
            .type(Schema.createUnion(none, Schema.createArray(Schema.create(Schema.Type.STRING))))
            .withDefault(null)
            .endRecord();
    return Schema.createMap(spec);
  }
}
