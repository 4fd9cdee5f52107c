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

import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateEntry;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.format.DataFileNames;
import dev.fusewright.io.format.ExtraEntry;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StateFormat;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.json.JsonCursor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** An open index with its open shards: one state dict. */
final class ShardedCheckpoint implements StateCheckpoint {
  private final ShardedFormat format;
  private final Path path;
  private final OpenFile file;
  private final ShardIndex index;
  private final Map<String, StateCheckpoint> shards;
  private final StateDict state;

  ShardedCheckpoint(
      ShardedFormat format,
      Path path,
      OpenFile file,
      ShardIndex index,
      Map<String, StateCheckpoint> shards,
      StateDict state) {
    this.format = format;
    this.path = path;
    this.file = file;
    this.index = index;
    this.shards = Collections.unmodifiableMap(new LinkedHashMap<>(shards));
    this.state = state;
  }

  /** The state dict of a shard. */
  static StateDict state(StateCheckpoint shard) {
    return shard.states().get(0).state();
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public StateFormat format() {
    return format;
  }

  @Override
  public long bytes() {
    return file.size();
  }

  @Override
  public List<String> dataFiles() {
    return List.copyOf(shards.keySet());
  }

  OpenFile file() {
    return file;
  }

  ShardIndex index() {
    return index;
  }

  /** By name, in the index's order. */
  Map<String, StateCheckpoint> shards() {
    return shards;
  }

  StateDict state() {
    return state;
  }

  @Override
  public List<NestedState> states() {
    return List.of(new NestedState(StatePath.ROOT, NestedState.Origin.STATE_DICT, state));
  }

  /**
   * What the index says beside its map, and what its shards hold; the same of several is one. The
   * size of all tensors is no more than their sum, and only there if it is another.
   */
  @Override
  public List<ExtraEntry> extraEntries() {
    Set<ExtraEntry> entries = new LinkedHashSet<>();
    index
        .metadata()
        .forEach(
            (key, value) -> {
              if (!isSize(key, value)) {
                entries.add(
                    carried(
                        StatePath.ROOT.key(ShardedFormat.METADATA).key(key),
                        described(key, value)));
              }
            });
    index.others().forEach((key, value) -> entries.add(carried(StatePath.ROOT.key(key), value)));
    shards.values().forEach(shard -> entries.addAll(shard.extraEntries()));
    return new ArrayList<>(entries);
  }

  private static ExtraEntry carried(StatePath path, String description) {
    return new ExtraEntry(
        path, JsonCursor.shortened(description), ExtraEntry.Disposition.CARRIED);
  }

  private boolean isSize(String key, String value) {
    OptionalLong bytes = bytes(state);
    return key.equals(ShardedFormat.TOTAL_SIZE)
        && (bytes.isEmpty() || isNumber(value, bytes.getAsLong()));
  }

  /** Some write it as 36.0. */
  private static boolean isNumber(String json, long number) {
    return json.equals(Long.toString(number)) || json.equals(number + ".0");
  }

  private String described(String key, String value) {
    return key.equals(ShardedFormat.TOTAL_SIZE)
        ? "%s, where the tensors have %d bytes".formatted(value, bytes(state).orElse(0))
        : value;
  }

  /** Bytes of all tensors; empty if one is only carried, whose bytes nobody knows. */
  static OptionalLong bytes(StateDict state) {
    long bytes = 0;
    for (StateEntry entry : state.entries().values()) {
      if (!(entry instanceof StateEntry.Parameter parameter)) {
        return OptionalLong.empty();
      }
      bytes += parameter.tensor().byteCount();
    }
    return OptionalLong.of(bytes);
  }

  /** The index's {@code metadata}, values in JSON. */
  @Override
  public Map<String, String> facts() {
    return index.metadata();
  }

  @Override
  public WriteSummary write(Map<StatePath, StateDict> edited, Path target) throws IOException {
    return write(edited, target, DataFileNames.KEPT);
  }

  @Override
  public WriteSummary write(Map<StatePath, StateDict> edited, Path target, DataFileNames names)
      throws IOException {
    if (!Set.of(StatePath.ROOT).containsAll(edited.keySet())) {
      throw new IllegalArgumentException("an index has no state dicts " + edited.keySet());
    }
    return new ShardedWriter(this, edited.getOrDefault(StatePath.ROOT, state), target, names)
        .write();
  }

  @Override
  public void close() {
    close(file, shards.values());
  }

  /** Closes all, whatever one of them says. */
  static void close(OpenFile file, Collection<StateCheckpoint> shards) {
    try (file) {
      RuntimeException failure = null;
      for (StateCheckpoint shard : shards) {
        try {
          shard.close();
        } catch (RuntimeException e) {
          failure = failure == null ? e : failure;
        }
      }
      if (failure != null) {
        throw failure;
      }
    }
  }
}
