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
package dev.fusewright.io.shards;

import static dev.fusewright.io.json.JsonCursor.shortened;

import dev.fusewright.core.text.Printable;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.json.JsonCursor;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Parses an index. What it does not know in it is kept as it stands there. */
final class IndexParser {
  private static final int LONGEST_NAME = 255;

  /** Heap that a tensor takes beside its name: of the index, and of its shard's header. */
  private static final int TENSOR = 200;

  private final JsonCursor json;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, String> others = new LinkedHashMap<>();
  private final Map<String, String> shardOf = new LinkedHashMap<>();

  /** The shards by their names as a store sees them that does not tell case. */
  private final Map<String, String> shards = new HashMap<>();

  private boolean sawMetadata;
  private boolean sawMap;

  private IndexParser(OpenFile file) {
    this.json = new JsonCursor(file, 0, file.size(), "index", ShardedFormat.MAX_HEAP);
  }

  /**
   * Reads an index.
   *
   * @throws dev.fusewright.io.file.CheckpointException if it is none, or too large
   */
  static ShardIndex parse(OpenFile file) {
    if (file.size() > ShardedFormat.MAX_INDEX) {
      throw new TooLargeException(
          file.problemAt(0)
              .expected("an index of at most " + ShardedFormat.MAX_INDEX + " bytes")
              .found(file.size() + " bytes"));
    }
    return new IndexParser(file).parse();
  }

  private ShardIndex parse() {
    json.skipSpace();
    json.object(this::member);
    json.expectEnd();
    if (shardOf.isEmpty()) {
      throw json.malformed(
          0,
          "a weight_map that maps tensors to files",
          sawMap ? "one of no tensors" : "no weight_map");
    }
    return new ShardIndex(metadata, others, shardOf);
  }

  private void member(String name, long at) {
    boolean again;
    if (name.equals(ShardedFormat.WEIGHT_MAP)) {
      again = sawMap;
      sawMap = true;
      json.object(this::tensor);
    } else if (name.equals(ShardedFormat.METADATA) && json.peek() == '{') {
      again = sawMetadata || others.containsKey(name);
      sawMetadata = true;
      json.object(
          (key, keyAt) -> {
            if (metadata.put(key, json.raw()) != null) {
              throw twice(keyAt, key);
            }
          });
    } else {
      again =
          others.put(name, json.raw()) != null
              || (name.equals(ShardedFormat.METADATA) && sawMetadata);
    }
    if (again) {
      throw twice(at, name);
    }
  }

  private void tensor(String name, long at) {
    json.charge(TENSOR);
    long shardAt = json.position();
    if (shardOf.put(name, shard(json.text(), shardAt)) != null) {
      throw twice(at, name);
    }
  }

  /** The one text of each name. */
  private String shard(String name, long at) {
    String folded = Normalizer.normalize(name, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
    String known = shards.get(folded);
    if (known == null) {
      requireName(name, at);
      if (shards.size() == ShardedFormat.MAX_SHARDS) {
        throw new TooLargeException(
            json.problem(at)
                .expected("at most " + ShardedFormat.MAX_SHARDS + " shards")
                .found("more"));
      }
      shards.put(folded, name);
      return name;
    }
    if (!known.equals(name)) {
      throw json.malformed(
          at,
          "names of shards that differ by more than case",
          "'%s' and '%s'".formatted(shortened(known), shortened(name)));
    }
    return known;
  }

  /** No path, nothing hidden, nothing that a store or a terminal reads otherwise. */
  private void requireName(String name, long at) {
    boolean isName =
        !name.isEmpty()
            && name.length() <= LONGEST_NAME
            && !name.startsWith(".")
            && name.codePoints().allMatch(c -> "/\\:".indexOf(c) < 0 && Printable.isPlain(c));
    if (!isName) {
      throw json.malformed(
          at, "the name of a file in the index's folder", "'" + shortened(name) + "'");
    }
  }

  private MalformedFileException twice(long at, String name) {
    return json.malformed(at, "names that occur once", "'" + shortened(name) + "' twice");
  }
}
