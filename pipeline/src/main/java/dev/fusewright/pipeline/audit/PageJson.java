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
package dev.fusewright.pipeline.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.fusewright.core.text.Printable;
import java.io.IOException;
import java.util.Map;

/**
 * JSON that may stand in a script of the page: no text in it ends the script or begins another
 * element, and every text is printable.
 */
final class PageJson {
  /** Up to here every whole number is a double. */
  private static final double EXACT = 0x1p53;

  private static final ObjectMapper JSON = new ObjectMapper(factory());

  private PageJson() {}

  private static JsonFactory factory() {
    JsonFactory factory = new JsonFactory();
    factory.setCharacterEscapes(new InScript());
    return factory;
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  static JsonNode parse(String json) throws IOException {
    return JSON.readTree(json);
  }

  static String write(JsonNode json) throws IOException {
    return JSON.writeValueAsString(json);
  }

  /**
   * The same with texts, and names of fields, that are printable; line ends stay. Whole numbers
   * that a script cannot hold are texts.
   */
  static JsonNode printable(JsonNode json) {
    if (json.isTextual()) {
      return TextNode.valueOf(Printable.lines(json.textValue()));
    }
    if (json.isArray()) {
      ArrayNode array = array();
      json.forEach(item -> array.add(printable(item)));
      return array;
    }
    if (json.isObject()) {
      ObjectNode object = object();
      for (Map.Entry<String, JsonNode> field : json.properties()) {
        object.set(Printable.line(field.getKey()), printable(field.getValue()));
      }
      return object;
    }
    // A script has no other numbers than doubles.
    return json.isIntegralNumber() && Math.abs(json.doubleValue()) > EXACT
        ? TextNode.valueOf(json.asText())
        : json;
  }

  /** Escapes what HTML or a script's grammar gives a meaning to. */
  private static final class InScript extends CharacterEscapes {
    private static final long serialVersionUID = 1;

    private final int[] ascii = CharacterEscapes.standardAsciiEscapesForJSON();

    InScript() {
      for (char c : new char[] {'<', '>', '&', '\''}) {
        ascii[c] = CharacterEscapes.ESCAPE_STANDARD;
      }
    }

    @Override
    public int[] getEscapeCodesForAscii() {
      return ascii.clone();
    }

    @Override
    @SuppressWarnings("NullAway") // null is the interface's word for "as it is"
    public SerializableString getEscapeSequence(int c) {
      return c == 0x2028 || c == 0x2029
          ? new SerializedString("\\u" + Integer.toHexString(c))
          : null;
    }
  }
}
