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
package dev.fusewright.io.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Ownership of a scratch folder: a locked file beside it. The operating system releases the lock
 * when the process ends, however it ends, and tells the truth to other containers that share the
 * disk, where a process id means nothing.
 *
 * <p>The locks of one process are one: opening and closing a locked file once more would silently
 * release its lock. So this JVM's own folders are listed in a system property, which all its class
 * loaders see, and are never tried.
 */
final class ScratchLock implements AutoCloseable {
  private static final String PREFIX = ".fusewright-scratch-";
  private static final String SUFFIX = ".lock";
  private static final String OURS = "fusewright.scratch.folders";

  private final Path folder;
  private final FileChannel channel;

  private ScratchLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /** Makes and locks a new folder. */
  static ScratchLock newFolder(Path root) throws IOException {
    while (true) {
      Path folder = root.resolve(PREFIX + UUID.randomUUID());
      String line = folder.toAbsolutePath() + "\n";
      System.getProperties().merge(OURS, line, (all, one) -> all.toString() + one);
      FileChannel channel = locked(lockFile(folder));
      if (channel != null) {
        Files.createDirectory(folder);
        return new ScratchLock(folder, channel);
      }
      forget(folder);
    }
  }

  Path folder() {
    return folder;
  }

  /**
   * Removes orphan folders: those of processes that have ended.
   *
   * @return how many there were
   */
  static int removeOrphans(Path root) throws IOException {
    int removed = 0;
    try (DirectoryStream<Path> locks = Files.newDirectoryStream(root, PREFIX + "*" + SUFFIX)) {
      for (Path lock : locks) {
        String name = lock.getFileName().toString();
        Path folder = lock.resolveSibling(name.substring(0, name.length() - SUFFIX.length()));
        if (!isOurs(folder) && remove(lock, folder)) {
          removed++;
        }
      }
    }
    return removed;
  }

  private static boolean remove(Path lock, Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
        FileLock taken = channel.tryLock()) {
      if (taken == null) {
        return false;
      }
      LocalFolders.delete(folder);
      Files.deleteIfExists(lock);
      return true;
    } catch (NoSuchFileException | OverlappingFileLockException e) {
      return false; // somebody else removes it
    }
  }

  /** Null if somebody who removes orphans took the file before it was locked. */
  private static @Nullable FileChannel locked(Path lock) throws IOException {
    FileChannel channel =
        FileChannel.open(lock, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    if (channel.tryLock() != null && Files.exists(lock)) {
      return channel;
    }
    channel.close();
    return null;
  }

  private static Path lockFile(Path folder) {
    return folder.resolveSibling(folder.getFileName() + SUFFIX);
  }

  private static boolean isOurs(Path folder) {
    return System.getProperty(OURS, "").contains(folder.toAbsolutePath() + "\n");
  }

  private static void forget(Path folder) {
    System.getProperties()
        .computeIfPresent(
            OURS, (key, all) -> all.toString().replace(folder.toAbsolutePath() + "\n", ""));
  }

  /** Removes the folder with everything in it. */
  @Override
  public void close() throws IOException {
    try (channel) {
      LocalFolders.delete(folder);
      Files.deleteIfExists(lockFile(folder));
    } finally {
      forget(folder);
    }
  }
}
