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

import dev.fusewright.io.file.RegularFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Local files, without Hadoop. */
final class LocalStore extends WalkingStore {
  LocalStore(TemporaryNames names) {
    super(names);
  }

  @Override
  void delete(Location file) throws IOException {
    Files.deleteIfExists(file.localPath());
  }

  @Override
  public Optional<StoredFile> status(Location location) throws IOException {
    return status(location.localPath(), location);
  }

  private static Optional<StoredFile> status(Path file, Location location) throws IOException {
    try {
      BasicFileAttributes attributes = RegularFiles.attributes(file);
      return Optional.of(
          new StoredFile(
              location, attributes.size(), attributes.lastModifiedTime().toInstant(), null));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  @Override
  void walk(
      Location folder,
      boolean isRecursive,
      Predicate<Location> isWanted,
      long enough,
      Consumer<StoredFile> found)
      throws IOException {
    Path base = folder.localPath();
    if (!Files.isDirectory(base)) {
      return;
    }
    Files.walkFileTree(
        base,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        isRecursive ? Integer.MAX_VALUE : 1,
        new SimpleFileVisitor<>() {
          private long count;

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            FetchDeadline.note();
            Location place = Location.of(file);
            // What is no regular file is no model, whatever it is called.
            if (!attributes.isOther() && isWanted.test(place)) {
              StoredFile status = statusOfListed(file, place).orElse(null);
              if (status != null) {
                found.accept(status);
                count++;
              }
            }
            return count < enough ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
          }

          /**
           * What is gone since its folder was read, a temporary file perhaps, is not there. What is
           * in a folder that a link leads back to is found in the folder.
           */
          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException || e instanceof FileSystemLoopException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }
        });
  }

  /**
   * The status of a file by its path, since a name that the locale cannot spell has none that leads
   * back to it; empty also for a link that leads to itself, and so to no file.
   */
  private static Optional<StoredFile> statusOfListed(Path file, Location location)
      throws IOException {
    try {
      return status(file, location);
    } catch (AccessDeniedException | RegularFiles.NotRegularException e) {
      throw e;
    } catch (FileSystemException e) {
      if (Files.isSymbolicLink(file)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Links in it lead elsewhere and are not followed; what cannot be read is passed over. */
  @Override
  List<StoredFile> unfinished(Location folder) throws IOException {
    List<StoredFile> found = new ArrayList<>();
    if (!Files.isDirectory(folder.localPath())) {
      return found;
    }
    Files.walkFileTree(
        folder.localPath().toRealPath(),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Location place = Location.of(file);
            if (attributes.isRegularFile() && TemporaryNames.areAnyWriters(place)) {
              status(file, place).ifPresent(found::add);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }

  @Override
  public InputStream open(Location location, long offset) throws IOException {
    FileChannel channel = RegularFiles.open(location.localPath());
    return Channels.newInputStream(channel.position(offset));
  }

  @Override
  public PendingFile create(Location location, Existing existing) throws IOException {
    Path target = location.localPath();
    RegularFiles.requireReplaceable(target);
    Path temporary = target.resolveSibling(names.next(location));
    return new Pending(
        location, temporary, inFolder(target, () -> Files.newOutputStream(temporary)), existing);
  }

  /** What makes a file. */
  private interface Making<T> {
    T run() throws IOException;
  }

  /** Makes a file, and the folders above it if it turns out that they are not there. */
  private static <T> T inFolder(Path file, Making<T> making) throws IOException {
    try {
      return making.run();
    } catch (NoSuchFileException e) {
      Files.createDirectories(file.resolveSibling("."));
      return making.run();
    }
  }

  /** Moves the file where it lies on the target's file system, which needs no second copy of it. */
  @Override
  public StoredFile take(Path finished, Location target) throws IOException {
    RegularFiles.requireReplaceable(target.localPath());
    try {
      inFolder(
          target.localPath(),
          () -> Files.move(finished, target.localPath(), StandardCopyOption.ATOMIC_MOVE));
    } catch (AtomicMoveNotSupportedException e) {
      return publish(finished, target);
    }
    return committed(target);
  }

  /** Copied by the kernel, under a temporary name. */
  @Override
  public StoredFile copy(StoredFile source, Location target) throws IOException {
    Path from = source.location().localPath();
    Path to = target.localPath();
    RegularFiles.requireReplaceable(to);
    requireUnchanged(source);
    Path temporary = to.resolveSibling(names.next(target));
    try {
      try (FileChannel in = RegularFiles.open(from);
          FileChannel out =
              inFolder(
                  temporary,
                  () ->
                      FileChannel.open(
                          temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
        transfer(in, source.bytes(), out);
      }
      // What was replaced while it was copied may be a part of each version.
      requireUnchanged(source);
      Files.move(temporary, to, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    return committed(target);
  }

  private static void transfer(FileChannel in, long bytes, FileChannel out) throws IOException {
    for (long done = 0; done < bytes; ) {
      long count = in.transferTo(done, bytes - done, out);
      if (count <= 0) {
        // Shorter by now, as its status will say.
        return;
      }
      done += count;
    }
  }

  private StoredFile committed(Location target) throws IOException {
    return status(target)
        .orElseThrow(() -> new FileNotFoundException(target + " was removed by somebody else"));
  }

  private final class Pending implements PendingFile {
    private final Location target;
    private final Path temporary;
    private final OutputStream stream;
    private final Existing existing;

    Pending(Location target, Path temporary, OutputStream stream, Existing existing) {
      this.target = target;
      this.existing = existing;
      this.temporary = temporary;
      this.stream = stream;
    }

    @Override
    public OutputStream stream() {
      return stream;
    }

    @Override
    public StoredFile commit() throws IOException {
      stream.close();
      switch (existing) {
        case REPLACE -> Files.move(temporary, target.localPath(), StandardCopyOption.ATOMIC_MOVE);
        case REFUSE -> Files.createLink(target.localPath(), temporary);
      }
      return committed(target);
    }

    @Override
    public void close() throws IOException {
      try {
        stream.close();
      } finally {
        Files.deleteIfExists(temporary);
      }
    }
  }
}
