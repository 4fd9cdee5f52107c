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
package dev.fusewright.io.json;

import dev.fusewright.io.file.TooLargeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A small piece of JSON as a whole, each part with its place in the file. */
public sealed interface JsonValue {
  /** Of the first byte. */
  long start();

  /** Behind the last byte. */
  long end();

  /** An object; no name stands in it twice. */
  record Members(Map<String, JsonValue> members, long start, long end) implements JsonValue {
    /** Copies. */
    public Members {
      members = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    /** The value of a name; null if there is none. */
    public @Nullable JsonValue get(String name) {
      return members.get(name);
    }
  }

  /** A list. */
  record Items(List<JsonValue> items, long start, long end) implements JsonValue {
    /** Copies. */
    public Items {
      items = List.copyOf(items);
    }
  }

  /** A text; its place includes the quotation marks. */
  record Text(String value, long start, long end) implements JsonValue {}

  /** A number, as it is spelled, or one of the words true, false and null. */
  record Word(String value, long start, long end) implements JsonValue {}

  /** The deepest nest that is read. */
  int DEEPEST = 64;

  /** Takes a value. */
  static JsonValue read(JsonCursor cursor) {
    return read(cursor, 0);
  }

  private static JsonValue read(JsonCursor cursor, int depth) {
    if (depth > DEEPEST) {
      throw new TooLargeException(
          cursor
              .problem(cursor.position())
              .expected("at most " + DEEPEST + " levels")
              .found("more"));
    }
    cursor.charge(96);
    long start = cursor.position();
    switch (cursor.peek()) {
      case '"' -> {
        String text = cursor.text();
        return new Text(text, start, cursor.position());
      }
      case '{' -> {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        cursor.object(
            (name, at) -> {
              if (members.put(name, read(cursor, depth + 1)) != null) {
                throw cursor.malformed(at, "names that occur once", "one twice");
              }
            });
        return new Members(members, start, cursor.position());
      }
      case '[' -> {
        List<JsonValue> items = new ArrayList<>();
        cursor.list(() -> items.add(read(cursor, depth + 1)));
        return new Items(items, start, cursor.position());
      }
      default -> {
        String word = cursor.raw();
        return new Word(word, start, cursor.position());
      }
    }
  }
}
