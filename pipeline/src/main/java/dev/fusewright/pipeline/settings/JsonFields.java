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
import java.util.Collection;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Fields of JSON objects that people write, and what is said of wrong ones. */
public final class JsonFields {
  private static final int LONGEST = 80;

  private JsonFields() {}

  /**
   * A text; null if there is none.
   *
   * @throws IllegalArgumentException if something else stands there
   */
  public static @Nullable String text(JsonNode object, String field) {
    JsonNode value = object.get(field);
    return value == null || value.isNull() ? null : text(field, value);
  }

  static String text(String name, JsonNode value) {
    if (!value.isTextual()) {
      throw wrong(name, "a text", value);
    }
    return value.textValue();
  }

  /**
   * Refuses fields that nobody would read.
   *
   * @param what has the known ones, with its verb
   * @throws IllegalArgumentException naming the unknown field and the known ones
   */
  public static void requireKnown(String what, JsonNode object, Collection<String> known) {
    object
        .fieldNames()
        .forEachRemaining(
            field -> {
              if (!known.contains(field)) {
                throw new IllegalArgumentException(
                    "unknown field '%s'; %s %s"
                        .formatted(field, what, String.join(", ", new TreeSet<>(known))));
              }
            });
  }

  /**
   * What is wrong with a value.
   *
   * @param name of a field, or of an option with its hyphens
   */
  public static IllegalArgumentException wrong(String name, String expected, JsonNode found) {
    String text = found.toString();
    return new IllegalArgumentException(
        "%s: expected %s, found %s"
            .formatted(
                name.startsWith("--") ? name : "field '" + name + "'",
                expected,
                text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text));
  }
}
