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
package dev.fusewright.io.ranged;

import dev.fusewright.io.storage.RangeReads;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.io.storage.StoredRange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A view of a folder on this machine in which large files of a store are mounted. */
public final class RangedFiles {
  private final RangeReads reads;
  private final Windows windows = new Windows();
  private final ViewFileSystem fileSystem = new ViewFileSystem(this);

  /** By the real path of the empty file in the folder. */
  private final Map<Path, RemoteFile> mounted = new ConcurrentHashMap<>();

  /** By the real path of the file in the folder that has what was written. */
  private final Map<Path, CompositeFile> composites = new ConcurrentHashMap<>();

  /** Of files that were read through; by the real path of the file in the folder. */
  private final Map<Path, String> digests = new ConcurrentHashMap<>();

  /**
   * A view in which nothing is mounted yet.
   *
   * @param reads for mounted files
   */
  public RangedFiles(RangeReads reads) {
    this.reads = reads;
  }

  /** The path by which a file, or a folder, is read and written through this view. */
  public Path view(Path file) {
    return fileSystem.path(file);
  }

  /**
   * Mounts one version of a stored file.
   *
   * @param file where it appears; an empty file is made there
   * @return the path by which it is read
   */
  public Path mount(StoredFile source, Path file) throws IOException {
    Path place = ViewPath.unwrapped(file);
    Files.createDirectories(place.resolveSibling("."));
    Files.write(place, new byte[0]);
    digests.remove(place.toRealPath());
    mounted.put(place.toRealPath(), new RemoteFile(source, reads, windows));
    return view(place);
  }

  /** Removes a mounted file from the view again. */
  public void unmount(Path file) throws IOException {
    mounted.remove(ViewPath.unwrapped(file).toRealPath());
  }

  /**
   * The ranges of a file that are in a store: all of a mounted one, what a composite one refers to.
   */
  public List<StoredRange> stored(Path file) throws IOException {
    Path place = ViewPath.unwrapped(file).toRealPath();
    RemoteFile remote = mounted.get(place);
    if (remote != null) {
      return List.of(
          new StoredRange(/* position= */ 0, remote.source(), /* offset= */ 0, remote.size()));
    }
    CompositeFile composite = composites.get(place);
    return composite == null ? List.of() : composite.stored();
  }

  /**
   * The sha256 of a file, in lower-case hexadecimal. Where a stream has read it through before, it
   * is known.
   */
  public String sha256(Path file) throws IOException {
    Path place = ViewPath.unwrapped(file).toRealPath();
    String known = digests.get(place);
    if (known != null) {
      return known;
    }
    try (InputStream in = Files.newInputStream(view(file))) {
      return Staging.sha256(in);
    }
  }

  /**
   * A stream of all bytes of a file. At the end of one that is mounted, or refers to one, it leaves
   * their digest, and fails if what they were read of is another version by then.
   */
  InputStream stream(Path file) throws IOException {
    Path place = file.toRealPath();
    InputStream in = Channels.newInputStream(open(file, Set.of(StandardOpenOption.READ)));
    if (!mounted.containsKey(place) && !composites.containsKey(place)) {
      return in;
    }
    List<StoredFile> untold =
        stored(file).stream()
            .map(StoredRange::source)
            .filter(source -> source.etag() == null)
            .distinct()
            .toList();
    return new DigestingStream(
        in,
        sha256 -> {
          for (StoredFile source : untold) {
            reads.requireSame(source);
          }
          digests.put(place, sha256);
        });
  }

  /** The size of a file of which not all bytes are in the folder; null if it is any other. */
  @Nullable Long size(Path file) throws IOException {
    Path place = file.toRealPath();
    RemoteFile remote = mounted.get(place);
    if (remote != null) {
      return remote.size();
    }
    CompositeFile composite = composites.get(place);
    return composite == null ? null : composite.size();
  }

  FileChannel open(Path file, Set<? extends OpenOption> options) throws IOException {
    boolean isRead = !options.contains(StandardOpenOption.WRITE);
    if (options.contains(StandardOpenOption.APPEND)
        || (!isRead && options.contains(StandardOpenOption.READ))) {
      throw new UnsupportedOperationException("a file of a view is read, or written");
    }
    if (Files.exists(file) && mounted.containsKey(file.toRealPath()) && !isRead) {
      throw new AccessDeniedException(file.toString(), null, "it is mounted, and not written");
    }
    FileChannel local = FileChannel.open(file, options);
    try {
      return open(file.toRealPath(), local, options);
    } catch (IOException | RuntimeException e) {
      local.close();
      throw e;
    }
  }

  private FileChannel open(Path place, FileChannel local, Set<? extends OpenOption> options)
      throws IOException {
    if (!options.contains(StandardOpenOption.WRITE)) {
      RemoteFile remote = mounted.get(place);
      if (remote != null) {
        local.close();
        return new RemoteChannel(remote);
      }
      CompositeFile composite = composites.get(place);
      return composite == null ? local : new CompositeChannel(composite, local);
    }
    digests.remove(place);
    CompositeFile composite =
        options.contains(StandardOpenOption.TRUNCATE_EXISTING)
            ? new CompositeFile()
            : composites.getOrDefault(place, new CompositeFile());
    composites.put(place, composite);
    return new CompositeChannel(composite, local);
  }

  void delete(Path file) throws IOException {
    Path place = file.toRealPath();
    Files.delete(file);
    mounted.remove(place);
    composites.remove(place);
    digests.remove(place);
  }
}
