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
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.io.storage.Location;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;

/**
 * The codec of eps by glob of names: a number is that of all, an object has one for each glob, and
 * an option's word is {@code X} or {@code GLOB=X}.
 */
final class EpsilonsCodec implements SettingCodec<Map<String, Double>> {
  private static final String ALL = "*";
  private static final String EXPECTED = "a number of at least 0";

  @Override
  public Map<String, Double> read(String name, JsonNode json, Location folder) {
    Map<String, Double> epsilons = new TreeMap<>();
    if (json.isObject() && !json.isEmpty()) {
      json.properties()
          .forEach(
              field ->
                  epsilons.put(
                      field.getKey(), number(name + "." + field.getKey(), field.getValue())));
    } else if (json.isArray() && !json.isEmpty()) {
      json.forEach(word -> epsilons.putAll(read(name, word, folder)));
    } else {
      epsilons.put(ALL, number(name, json));
    }
    return Collections.unmodifiableMap(epsilons);
  }

  private static double number(String name, JsonNode json) {
    if (!json.isNumber() || !Double.isFinite(json.doubleValue()) || json.doubleValue() < 0) {
      throw JsonFields.wrong(name, EXPECTED, json);
    }
    return json.doubleValue();
  }

  @Override
  public JsonNode write(Map<String, Double> value) {
    Double all = value.get(ALL);
    if (all != null && value.size() == 1) {
      return DoubleNode.valueOf(all);
    }
    ObjectNode epsilons = JsonNodeFactory.instance.objectNode();
    new TreeMap<>(value).forEach(epsilons::put);
    return epsilons;
  }

  /** What is no number stays a text, which {@link #read} refuses. */
  @Override
  public JsonNode word(String name, String word) {
    int equals = word.lastIndexOf('=');
    JsonNode number = Numbers.notNegative().word(name, word.substring(equals + 1));
    return equals < 0
        ? number
        : JsonNodeFactory.instance.objectNode().set(word.substring(0, equals), number);
  }

  @Override
  public Setting.Form form() {
    return Setting.Form.WORDS;
  }

  @Override
  public Schema avroType() {
    Schema number = Schema.create(Schema.Type.DOUBLE);
    return Schema.createUnion(number, Schema.createMap(number));
  }
}
