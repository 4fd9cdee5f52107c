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

import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateEntry;
import dev.fusewright.io.file.FileEnds;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StateFormat;
import dev.fusewright.io.format.StatePath;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads an index and its shards, and holds them against each other. */
final class ShardedReader {
  private final ShardedFormat format;
  private final List<StateFormat> formats;

  /**
   * A reader.
   *
   * @param format that it reads
   * @param formats of shards
   */
  ShardedReader(ShardedFormat format, List<StateFormat> formats) {
    this.format = format;
    this.formats = formats;
  }

  /**
   * Opens a checkpoint.
   *
   * @throws dev.fusewright.io.file.CheckpointException if it cannot be read, or the index and its
   *     shards disagree
   */
  ShardedCheckpoint read(Path path) {
    OpenFile file = OpenFile.open(path);
    Map<String, StateCheckpoint> shards = new LinkedHashMap<>();
    try {
      ShardIndex index = IndexParser.parse(file);
      for (String name : index.shards()) {
        StateCheckpoint shard = open(ShardFiles.resolve(path, name));
        shards.put(name, shard);
        requireMapped(index, name, shard);
      }
      return new ShardedCheckpoint(format, path, file, index, shards, state(path, index, shards));
    } catch (RuntimeException e) {
      ShardedCheckpoint.close(file, shards.values());
      throw e;
    }
  }

  private StateCheckpoint open(Path shard) {
    FileEnds ends = FileEnds.of(shard);
    StateFormat shardFormat =
        formats.stream()
            .filter(known -> known.matches(ends))
            .findFirst()
            .orElseThrow(
                () ->
                    new UnsupportedFormatException(
                        Problem.in(shard)
                            .expected(
                                "a shard: "
                                    + formats.stream()
                                        .map(StateFormat::title)
                                        .collect(Collectors.joining(" or ")))
                            .found("another kind of file")));
    StateCheckpoint opened = shardFormat.open(shard);
    List<NestedState> states = opened.states();
    if (states.size() != 1
        || !states.get(0).path().equals(StatePath.ROOT)
        || states.get(0).origin() != NestedState.Origin.STATE_DICT) {
      opened.close();
      throw new UnsupportedFormatException(
          Problem.in(shard)
              .expected("a shard that is one dict of tensors")
              .found(
                  states.stream()
                      .map(nested -> "%s at %s".formatted(nested.origin(), nested.path()))
                      .collect(Collectors.joining(", "))));
    }
    return opened;
  }

  /** A shard holds nothing that the index does not map to it. */
  private static void requireMapped(ShardIndex index, String name, StateCheckpoint shard) {
    for (String tensor : ShardedCheckpoint.state(shard).entries().keySet()) {
      @Nullable String mapped = index.shardOf().get(tensor);
      if (!name.equals(mapped)) {
        throw new MalformedFileException(
            Problem.in(shard.path())
                .inside("tensor '" + shortened(tensor) + "'")
                .expected("tensors that the index maps to this shard")
                .found(
                    mapped == null
                        ? "one that is not in the index"
                        : "one that it maps to '" + mapped + "'"));
      }
    }
  }

  private static StateDict state(
      Path path, ShardIndex index, Map<String, StateCheckpoint> shards) {
    Map<String, StateEntry> entries = new LinkedHashMap<>();
    index
        .shardOf()
        .forEach(
            (tensor, name) -> {
              StateCheckpoint shard = shards.get(name);
              StateEntry entry =
                  shard == null ? null : ShardedCheckpoint.state(shard).entries().get(tensor);
              if (entry == null) {
                throw new MalformedFileException(
                    Problem.in(path)
                        .inside("tensor '" + shortened(tensor) + "'")
                        .expected("a tensor in '" + name + "'")
                        .found("none of that name there"));
              }
              entries.put(tensor, entry);
            });
    Map<String, Long> versions = new LinkedHashMap<>();
    shards.values().forEach(shard -> versions.putAll(ShardedCheckpoint.state(shard).versions()));
    return new StateDict(entries, versions);
  }
}
