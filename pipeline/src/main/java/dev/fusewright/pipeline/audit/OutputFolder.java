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
package dev.fusewright.pipeline.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A local folder into which files are put when they are complete. Until then they are in a hidden
 * folder of it, which is removed at the end. Who may read them is left to the process's umask.
 */
final class OutputFolder implements AutoCloseable {
  private final Path folder;
  private final Path work;

  private OutputFolder(Path folder, Path work) {
    this.folder = folder;
    this.work = work;
  }

  /** Makes the folder if it is not there. */
  static OutputFolder in(Path folder) throws IOException {
    Files.createDirectories(folder);
    // Not a temporary folder of the JDK's making: nobody else may read that.
    return new OutputFolder(
        folder, Files.createDirectory(folder.resolve(".report-" + UUID.randomUUID())));
  }

  /** A file that nobody sees yet. */
  Path file(String name) {
    return work.resolve(name);
  }

  /** An empty folder that nobody sees yet. */
  Path folder(String name) throws IOException {
    return Files.createDirectory(work.resolve(name));
  }

  /** Gives a finished file its place. */
  Path publish(Path file, String name) throws IOException {
    return Files.move(file, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
  }

  /** Gives a finished folder its place, in the stead of one that is there. */
  void publishFolder(Path finished, String name) throws IOException {
    Path target = folder.resolve(name);
    if (Files.exists(target)) {
      Files.move(target, work.resolve("replaced"));
    }
    Files.move(finished, target);
  }

  @Override
  public void close() throws IOException {
    List<Path> left;
    try (Stream<Path> files = Files.walk(work)) {
      left = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : left) {
      Files.delete(file);
    }
  }
}
