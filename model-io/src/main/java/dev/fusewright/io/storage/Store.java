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

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A store, with the operations that are used here and no others. Safe for use by several threads.
 *
 * <p>A missing file is an answer of {@link #status} and an error of {@link #open}. A folder, or on
 * an object store a prefix, is no file.
 */
public interface Store {
  /** After so long nobody writes an unfinished file any more that was not touched. */
  Duration ABANDONED = Duration.ofDays(1);

  /**
   * What is known of a file; empty if there is none, or a folder.
   *
   * @throws IOException if the store fails, or what is there is no regular file: a device, a pipe
   *     or a socket is not opened, not listed and not replaced
   */
  Optional<StoredFile> status(Location location) throws IOException;

  /**
   * All files that match a glob, sorted by location; none if its folder does not exist. See {@link
   * Glob} for the syntax.
   */
  List<StoredFile> list(Location glob) throws IOException;

  /**
   * Every file in a folder and in those below it, hidden ones too, in no order; none if the folder
   * does not exist. On an object store this takes a request for each thousand files.
   *
   * @param most with more files than this, the answer is empty, and comes as soon as that is known
   */
  Optional<List<StoredFile>> filesBelow(Location folder, int most) throws IOException;

  /**
   * The same, one file at a time, none of which is held. Where a request had to be sent again, a
   * file may be told twice.
   *
   * @return whether that were all; with more files than {@code most} it ends before
   */
  default boolean forEachBelow(Location folder, int most, Consumer<StoredFile> file)
      throws IOException {
    Optional<List<StoredFile>> files = filesBelow(folder, most);
    files.ifPresent(all -> all.forEach(file));
    return files.isPresent();
  }

  /**
   * Opens a file for reading from its start to its end.
   *
   * @throws FileNotFoundException if there is no such file, or it is a folder
   */
  default InputStream open(Location location) throws IOException {
    return open(location, 0);
  }

  /**
   * Opens a file for reading from one of its bytes to its end.
   *
   * @param offset of the first byte, at most the file's size
   * @throws FileNotFoundException if there is no such file, or it is a folder
   */
  InputStream open(Location location, long offset) throws IOException;

  /**
   * Opens the very version of a file that was seen before.
   *
   * @param offset of the first byte, at most the file's size
   * @throws FileNotFoundException if the file is gone
   * @throws ReplacedFileException if it is another one now
   */
  default InputStream open(StoredFile file, long offset) throws IOException {
    requireUnchanged(file);
    return open(file.location(), offset);
  }

  /**
   * Asks for a file that was seen before.
   *
   * @throws FileNotFoundException if it is gone
   * @throws ReplacedFileException if it is another one now
   */
  default void requireUnchanged(StoredFile seen) throws IOException {
    StoredFile now =
        status(seen.location())
            .orElseThrow(() -> new FileNotFoundException(seen.location() + " is gone"));
    if (!now.equals(seen)) {
      throw new ReplacedFileException(seen.location());
    }
  }

  /**
   * Reads a range of the very version of a file that was seen before.
   *
   * @param position of the first byte
   * @param length how many bytes, all of them within the file
   * @throws FileNotFoundException if the file is gone
   * @throws ReplacedFileException if it is another one now
   * @throws EOFException if it ends before the range does
   */
  default byte[] read(StoredFile file, long position, int length) throws IOException {
    try (InputStream in = open(file, position)) {
      byte[] bytes = in.readNBytes(length);
      if (bytes.length < length) {
        throw new EOFException(
            "%s: expected %d bytes from byte %d on, found %d"
                .formatted(file.location(), length, position, bytes.length));
      }
      return bytes;
    }
  }

  /** Treatment of a file that is there already. */
  enum Existing {
    /** It is replaced, and stays readable until then. */
    REPLACE,
    /**
     * It stays: committing another fails with a {@link java.nio.file.FileAlreadyExistsException}.
     * Of several writers at once one wins.
     */
    REFUSE
  }

  /**
   * Begins a file that nobody sees until it is committed. Folders above it are made. An existing
   * file is replaced, and stays readable until then.
   */
  default PendingFile create(Location location) throws IOException {
    return create(location, Existing.REPLACE);
  }

  /** Begins a file that nobody sees until it is committed. Folders above it are made. */
  PendingFile create(Location location, Existing existing) throws IOException;

  /**
   * Publishes a copy of a local file, atomically.
   *
   * @return what the store says of the published file
   */
  default StoredFile publish(Path file, Location target) throws IOException {
    try (PendingFile pending = create(target);
        InputStream in = Files.newInputStream(file)) {
      transfer(in, pending.stream());
      return pending.commit();
    }
  }

  /**
   * Publishes a local file that nobody needs any more, atomically. It may be gone afterwards, even
   * if this fails.
   */
  default StoredFile take(Path finished, Location target) throws IOException {
    return publish(finished, target);
  }

  /** Publishes a few bytes, atomically. */
  default StoredFile publish(byte[] content, Location target) throws IOException {
    try (PendingFile pending = create(target)) {
      pending.stream().write(content);
      return pending.commit();
    }
  }

  /**
   * Publishes a file of which ranges are in a store already, atomically. Where the store can copy
   * them by itself, only the others are sent. The file may be gone afterwards, even if this fails.
   *
   * @param file all of it can be read by this path
   * @param stored ranges of it, in order
   * @return what the store says of the published file
   * @throws ReplacedFileException if a range's source is another one now
   */
  default StoredFile assemble(Path file, List<StoredRange> stored, Location target)
      throws IOException {
    return take(file, target);
  }

  /**
   * Publishes a copy of a file of this store, atomically; an existing file is replaced. Where the
   * store can copy by itself, its bytes do not come to this machine.
   *
   * @param source the very version that is copied, as it was seen
   * @return what the store says of the copy
   * @throws FileNotFoundException if the source is gone
   * @throws ReplacedFileException if it is another one now; where a server does not know the
   *     condition that S3 knows, that one may have been copied by then
   */
  default StoredFile copy(StoredFile source, Location target) throws IOException {
    try (InputStream in = open(source, 0);
        PendingFile pending = create(target)) {
      transfer(in, pending.stream());
      return pending.commit();
    }
  }

  /**
   * Removes a file that nobody needs any more, if it is there. A store that keeps everything leaves
   * it.
   */
  default void remove(Location file) throws IOException {}

  /**
   * Removes orphan files: what killed writers have left unfinished in a folder and in those below
   * it: all of this store's own writer, whose other processes must have ended their work, and those
   * of others that were not touched for {@link #ABANDONED}. Where an unfinished file is no file, as
   * on S3, nothing is asked.
   *
   * @param now by the clock of the store
   * @return how many were removed
   * @throws IOException if some could not be; the others are
   */
  default int removeOrphans(Location folder, Instant now) throws IOException {
    return 0;
  }

  private static void transfer(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[1 << 18];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      out.write(buffer, 0, n);
    }
  }
}
