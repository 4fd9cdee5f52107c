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

import dev.fusewright.core.graph.ModelGraph;
import java.io.IOException;
import java.nio.file.Path;

/** A format whose files say what a model computes, not only with which parameters. */
public non-sealed interface GraphFormat extends Format {
  @Override
  GraphCheckpoint open(Path file);

  /** Whether {@link #write} takes models that are from no file. */
  default boolean writesNewModels() {
    return true;
  }

  /**
   * Whether inputs and outputs have names that callers go by; where they have not, they stand by
   * their places, and a name is the reader's.
   */
  default boolean namesItsInterface() {
    return true;
  }

  /**
   * Whether a file of it can hold what a rule makes of a graph: some rules need nodes that it could
   * not say.
   *
   * @param rule its id
   */
  default boolean holdsResultOf(String rule) {
    return true;
  }

  /**
   * Writes a model that is from no file: all tensors go into the file itself.
   *
   * @param target created, or replaced
   * @throws IOException if the target cannot be written
   * @throws IllegalArgumentException if the model holds what only its own file could say
   */
  WriteSummary write(ModelGraph model, Path target) throws IOException;
}
