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
import java.util.Map;

/**
 * An open file of state dicts. Its tensors read from the file until it is closed.
 *
 * <p>Reading one executes nothing and loads no payload: what is on the heap is names, shapes and
 * offsets.
 */
public interface Checkpoint extends Closeable {
  /** The file. */
  Path path();

  /** What it is. */
  CheckpointFormat format();

  /** The state dicts in the file, in its order; at least one. */
  List<NestedState> states();

  /** What stands beside the state dicts, outermost only. */
  List<ExtraEntry> beside();

  /**
   * Facts about the file for reports, such as its archive's version or a safetensors file's
   * metadata.
   */
  Map<String, String> facts();

  /** Frees the file and the scratch that unpacked parts of it may have needed. */
  @Override
  void close();
}
