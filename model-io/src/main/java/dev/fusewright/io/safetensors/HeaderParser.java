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
package dev.fusewright.io.safetensors;

import static dev.fusewright.io.json.JsonCursor.shortened;

import dev.fusewright.core.tensor.Shape;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.json.JsonCursor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parses a header: exactly the JSON that the format allows, and no other.
 *
 * <p>The header is read through a small buffer and never held as a whole. Names that occur twice,
 * fields that are not the format's, numbers that are no natural numbers are refused with their
 * byte.
 */
final class HeaderParser {
  private static final int MOST_AXES = 1024;

  private final JsonCursor json;
  private final Map<String, HeaderEntry> entries = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private boolean sawMetadata;

  /** A parser of the header between two offsets of a file. */
  HeaderParser(OpenFile file, long start, long end) {
    this.json = new JsonCursor(file, start, end, "header", SafetensorsFormat.MAX_HEAP);
  }

  /** By name, in the header's order. */
  Map<String, HeaderEntry> entries() {
    return entries;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  /** Reads the header once. */
  void parse() {
    if (json.isAtEnd() || json.peek() != '{') {
      throw json.malformed(json.position(), "a header that begins with '{'", "another byte");
    }
    json.object(
        (name, at) -> {
          if (name.equals(SafetensorsFormat.METADATA)) {
            if (sawMetadata) {
              throw json.malformed(at, "names that occur once", "__metadata__ twice");
            }
            sawMetadata = true;
            parseMetadata();
          } else if (entries.put(name, entry(name, at)) != null) {
            throw json.malformed(at, "names that occur once", "'" + shortened(name) + "' twice");
          }
        });
    json.expectEnd();
  }

  private void parseMetadata() {
    json.object(
        (key, at) -> {
          if (metadata.put(key, json.text()) != null) {
            throw json.malformed(at, "keys that occur once", "'" + shortened(key) + "' twice");
          }
        });
  }

  private HeaderEntry entry(String name, long at) {
    json.charge(200);
    SafetensorsType type = null;
    List<Long> dims = null;
    List<Long> offsets = null;
    json.expect('{');
    do {
      json.skipSpace();
      long fieldAt = json.position();
      String field = json.text();
      json.colon();
      boolean again;
      switch (field) {
        case "dtype" -> {
          again = type != null;
          type = type(fieldAt);
        }
        case "shape" -> {
          again = dims != null;
          dims = naturals();
        }
        case "data_offsets" -> {
          again = offsets != null;
          offsets = naturals();
        }
        default ->
            throw json.malformed(
                fieldAt, "dtype, shape or data_offsets", "'" + shortened(field) + "'");
      }
      if (again) {
        throw json.malformed(fieldAt, "fields that occur once", field + " twice");
      }
      json.skipSpace();
    } while (json.accept(','));
    json.expect('}');
    if (type == null || dims == null || offsets == null || offsets.size() != 2) {
      throw json.malformed(
          at, "dtype, shape and two data_offsets of '" + shortened(name) + "'", "less");
    }
    return new HeaderEntry(name, type, shape(dims, name, at), offsets.get(0), offsets.get(1), at);
  }

  private Shape shape(List<Long> dims, String name, long at) {
    try {
      return new Shape(dims);
    } catch (IllegalArgumentException e) {
      throw json.malformed(
          at,
          "a shape with less than 2^63 elements for '" + shortened(name) + "'",
          dims.toString());
    }
  }

  private SafetensorsType type(long at) {
    String name = json.text();
    return SafetensorsType.ofName(name)
        .orElseThrow(
            () ->
                new UnsupportedFormatException(
                    json.problem(at)
                        .expected("an element type of the format")
                        .found("'" + shortened(name) + "'")));
  }

  private List<Long> naturals() {
    List<Long> numbers = new ArrayList<>(4);
    json.expect('[');
    json.skipSpace();
    if (json.accept(']')) {
      return numbers;
    }
    do {
      json.skipSpace();
      json.charge(24);
      if (numbers.size() == MOST_AXES) {
        throw new TooLargeException(
            json.problem(json.position()).expected("at most " + MOST_AXES + " axes").found("more"));
      }
      numbers.add(json.natural());
      json.skipSpace();
    } while (json.accept(','));
    json.expect(']');
    return numbers;
  }
}
