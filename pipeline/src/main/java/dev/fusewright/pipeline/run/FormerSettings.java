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
package dev.fusewright.pipeline.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * Settings as {@code run.json} had them before it said its version: all of them, the defaults too,
 * and two under the names of their options.
 */
final class FormerSettings {
  private static final Map<String, String> NAMES =
      Map.of("modules", "fuse", "inputs", "input_policy");

  private FormerSettings() {}

  /** What was said, under today's names. */
  static JsonNode translated(JsonNode former) {
    ObjectNode said = JsonNodeFactory.instance.objectNode();
    former
        .properties()
        .forEach(
            field -> {
              if (!isDefault(field.getKey(), field.getValue())) {
                said.set(NAMES.getOrDefault(field.getKey(), field.getKey()), field.getValue());
              }
            });
    return said;
  }

  /** Whether nobody need have said it, and entries went by their own defaults. */
  private static boolean isDefault(String name, JsonNode value) {
    return name.equals("rules") && value.asText().equals("inference");
  }
}
