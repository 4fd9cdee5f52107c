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

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.io.storage.Location;
import dev.fusewright.pipeline.settings.InputSpec;
import dev.fusewright.pipeline.settings.Mode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An entry as one line of JSON. */
public final class EntryJson {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final Set<String> FIELDS =
      new TreeSet<>(
          Set.of(
              "id",
              "uri",
              "format",
              "sha256",
              "mode",
              "rules",
              "fuse",
              "graph",
              "eps",
              "inputs",
              "tolerance",
              "samples",
              "output",
              "size"));
  private static final Set<String> INPUT_FIELDS = new TreeSet<>(Set.of("shape", "range", "files"));

  private EntryJson() {}

  /**
   * Reads an entry.
   *
   * @param folder that relative URIs are seen from
   * @throws IllegalArgumentException saying which field is wrong, what was expected and found
   */
  public static CatalogueEntry parse(String line, Location folder) {
    JsonNode entry;
    try {
      entry = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "expected a JSON object, found something else at character %d: %s"
              .formatted(e.getLocation().getColumnNr(), e.getOriginalMessage()),
          e);
    }
    return parse(entry, folder);
  }

  /**
   * Reads an entry of any form that has been turned into JSON.
   *
   * @throws IllegalArgumentException saying which field is wrong, what was expected and found
   */
  static CatalogueEntry parse(JsonNode entry, Location folder) {
    if (!entry.isObject()) {
      throw new IllegalArgumentException(
          "expected a JSON object, found " + entry.getNodeType().name().toLowerCase(Locale.ROOT));
    }
    knownFields("an entry", entry, FIELDS);
    String id = required(entry, "id");
    EntryNames.check("id", id);
    Location source = folder.resolve(required(entry, "uri"));
    String output = text(entry, "output");
    if (output == null) {
      output = EntryNames.output(id, source);
    }
    EntryNames.check("output", output);
    return new CatalogueEntry(
        id,
        source,
        output,
        number(
            entry,
            "size",
            "a number of bytes",
            n -> n.isInt() || n.isLong(),
            JsonNode::longValue,
            n -> n >= 0),
        text(entry, "format"),
        digest(entry),
        mode(entry),
        text(entry, "rules"),
        entry.hasNonNull("fuse") ? entry.get("fuse").toString() : null,
        entry.hasNonNull("graph") ? folder.resolve(required(entry, "graph")) : null,
        number(
            entry,
            "eps",
            "a number of at least 0",
            JsonNode::isNumber,
            JsonNode::doubleValue,
            n -> n >= 0),
        inputs(entry, folder),
        number(
            entry,
            "tolerance",
            "a positive number",
            JsonNode::isNumber,
            JsonNode::doubleValue,
            n -> n > 0),
        number(
            entry,
            "samples",
            "a number of at least 1",
            JsonNode::isInt,
            JsonNode::intValue,
            n -> n >= 1));
  }

  /** Writes an entry so that {@link #parse} reads the same, from whatever folder. */
  public static String write(CatalogueEntry entry) {
    ObjectNode object = JSON.createObjectNode();
    object.put("id", entry.id());
    object.put("uri", entry.source().toString());
    object.put("output", entry.output());
    put(object, "size", entry.size());
    put(object, "format", entry.format());
    put(object, "sha256", entry.sha256());
    put(object, "mode", entry.mode() == null ? null : entry.mode().text());
    put(object, "rules", entry.rules());
    if (entry.fuse() != null) {
      object.set("fuse", tree(entry.fuse()));
    }
    put(object, "graph", entry.graph() == null ? null : entry.graph().toString());
    put(object, "eps", entry.eps());
    if (!entry.inputs().isEmpty()) {
      ObjectNode inputs = object.putObject("inputs");
      entry.inputs().forEach((name, spec) -> writeInput(inputs.putObject(name), spec));
    }
    put(object, "tolerance", entry.tolerance());
    put(object, "samples", entry.samples());
    return object.toString();
  }

  private static void writeInput(ObjectNode object, InputSpec spec) {
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

  private static void put(ObjectNode object, String field, @Nullable Object value) {
    if (value != null) {
      object.putPOJO(field, value);
    }
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an entry holds what is no JSON: " + json, e);
    }
  }

  private static void knownFields(String what, JsonNode object, Set<String> known) {
    object
        .fieldNames()
        .forEachRemaining(
            field -> {
              if (!known.contains(field)) {
                throw new IllegalArgumentException(
                    "unknown field '%s'; %s has %s"
                        .formatted(field, what, String.join(", ", known)));
              }
            });
  }

  private static String required(JsonNode entry, String field) {
    String value = text(entry, field);
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException("field '" + field + "' is missing");
    }
    return value;
  }

  private static @Nullable String text(JsonNode entry, String field) {
    JsonNode value = entry.get(field);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isTextual()) {
      throw wrong(field, "a text", value);
    }
    return value.textValue();
  }

  private static <N> @Nullable N number(
      JsonNode entry,
      String field,
      String expected,
      java.util.function.Predicate<JsonNode> type,
      Function<JsonNode, N> read,
      java.util.function.Predicate<N> range) {
    JsonNode value = entry.get(field);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isNumber() || !type.test(value)) {
      throw wrong(field, expected, value);
    }
    N number = read.apply(value);
    if (!range.test(number)) {
      throw wrong(field, expected, value);
    }
    return number;
  }

  private static @Nullable String digest(JsonNode entry) {
    String digest = text(entry, "sha256");
    if (digest == null) {
      return null;
    }
    String lower = digest.toLowerCase(Locale.ROOT);
    if (!lower.matches("[0-9a-f]{64}")) {
      throw wrong("sha256", "64 hexadecimal digits", entry.get("sha256"));
    }
    return lower;
  }

  private static @Nullable Mode mode(JsonNode entry) {
    String mode = text(entry, "mode");
    return mode == null ? null : Mode.of(mode);
  }

  private static Map<String, InputSpec> inputs(JsonNode entry, Location folder) {
    JsonNode inputs = entry.get("inputs");
    if (inputs == null || inputs.isNull()) {
      return Map.of();
    }
    if (!inputs.isObject()) {
      throw wrong("inputs", "an object by input name", inputs);
    }
    Map<String, InputSpec> specs = new HashMap<>();
    inputs
        .fields()
        .forEachRemaining(
            field -> specs.put(field.getKey(), input(field.getKey(), field.getValue(), folder)));
    return specs;
  }

  private static InputSpec input(String name, JsonNode spec, Location folder) {
    String field = "inputs." + name;
    if (!spec.isObject()) {
      throw wrong(field, "an object with shape, range or files", spec);
    }
    knownFields("an input", spec, INPUT_FIELDS);
    return new InputSpec(
        shape(field, spec.get("shape")),
        range(field, spec.get("range")),
        files(field, spec.get("files"), folder));
  }

  private static @Nullable List<Long> shape(String field, @Nullable JsonNode shape) {
    if (shape == null) {
      return null;
    }
    List<Long> dims = new ArrayList<>();
    for (JsonNode dim : shape) {
      if (!dim.canConvertToLong() || !dim.isIntegralNumber() || dim.longValue() < 0) {
        throw wrong(field + ".shape", "an array of sizes", shape);
      }
      dims.add(dim.longValue());
    }
    if (!shape.isArray()) {
      throw wrong(field + ".shape", "an array of sizes", shape);
    }
    return dims;
  }

  private static List<Location> files(String field, @Nullable JsonNode files, Location folder) {
    List<Location> locations = new ArrayList<>();
    if (files != null) {
      for (JsonNode file : files) {
        if (!file.isTextual() || file.textValue().isEmpty()) {
          throw wrong(field + ".files", "an array of URIs", files);
        }
        locations.add(folder.resolve(file.textValue()));
      }
      if (!files.isArray()) {
        throw wrong(field + ".files", "an array of URIs", files);
      }
    }
    return locations;
  }

  private static InputSpec.@Nullable Range range(String field, @Nullable JsonNode range) {
    if (range == null) {
      return null;
    }
    if (!range.isArray()
        || range.size() != 2
        || !range.get(0).isNumber()
        || !range.get(1).isNumber()
        || range.get(0).doubleValue() > range.get(1).doubleValue()) {
      throw wrong(field + ".range", "[least, largest]", range);
    }
    return new InputSpec.Range(range.get(0).doubleValue(), range.get(1).doubleValue());
  }

  private static IllegalArgumentException wrong(String field, String expected, JsonNode found) {
    String text = found.toString();
    return new IllegalArgumentException(
        "field '%s': expected %s, found %s"
            .formatted(field, expected, text.length() > 80 ? text.substring(0, 80) + "…" : text));
  }
}
