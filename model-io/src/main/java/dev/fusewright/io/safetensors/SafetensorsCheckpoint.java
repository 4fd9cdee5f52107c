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

import dev.fusewright.core.state.StateDict;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.format.ExtraEntry;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StateFormat;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.json.JsonCursor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An open safetensors file: one state dict, and text about it. */
final class SafetensorsCheckpoint implements StateCheckpoint {
  private final Path path;
  private final OpenFile file;
  private final StateDict state;
  private final Map<String, String> metadata;

  SafetensorsCheckpoint(Path path, OpenFile file, StateDict state, Map<String, String> metadata) {
    this.path = path;
    this.file = file;
    this.state = state;
    this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public StateFormat format() {
    return new SafetensorsFormat();
  }

  @Override
  public long bytes() {
    return file.size();
  }

  @Override
  public List<NestedState> states() {
    return List.of(new NestedState(StatePath.ROOT, NestedState.Origin.STATE_DICT, state));
  }

  @Override
  public List<ExtraEntry> extraEntries() {
    return metadata.entrySet().stream()
        .map(
            entry ->
                new ExtraEntry(
                    StatePath.ROOT.key(SafetensorsFormat.METADATA).key(entry.getKey()),
                    "'" + JsonCursor.shortened(entry.getValue()) + "'",
                    ExtraEntry.Disposition.CARRIED))
        .toList();
  }

  /** The file's {@code __metadata__}. */
  @Override
  public Map<String, String> facts() {
    return metadata;
  }

  @Override
  public WriteSummary write(Map<StatePath, StateDict> edited, Path target) throws IOException {
    if (!Set.of(StatePath.ROOT).containsAll(edited.keySet())) {
      throw new IllegalArgumentException(
          "a safetensors file has no state dicts " + edited.keySet());
    }
    if (Files.exists(target) && Files.isSameFile(path, target)) {
      throw new IllegalArgumentException("a checkpoint is not written over itself: " + target);
    }
    return SafetensorsWriter.write(edited.getOrDefault(StatePath.ROOT, state), metadata, target);
  }

  @Override
  public void close() {
    file.close();
  }
}
