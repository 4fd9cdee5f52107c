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

import dev.fusewright.io.aten.Span;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.json.JsonCursor;
import dev.fusewright.io.json.JsonText;
import dev.fusewright.io.json.JsonValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Texts of new parameters, made after those of the weights beside which they stand. */
final class Templates {
  private static final long MOST_HEAP = 1 << 20;

  private final OpenFile file;

  Templates(OpenFile file) {
    this.file = file;
  }

  private record Change(JsonValue place, String text) {}

  /** An entry of a config, after another's. */
  String entry(Span value, String path, long size) {
    JsonValue.Members entry = (JsonValue.Members) read(value);
    List<Change> changes = new ArrayList<>();
    change(changes, entry.get("path_name"), JsonText.quoted(path));
    if (entry.get("tensor_meta") instanceof JsonValue.Members meta) {
      vector(changes, meta, size);
    }
    return changed(value, changes);
  }

  /** A description of a vector, after another tensor's. */
  String meta(Span value, long size) {
    List<Change> changes = new ArrayList<>();
    vector(changes, (JsonValue.Members) read(value), size);
    return changed(value, changes);
  }

  private static void vector(List<Change> changes, JsonValue.Members meta, long size) {
    change(changes, meta.get("sizes"), "[{\"as_int\": %d}]".formatted(size));
    change(changes, meta.get("strides"), "[{\"as_int\": 1}]");
    change(changes, meta.get("storage_offset"), "{\"as_int\": 0}");
  }

  private static void change(List<Change> changes, @Nullable JsonValue place, String text) {
    if (place != null) {
      changes.add(new Change(place, text));
    }
  }

  private JsonValue read(Span span) {
    return JsonValue.read(new JsonCursor(file, span.start(), span.end(), "template", MOST_HEAP));
  }

  /** The place of the value of a member. */
  Span valueOf(Span member) {
    JsonCursor cursor = new JsonCursor(file, member.start(), member.end(), "template", MOST_HEAP);
    cursor.text();
    cursor.colon();
    return new Span(cursor.position(), member.end());
  }

  private String changed(Span whole, List<Change> changes) {
    ByteBuffer bytes = file.bytes(whole.start(), (int) (whole.end() - whole.start()));
    StringBuilder text = new StringBuilder();
    long at = whole.start();
    changes.sort(Comparator.comparingLong(change -> change.place().start()));
    for (Change change : changes) {
      text.append(slice(bytes, whole, at, change.place().start())).append(change.text());
      at = change.place().end();
    }
    return text.append(slice(bytes, whole, at, whole.end())).toString();
  }

  private static String slice(ByteBuffer bytes, Span whole, long from, long to) {
    ByteBuffer part = bytes.slice((int) (from - whole.start()), (int) (to - from));
    return StandardCharsets.UTF_8.decode(part).toString();
  }
}
