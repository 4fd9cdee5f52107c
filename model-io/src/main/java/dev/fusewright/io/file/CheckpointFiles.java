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
package dev.fusewright.io.file;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opening of local files, with errors that say why one cannot be opened. */
public final class CheckpointFiles {
  private CheckpointFiles() {}

  /**
   * Opens a regular file for reading.
   *
   * @throws UnreadableFileException if it is missing, a directory, a device, a pipe or a socket, or
   *     may not be read
   */
  public static FileChannel open(Path file) {
    if (Files.isDirectory(file)) {
      throw new UnreadableFileException(Problem.in(file).expected("a file").found("a directory"));
    }
    try {
      return RegularFiles.open(file);
    } catch (RegularFiles.NotRegularException e) {
      throw new UnreadableFileException(
          Problem.in(file).expected("a regular file").found("a device, a pipe or a socket"));
    } catch (FileNotFoundException e) {
      throw new UnreadableFileException(Problem.in(file).expected("a file").found("nothing"), e);
    } catch (AccessDeniedException e) {
      throw new UnreadableFileException(
          Problem.in(file).expected("a readable file").found("one that may not be read"), e);
    } catch (IOException e) {
      throw new UnreadableFileException(
          Problem.in(file).expected("a readable file").found(String.valueOf(e.getMessage())), e);
    }
  }
}
