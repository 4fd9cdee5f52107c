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
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.fusewright.io.storage.Location;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.avro.Schema;

/** The codecs of numbers. */
final class Numbers {
  private Numbers() {}

  /** A whole number of at least 1. */
  static SettingCodec<Integer> count() {
    return counted("a number of at least 1", Integer.MAX_VALUE);
  }

  /** A whole number from 1. */
  static SettingCodec<Integer> upTo(int largest) {
    return counted(String.format(Locale.ROOT, "a number from 1 to %,d", largest), largest);
  }

  private static SettingCodec<Integer> counted(String expected, int largest) {
    return new Codec<>(
        expected,
        json -> json.isInt() && json.intValue() >= 1 && json.intValue() <= largest,
        JsonNode::intValue,
        IntNode::valueOf,
        Schema.Type.INT);
  }

  /** Any whole number. */
  static SettingCodec<Long> whole() {
    return new Codec<>(
        "a whole number",
        json -> json.isIntegralNumber() && json.canConvertToLong(),
        JsonNode::longValue,
        LongNode::valueOf,
        Schema.Type.LONG);
  }

  /** A finite number of at least 0. */
  static SettingCodec<Double> notNegative() {
    return real("a number of at least 0", value -> value >= 0);
  }

  /** A finite number of at least 1. */
  static SettingCodec<Double> atLeastOne() {
    return real("a number of at least 1", value -> value >= 1);
  }

  /** A finite number above 0. */
  static SettingCodec<Double> positive() {
    return real("a positive number", value -> value > 0);
  }

  private static SettingCodec<Double> real(String expected, Predicate<Double> range) {
    return new Codec<>(
        expected,
        json ->
            json.isNumber()
                && Double.isFinite(json.doubleValue())
                && range.test(json.doubleValue()),
        JsonNode::doubleValue,
        DoubleNode::valueOf,
        Schema.Type.DOUBLE);
  }

  private record Codec<T>(
      String expected,
      Predicate<JsonNode> range,
      Function<JsonNode, T> reading,
      Function<T, JsonNode> writing,
      Schema.Type type)
      implements SettingCodec<T> {
    @Override
    public T read(String name, JsonNode json, Location folder) {
      if (!range.test(json)) {
        throw JsonFields.wrong(name, expected, json);
      }
      return reading.apply(json);
    }

    @Override
    public JsonNode write(T value) {
      return writing.apply(value);
    }

    /** What is no number stays a text, which {@link #read} refuses. */
    @Override
    public JsonNode word(String name, String word) {
      try {
        long whole = Long.parseLong(word);
        return whole == (int) whole ? IntNode.valueOf((int) whole) : LongNode.valueOf(whole);
      } catch (NumberFormatException notWhole) {
        try {
          return DoubleNode.valueOf(Double.parseDouble(word));
        } catch (NumberFormatException noNumber) {
          return TextNode.valueOf(word);
        }
      }
    }

    @Override
    public Schema avroType() {
      return Schema.create(type);
    }
  }
}
