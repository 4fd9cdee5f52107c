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
import com.fasterxml.jackson.databind.node.TextNode;
import dev.fusewright.io.storage.Location;
import org.apache.avro.Schema;

/** The spellings of one setting's values. */
interface SettingCodec<T> {
  /**
   * Reads a value.
   *
   * @param name of the field or option, for the message
   * @param folder that relative locations are seen from
   * @throws IllegalArgumentException saying what was expected and found
   */
  T read(String name, JsonNode json, Location folder);

  /** Writes a value so that {@link #read} gives the same, from whatever folder. */
  JsonNode write(T value);

  /**
   * What a word of the command line is as JSON.
   *
   * @throws IllegalArgumentException if it cannot be such a value
   */
  default JsonNode word(String name, String word) {
    return TextNode.valueOf(word);
  }

  /** How options give it. */
  default Setting.Form form() {
    return Setting.Form.WORD;
  }

  /** The type of its Avro field. */
  default Schema avroType() {
    return Schema.create(Schema.Type.STRING);
  }
}
