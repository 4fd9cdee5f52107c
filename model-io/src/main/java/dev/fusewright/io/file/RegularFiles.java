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
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Opening of local files. Only regular files are opened, links to them included: a device has no
 * end, a pipe or a socket may block for ever, and neither is a model.
 */
public final class RegularFiles {
  private RegularFiles() {}

  /** A path leads to a device, a pipe or a socket. */
  public static final class NotRegularException extends FileSystemException {
    private static final long serialVersionUID = 1L;

    NotRegularException(Path file) {
      super(file.toString(), null, "expected a regular file, found a device, a pipe or a socket");
    }
  }

  /**
   * Opens a file for reading.
   *
   * @throws FileNotFoundException if there is none, or it is a folder
   * @throws NotRegularException if it is neither a file nor a folder
   */
  public static FileChannel open(Path file) throws IOException {
    attributes(file);
    return FileChannel.open(file, StandardOpenOption.READ);
  }

  /**
   * What the file system says of a file.
   *
   * @throws FileNotFoundException if there is none, or it is a folder
   * @throws NotRegularException if it is neither a file nor a folder
   */
  public static BasicFileAttributes attributes(Path file) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      if (attributes.isOther()) {
        throw new NotRegularException(file);
      }
      if (attributes.isDirectory()) {
        throw new FileNotFoundException(file + " is a folder, not a file");
      }
      return attributes;
    } catch (NoSuchFileException e) {
      FileNotFoundException missing = new FileNotFoundException(file + " does not exist");
      missing.initCause(e);
      throw missing;
    }
  }

  /**
   * All bytes of a small file; no more is read than its size says.
   *
   * @throws FileNotFoundException if there is none, or it is a folder
   * @throws NotRegularException if it is neither a file nor a folder
   * @throws FileSystemException if it is larger than {@code most}
   */
  public static byte[] bytes(Path file, int most) throws IOException {
    long size = attributes(file).size();
    if (size > most) {
      throw new FileSystemException(
          file.toString(), null, "expected at most %d bytes, found %d".formatted(most, size));
    }
    try (FileChannel channel = open(file)) {
      return Channels.newInputStream(channel).readNBytes((int) size);
    }
  }

  /**
   * Checks that a file may be written where there may be one already.
   *
   * @throws NotRegularException if something else is there, which would be replaced
   * @throws FileSystemException if a folder is there
   */
  public static void requireReplaceable(Path target) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(target, BasicFileAttributes.class);
      if (attributes.isOther()) {
        throw new NotRegularException(target);
      }
      if (attributes.isDirectory()) {
        throw new FileSystemException(
            target.toString(), null, "expected a place for a file, found a folder");
      }
    } catch (NoSuchFileException e) {
      // Then nothing is replaced.
    }
  }
}
