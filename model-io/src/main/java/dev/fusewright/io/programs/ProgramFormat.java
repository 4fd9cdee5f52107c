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
package dev.fusewright.io.programs;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.io.archive.ZipScratch;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.GraphFormat;
import dev.fusewright.io.format.WriteSummary;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** A format of archives that are read, and written only from one that was read. */
public abstract class ProgramFormat implements GraphFormat {
  private final Set<String> rules;
  private final String result;

  /**
   * A format.
   *
   * @param rules whose results an archive can hold, by id
   * @param result what a graph would become, as a sentence says it
   */
  protected ProgramFormat(Set<String> rules, String result) {
    this.rules = Set.copyOf(rules);
    this.result = result;
  }

  /** Reads an archive; what was opened for it is the caller's if that fails. */
  protected abstract GraphCheckpoint read(Path path, OpenFile file, ZipScratch scratch);

  @Override
  public final GraphCheckpoint open(Path path) {
    OpenFile file = OpenFile.open(path);
    ZipScratch scratch = new ZipScratch();
    try {
      return read(path, file, scratch);
    } catch (RuntimeException | Error e) {
      scratch.close();
      file.close();
      throw e;
    }
  }

  @Override
  public final List<String> dataFiles(Path file) {
    return List.of();
  }

  @Override
  public final boolean writesNewModels() {
    return false;
  }

  /** A program is called by the places of its inputs, and has no names for what it returns. */
  @Override
  public final boolean namesItsInterface() {
    return false;
  }

  @Override
  public final boolean holdsResultOf(String rule) {
    return rules.contains(rule);
  }

  /**
   * Refused: an archive says more than a graph.
   *
   * @throws IllegalArgumentException always
   */
  @Override
  public final WriteSummary write(ModelGraph model, Path target) {
    throw new IllegalArgumentException(
        "a graph becomes %s only where it was read from one".formatted(result));
  }
}
