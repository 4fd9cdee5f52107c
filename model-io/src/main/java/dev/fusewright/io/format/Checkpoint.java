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

import java.io.Closeable;
import java.nio.file.Path;
import java.util.List;

/**
 * An open file of a model's parameters. Its tensors read from the file, from any thread, until it
 * is closed.
 */
public sealed interface Checkpoint extends Closeable permits GraphCheckpoint, StateCheckpoint {
  /** The file. */
  Path path();

  /** What it is. */
  Format format();

  /** Bytes of the file, without data files. */
  long bytes();

  /**
   * The data files beside it that it reads from, relative to its folder, in the order in which it
   * names them.
   */
  List<String> dataFiles();

  /** Frees the file, and whatever opening it took. */
  @Override
  void close();
}
