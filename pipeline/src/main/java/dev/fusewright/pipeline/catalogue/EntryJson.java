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

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.core.text.Printable;
import dev.fusewright.io.storage.Location;
import dev.fusewright.pipeline.settings.JsonFields;
import dev.fusewright.pipeline.settings.Setting;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.SettingPlace;
import dev.fusewright.pipeline.settings.SettingsJson;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An entry as one line of JSON: what and where, and a field for each setting of its own. */
public final class EntryJson {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final Set<String> FIELDS =
      Stream.concat(
              Stream.of("id", "uri", "output", "size", "format", "sha256", "candidate"),
              SettingFields.at(SettingPlace.ENTRY).stream().map(Setting::name))
          .collect(Collectors.toUnmodifiableSet());

  /** Of a prepared line that stands for one which is no entry. */
  public static final String PROBLEM = "problem";

  private static final Location ROOT = Location.of("/");

  private EntryJson() {}

  /**
   * Reads an entry.
   *
   * @param folder that relative URIs are seen from
   * @throws IllegalArgumentException saying which field is wrong, what was expected and found
   */
  public static CatalogueEntry parse(String line, Location folder) {
    return parse(tree(line), folder);
  }

  /**
   * Reads a line of a prepared catalogue, which {@link #write} wrote.
   *
   * @throws IllegalArgumentException if somebody else did
   */
  public static CatalogueEntry prepared(String line) {
    return prepared(tree(line), ROOT);
  }

  /**
   * Reads an entry that has been turned into JSON, or what {@link #write} wrote of a line that is
   * none.
   *
   * @param folder that relative URIs are seen from
   * @throws IllegalArgumentException saying which field is wrong, what was expected and found
   */
  public static CatalogueEntry prepared(JsonNode entry, Location folder) {
    String problem = JsonFields.text(entry, PROBLEM);
    return problem == null
        ? parse(entry, folder)
        : CatalogueEntry.unreadable(
            required(entry, "id"), Location.of(required(entry, "uri")), problem);
  }

  /**
   * What stands for JSON that is no entry, and fails. Without an id that could be an entry's it is
   * named by a digest.
   *
   * @param catalogue that it comes from
   */
  public static CatalogueEntry unreadable(JsonNode entry, Location catalogue, String problem) {
    String id =
        id(entry)
            .orElseGet(() -> "row " + UUID.nameUUIDFromBytes(entry.toString().getBytes(UTF_8)));
    return CatalogueEntry.unreadable(id, catalogue, Printable.line(problem));
  }

  /** The size of an entry of a prepared line; negative where it is not known. */
  public static long preparedSize(String line) {
    return tree(line).path("size").asLong(-1);
  }

  private static JsonNode tree(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      JsonLocation place = e.getLocation();
      throw new IllegalArgumentException(
          "expected a JSON object, found something else%s: %s"
              .formatted(
                  place == null ? "" : " at character " + place.getColumnNr(),
                  e.getOriginalMessage()),
          e);
    }
  }

  /** The id of what is no entry, if it has one that could be an entry's. */
  static Optional<String> id(JsonNode entry) {
    JsonNode id = entry.path("id");
    try {
      if (id.isTextual()) {
        EntryNames.check("id", id.textValue());
        return Optional.of(id.textValue());
      }
    } catch (IllegalArgumentException e) {
      // Then it has none.
    }
    return Optional.empty();
  }

  /** The id of a line that is no entry, if it has one that could be an entry's. */
  static Optional<String> id(String line) {
    try {
      return id(tree(line));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
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
    JsonFields.requireKnown("an entry has", entry, FIELDS);
    String id = required(entry, "id");
    EntryNames.check("id", id);
    Location source = folder.resolve(EntryNames.checkedUri(required(entry, "uri")));
    String output = JsonFields.text(entry, "output");
    if (output == null) {
      output = EntryNames.output(id, source);
    }
    EntryNames.check("output", output);
    return new CatalogueEntry(
        id,
        source,
        output,
        size(entry),
        JsonFields.text(entry, "format"),
        digest(entry),
        candidate(entry, folder),
        SettingsJson.read(entry, SettingPlace.ENTRY, folder),
        /* problem= */ null);
  }

  /**
   * Writes an entry so that {@link #prepared} reads the same; so does {@link #parse}, from whatever
   * folder, if it has no problem.
   */
  public static String write(CatalogueEntry entry) {
    return json(entry).toString();
  }

  /** The same as a tree. */
  public static ObjectNode json(CatalogueEntry entry) {
    ObjectNode object = JSON.createObjectNode();
    object.put("id", entry.id());
    object.put("uri", entry.source().toString());
    object.put("output", entry.output());
    if (entry.size() != null) {
      object.put("size", entry.size());
    }
    if (entry.format() != null) {
      object.put("format", entry.format());
    }
    if (entry.sha256() != null) {
      object.put("sha256", entry.sha256());
    }
    if (entry.candidate() != null) {
      object.put("candidate", entry.candidate().toString());
    }
    if (entry.problem() != null) {
      object.put(PROBLEM, entry.problem());
    }
    object.setAll(SettingsJson.write(entry.settings()));
    return object;
  }

  private static String required(JsonNode entry, String field) {
    String value = JsonFields.text(entry, field);
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException("field '" + field + "' is missing");
    }
    return value;
  }

  private static @Nullable Long size(JsonNode entry) {
    JsonNode size = entry.get("size");
    if (size == null || size.isNull()) {
      return null;
    }
    if (!(size.isInt() || size.isLong()) || size.longValue() < 0) {
      throw JsonFields.wrong("size", "a number of bytes", size);
    }
    return size.longValue();
  }

  private static @Nullable Location candidate(JsonNode entry, Location folder) {
    String candidate = JsonFields.text(entry, "candidate");
    if (candidate == null) {
      return null;
    }
    if (candidate.isEmpty()) {
      throw JsonFields.wrong("candidate", "a path or a URI", entry.get("candidate"));
    }
    return folder.resolve(EntryNames.checkedUri(candidate));
  }

  private static @Nullable String digest(JsonNode entry) {
    String digest = JsonFields.text(entry, "sha256");
    if (digest == null) {
      return null;
    }
    String lower = digest.toLowerCase(Locale.ROOT);
    if (!lower.matches("[0-9a-f]{64}")) {
      throw JsonFields.wrong("sha256", "64 hexadecimal digits", entry.get("sha256"));
    }
    return lower;
  }
}
