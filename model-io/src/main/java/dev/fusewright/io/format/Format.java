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

import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.file.FileEnds;
import java.nio.file.Path;
import java.util.List;

/**
 * One format of checkpoints: tells its files by their bytes, opens them, and writes them anew.
 *
 * <p>{@code dev.fusewright.io.Formats} lists all of them. Adding one is a package that implements
 * {@link GraphFormat} or {@link StateFormat}, and a line there.
 */
public sealed interface Format permits GraphFormat, StateFormat {
  /** What catalogues and reports call it, such as {@code onnx}. */
  String id();

  /**
   * The {@link #id()} of the format in which what is made of a file is written: its own, unless
   * nothing can be written in it or run from it.
   */
  default String writtenAs() {
    return id();
  }

  /** What people call a file of it, with its article, such as {@code an ONNX model}. */
  String title();

  /**
   * Extensions of its files' names, lower-case and without a dot before them; the usual one first.
   * Where one ends in another's, the longest counts.
   */
  List<String> extensions();

  /**
   * Further extensions that its files often have, though the extension alone tells of another
   * format.
   */
  default List<String> otherExtensions() {
    return List.of();
  }

  /**
   * Whether a file looks like one of this format, which its reader may refuse nevertheless. Whoever
   * stands first in the list of formats has a file that several match.
   */
  boolean matches(FileEnds file);

  /**
   * Whether its reader takes ranges of a file alone, and its writer has what stays copied from
   * channel to channel: then a file need not be on this machine.
   */
  default boolean isReadByRanges() {
    return false;
  }

  /**
   * Whether a file of it is but a list of its data files, each of which would be taken for a
   * checkpoint if it were met alone.
   */
  default boolean isOfParts() {
    return false;
  }

  /** Whether a file of this name is such a list, as far as names tell. */
  default boolean isListName(String name) {
    return false;
  }

  /** Whether a name is one that such a data file usually has, and nothing else. */
  default boolean isPart(String name) {
    return false;
  }

  /**
   * Opens a file; close it when its tensors are no longer needed. Reading one executes nothing and
   * loads no payload: what is on the heap is names, shapes and offsets.
   *
   * @throws CheckpointException if it is of another format, cannot be read, or is refused
   */
  Checkpoint open(Path file);

  /**
   * The data files that a checkpoint needs beside it, relative to its folder, in the order in which
   * it names them; they need not be there yet.
   *
   * @throws CheckpointException as {@link #open}, except for missing data files
   */
  List<String> dataFiles(Path file);
}
