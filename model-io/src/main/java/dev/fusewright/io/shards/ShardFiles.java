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

import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnreadableFileException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Where the shards of an index are. */
final class ShardFiles {
  private ShardFiles() {}

  /**
   * The file of a shard, links followed.
   *
   * @param name as the index has it, which is that of a file
   * @throws UnreadableFileException if there is none
   * @throws MalformedFileException if it does not lie where the index lies
   */
  static Path resolve(Path index, String name) {
    Problem problem = Problem.in(index).inside("shard '" + name + "'");
    try {
      Path real = index.resolveSibling(name).toRealPath();
      Path realIndex = index.toRealPath();
      if (real.equals(realIndex)) {
        throw new MalformedFileException(
            problem.expected("a file beside the index").found("the index itself"));
      }
      // A cache may keep both by links, side by side elsewhere.
      boolean isBeside =
          real.startsWith(index.toAbsolutePath().resolveSibling("").toRealPath())
              || real.resolveSibling("").equals(realIndex.resolveSibling(""));
      if (!isBeside) {
        throw new MalformedFileException(
            problem
                .expected("a file inside the index's folder")
                .found("a symbolic link that leads out of it"));
      }
      return real;
    } catch (NoSuchFileException e) {
      throw new UnreadableFileException(
          problem.expected("a file").found("nothing").hint("Keep the shards beside the index"), e);
    } catch (IOException e) {
      throw new UnreadableFileException(
          problem.expected("a readable file").found(String.valueOf(e.getMessage())), e);
    }
  }
}
