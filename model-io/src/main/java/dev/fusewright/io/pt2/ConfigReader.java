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
package dev.fusewright.io.pt2;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.io.aten.Placed;
import dev.fusewright.io.aten.Span;
import dev.fusewright.io.aten.TensorMeta;
import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.json.JsonCursor;
import dev.fusewright.io.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads {@code NAME_weights_config.json} and its like: which record holds which tensor. */
final class ConfigReader {
  private static final TensorMeta NONE =
      new TensorMeta(ElementType.UNDEFINED, List.of(), List.of(), -1, /* isStrided= */ false);

  private final JsonCursor cursor;
  private final MetaReader values;
  private final Map<String, Placed<ConfigEntry>> entries = new LinkedHashMap<>();

  private ConfigReader(FileRegion json, long mostHeap) {
    this.cursor =
        new JsonCursor(
            json.file(), json.offset(), json.offset() + json.length(), "config", mostHeap);
    this.values = new MetaReader(cursor);
  }

  /** The entries by their names in the model, each with the place of the whole member. */
  static Map<String, Placed<ConfigEntry>> read(FileRegion json, long mostHeap) {
    return new ConfigReader(json, mostHeap).read();
  }

  private Map<String, Placed<ConfigEntry>> read() {
    cursor.skipSpace();
    cursor.object(
        (member, at) -> {
          if (member.equals("config")) {
            cursor.object(this::entry);
          } else {
            cursor.skip();
          }
        });
    cursor.expectEnd();
    return entries;
  }

  private void entry(String name, long start) {
    JsonValue value = JsonValue.read(cursor);
    JsonValue.Members entry = values.members(value);
    boolean isPickled =
        entry.get("use_pickle") instanceof JsonValue.Word word && word.value().equals("true");
    TensorMeta meta =
        entry.get("tensor_meta") instanceof JsonValue.Members members ? values.read(members) : NONE;
    ConfigEntry read =
        new ConfigEntry(
            values.text(values.member(entry, "path_name")),
            isPickled,
            meta,
            new Span(value.start(), value.end()));
    Span place = new Span(start, cursor.position());
    if (entries.put(name, new Placed<>(read, place)) != null) {
      throw cursor.malformed(start, "names that occur once", "one twice");
    }
  }
}
