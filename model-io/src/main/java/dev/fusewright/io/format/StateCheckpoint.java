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
package dev.fusewright.io.format;

import dev.fusewright.core.state.StateDict;
import dev.fusewright.io.file.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An open file of state dicts. */
public non-sealed interface StateCheckpoint extends Checkpoint {
  @Override
  StateFormat format();

  /** None, for most: such a file holds its own bytes. */
  @Override
  default List<String> dataFiles() {
    return List.of();
  }

  /** The state dicts in the file, in its order; at least one. */
  List<NestedState> states();

  /** What stands beside the state dicts, outermost only. */
  List<ExtraEntry> extraEntries();

  /** What the file says about itself, such as its archive's version, in its order. */
  Map<String, String> facts();

  /** The whole modules among {@link #states}; empty if there is none. */
  default Optional<WholeModules> wholeModules() {
    return Optional.empty();
  }

  /**
   * Which entries share their memory with others of the file.
   *
   * @param path of the state dict with {@code names}
   * @param names of its entries
   */
  default List<Tie> ties(StatePath path, Collection<String> names) {
    return List.of();
  }

  /**
   * Two entries in the same memory.
   *
   * @param name of one
   * @param other state dict that has the other; it may be the same one
   * @param otherName in that
   */
  record Tie(String name, StatePath other, String otherName) {}

  /** What was put up with when it was read, in sentences; the report says it. */
  default List<String> remarks() {
    return List.of();
  }

  /**
   * Writes the checkpoint anew, some of its state dicts replaced.
   *
   * @param edited by the path of the state dict each replaces; the others stay as they are
   * @param target another file, created or replaced, and removed if writing fails
   * @throws IOException if the target cannot be written
   * @throws CheckpointException if this file fails while it is copied, or the format cannot hold an
   *     edited state dict
   * @throws IllegalArgumentException if {@code edited} names a state dict that is not here, or the
   *     target is this file itself
   */
  WriteSummary write(Map<StatePath, StateDict> edited, Path target) throws IOException;

  /**
   * As {@link #write(Map, Path)}, of a checkpoint that may have data files.
   *
   * @param names of those that change
   */
  default WriteSummary write(Map<StatePath, StateDict> edited, Path target, DataFileNames names)
      throws IOException {
    return write(edited, target);
  }
}
