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
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Copying of files to this machine, with their digest taken on the way. */
public final class Staging {
  private static final int BUFFER = 1 << 18;
  private static final int TRIES_OF_A_MOVING_FILE = 3;

  private final Store store;
  private final Duration deadline;
  private final Mounts mounts;

  /** Staging from a store, with the usual deadline. */
  public Staging(Store store) {
    this(store, FetchDeadline.STANDARD);
  }

  /**
   * Staging from a store.
   *
   * @param deadline how long a source may give no byte, before its fetch fails with a {@link
   *     StalledSourceException}
   */
  public Staging(Store store, Duration deadline) {
    this(store, deadline, Mounts.NONE);
  }

  /**
   * Staging from a store of which some files are read where they are.
   *
   * @param mounts says which
   */
  public Staging(Store store, Duration deadline, Mounts mounts) {
    this.store = store;
    this.deadline = deadline;
    this.mounts = mounts;
  }

  /** Says which files are not copied, but read where they are. */
  public interface Mounts {
    /** All are copied. */
    Mounts NONE = (source, file) -> null;

    /**
     * Makes a file readable where it is, unless it should be copied.
     *
     * @param file where its copy would be
     * @return what to read it by from now on; null if it should be copied
     */
    @Nullable Path mount(StoredFile source, Path file) throws IOException;
  }

  /**
   * What the store says of a file.
   *
   * @throws FileNotFoundException if there is no such file, or it is a folder
   */
  public StoredFile find(Location location) throws IOException {
    return FetchDeadline.run(deadline, location.toString(), progress -> store.status(location))
        .orElseThrow(
            () ->
                new FileNotFoundException(
                    location
                        + ": expected a file, found "
                        + (isFolder(location) ? "a folder" : "nothing")));
  }

  /**
   * Fetches a file. A local one stays where it is and is only read once, for its digest.
   *
   * @throws FileNotFoundException if there is no such file, or it is a folder
   * @throws IOException if it cannot be read, or is replaced again and again while it is read
   */
  public Staged fetch(Location location, Scratch scratch) throws IOException {
    return fetch(location, scratch, location.name());
  }

  /**
   * Fetches a file under another name.
   *
   * @param name of the copy in scratch; may have folders
   */
  public Staged fetch(Location location, Scratch scratch, String name) throws IOException {
    return fetch(location, scratch, name, source -> {});
  }

  /** Admission control: is told of a file before it is fetched, and may wait, or refuse it. */
  public interface Admission {
    void admit(StoredFile source) throws IOException;
  }

  /**
   * Fetches a file of which somebody has asked the store just now; where it is another one by then,
   * the store is asked again.
   *
   * @param known what it said; null if nobody has asked
   * @param admission is told of the file before it is fetched
   */
  public Staged fetch(
      Location location, @Nullable StoredFile known, Scratch scratch, Admission admission)
      throws IOException {
    if (known != null) {
      admission.admit(known);
      try {
        return fetch(known, scratch, location.name());
      } catch (ReplacedFileException | FileNotFoundException e) {
        // Then it is fetched as it is now.
      }
    }
    return fetch(location, scratch, location.name(), admission);
  }

  private Staged fetch(Location location, Scratch scratch, String name, Admission admission)
      throws IOException {
    Backoff backoff = new Backoff(TRIES_OF_A_MOVING_FILE);
    while (true) {
      StoredFile source = find(location);
      admission.admit(source);
      try {
        return fetch(source, scratch, name);
      } catch (ReplacedFileException e) {
        backoff.pauseOrThrow(e);
      }
    }
  }

  /**
   * Fetches one version of a file.
   *
   * @param name of the copy in scratch; may have folders
   * @throws ReplacedFileException if it is another one now
   */
  public Staged fetch(StoredFile source, Scratch scratch, String name) throws IOException {
    Path copy = source.location().isLocal() ? null : scratch.file(name);
    Path mounted = copy == null ? null : mounts.mount(source, copy);
    return FetchDeadline.run(
        deadline,
        source.location().toString(),
        progress -> {
          if (copy == null) {
            return local(source, progress);
          }
          return mounted == null
              ? copied(source, copy, progress)
              : read(source, mounted, OutputStream.nullOutputStream(), progress);
        });
  }

  private static Staged local(StoredFile source, FetchDeadline.Progress progress)
      throws IOException {
    Path file = source.location().localPath();
    try (InputStream in = Channels.newInputStream(RegularFiles.open(file))) {
      return new Staged(source, file, sha256(in, progress));
    }
  }

  private Staged copied(StoredFile source, Path copy, FetchDeadline.Progress progress)
      throws IOException {
    Files.createDirectories(copy.resolveSibling("."));
    try (OutputStream out = Files.newOutputStream(copy)) {
      return read(source, copy, out, progress);
    }
  }

  private Staged read(
      StoredFile source, Path file, OutputStream out, FetchDeadline.Progress progress)
      throws IOException {
    MessageDigest digest = Sha256.begin();
    new StagedCopy(store, source, out, digest, progress).run();
    return new Staged(source, file, Sha256.end(digest));
  }

  private static boolean isFolder(Location location) {
    return location.isLocal() && Files.isDirectory(location.localPath());
  }

  /** The digest of a local file, in lower-case hexadecimal. */
  public static String sha256(Path file) throws IOException {
    try (InputStream in = Channels.newInputStream(RegularFiles.open(file))) {
      return sha256(in);
    }
  }

  /** The digest of what is left of a stream, in lower-case hexadecimal. */
  public static String sha256(InputStream in) throws IOException {
    return sha256(in, () -> {});
  }

  /** The same, and says whenever something was read. */
  public static String sha256(InputStream in, FetchDeadline.Progress progress) throws IOException {
    MessageDigest digest = Sha256.begin();
    byte[] buffer = new byte[BUFFER];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      progress.made();
      digest.update(buffer, 0, n);
    }
    return Sha256.end(digest);
  }
}
