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
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.fusewright.io.storage.Location;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.avro.Schema;

/** The codecs of plain values. */
final class Codecs {
  private Codecs() {}

  /** A constant by its spelling. */
  static <E extends Enum<E>> SettingCodec<E> constant(Class<E> type) {
    return new Text<>((name, text) -> Spelling.of(type, name, text), Spelling::text);
  }

  /**
   * A value by its name.
   *
   * @param of throws an IllegalArgumentException for a name that is none
   */
  static <T> SettingCodec<T> named(Function<String, T> of, Function<T, String> text) {
    return new Text<>((name, found) -> of.apply(found), text);
  }

  /**
   * Any text.
   *
   * @param check of one that a person types: throws an IllegalArgumentException if it is wrong
   */
  static SettingCodec<String> text(Consumer<String> check) {
    return new Text<>((name, text) -> text, text -> text) {
      @Override
      public JsonNode word(String name, String word) {
        check.accept(word);
        return super.word(name, word);
      }
    };
  }

  /** A program on the machine that computes, by its path: no search path has a say in it. */
  static SettingCodec<Path> program() {
    return new Text<>(Codecs::program, Path::toString);
  }

  private static Path program(String name, String text) {
    try {
      Path path = Path.of(text);
      if (path.isAbsolute()) {
        return path;
      }
    } catch (InvalidPathException e) {
      // No path at all, and so not an absolute one.
    }
    throw JsonFields.wrong(name, "the absolute path of a program", TextNode.valueOf(text));
  }

  private interface Reading<T> {
    T read(String name, String text);
  }

  private static class Text<T> implements SettingCodec<T> {
    private final Reading<T> reading;
    private final Function<T, String> writing;

    Text(Reading<T> reading, Function<T, String> writing) {
      this.reading = reading;
      this.writing = writing;
    }

    @Override
    public T read(String name, JsonNode json, Location folder) {
      return reading.read(name, JsonFields.text(name, json));
    }

    @Override
    public JsonNode write(T value) {
      return TextNode.valueOf(writing.apply(value));
    }
  }

  /** A location; a relative one is seen from the folder of what it stands in. */
  static SettingCodec<Location> location() {
    return new SettingCodec<>() {
      @Override
      public Location read(String name, JsonNode json, Location folder) {
        String text = JsonFields.text(name, json);
        if (text.isEmpty()) {
          throw JsonFields.wrong(name, "a path or a URI", json);
        }
        return folder.resolve(text);
      }

      @Override
      public JsonNode write(Location value) {
        return TextNode.valueOf(value.toString());
      }
    };
  }

  /** Any number of texts. */
  static SettingCodec<List<String>> texts() {
    return new SettingCodec<>() {
      @Override
      public List<String> read(String name, JsonNode json, Location folder) {
        List<String> texts = new ArrayList<>();
        for (JsonNode item : json) {
          texts.add(JsonFields.text(name, item));
        }
        if (!json.isArray()) {
          throw JsonFields.wrong(name, "an array of texts", json);
        }
        return List.copyOf(texts);
      }

      @Override
      public JsonNode write(List<String> value) {
        ArrayNode texts = JsonNodeFactory.instance.arrayNode();
        value.forEach(texts::add);
        return texts;
      }

      @Override
      public Setting.Form form() {
        return Setting.Form.WORDS;
      }

      @Override
      public Schema avroType() {
        return Schema.createArray(Schema.create(Schema.Type.STRING));
      }
    };
  }

  /** One of two values: the second if the flag is there. */
  static <T> SettingCodec<T> flag(T without, T with) {
    return new SettingCodec<>() {
      @Override
      public T read(String name, JsonNode json, Location folder) {
        if (!json.isBoolean()) {
          throw JsonFields.wrong(name, "true or false", json);
        }
        return json.booleanValue() ? with : without;
      }

      @Override
      public JsonNode write(T value) {
        return BooleanNode.valueOf(value.equals(with));
      }

      @Override
      public Setting.Form form() {
        return Setting.Form.FLAG;
      }

      @Override
      public Schema avroType() {
        return Schema.create(Schema.Type.BOOLEAN);
      }
    };
  }
}
