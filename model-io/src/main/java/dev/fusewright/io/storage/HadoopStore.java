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

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.EtagSource;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** Any scheme, by Hadoop's {@code FileSystem}. */
final class HadoopStore implements Store {
  /** Where a file appears only when its stream is closed, and a rename is a copy. */
  private static final Set<String> APPEARS_WHEN_CLOSED = Set.of("s3a", "gs");

  /**
   * Our own instances, one for each configuration and store, never closed. Not {@code
   * FileSystem.get}: its cache looks only at scheme and authority, so that a {@code file} system
   * which Flink opened first, with checksum files, would be handed to us.
   */
  private static final Map<Key, FileSystem> OPEN = new ConcurrentHashMap<>();

  private record Key(StorageConfiguration configuration, String scheme, String authority) {}

  private final StorageConfiguration configuration;

  HadoopStore(StorageConfiguration configuration) {
    this.configuration = configuration;
  }

  @Override
  public Optional<StoredFile> status(Location location) throws IOException {
    try {
      FileStatus status = fileSystem(location).getFileStatus(path(location));
      return status.isDirectory() ? Optional.empty() : Optional.of(stored(location, status));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  @Override
  public List<StoredFile> list(Location location) throws IOException {
    if (location.isLocal()) {
      // Hadoop asks the shell for every file's permissions: slow, and an error where one of them, a
      // temporary file of another writer, is gone by then.
      return new LocalStore().list(location);
    }
    Glob glob = Glob.of(location);
    List<StoredFile> matches = new ArrayList<>();
    try {
      RemoteIterator<LocatedFileStatus> files =
          fileSystem(location).listFiles(path(glob.base()), glob.isRecursive());
      while (files.hasNext()) {
        FileStatus status = files.next();
        Location file =
            new Location(
                location.scheme(), location.authority(), status.getPath().toUri().getPath());
        if (glob.matches(file)) {
          matches.add(stored(file, status));
        }
      }
    } catch (FileNotFoundException e) {
      return List.of();
    }
    matches.sort(Comparator.comparing(file -> file.location().path()));
    return List.copyOf(matches);
  }

  @Override
  public InputStream open(Location location, long offset) throws IOException {
    FileSystem fileSystem = fileSystem(location);
    Path path = path(location);
    if (fileSystem.getFileStatus(path).isDirectory()) {
      throw new FileNotFoundException(location + " is a folder, not a file");
    }
    FSDataInputStream in = fileSystem.open(path);
    try {
      in.seek(offset);
      return in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  @Override
  public PendingFile create(Location location) throws IOException {
    FileSystem fileSystem = fileSystem(location);
    if (APPEARS_WHEN_CLOSED.contains(location.scheme())) {
      return new AtClose(location, fileSystem.create(path(location), true));
    }
    Location temporary = location.parent().resolve(TemporaryName.beside(location));
    return new Renamed(location, temporary, fileSystem, fileSystem.create(path(temporary), false));
  }

  private static StoredFile stored(Location location, FileStatus status) {
    String etag = status instanceof EtagSource source ? source.getEtag() : null;
    return new StoredFile(
        location, status.getLen(), Instant.ofEpochMilli(status.getModificationTime()), etag);
  }

  private StoredFile committed(Location target) throws IOException {
    return status(target)
        .orElseThrow(() -> new FileNotFoundException(target + " was removed by somebody else"));
  }

  private static Path path(Location location) {
    return location.authority().isEmpty()
        ? new Path(location.scheme(), null, location.path())
        : new Path(location.scheme(), location.authority(), location.path());
  }

  private FileSystem fileSystem(Location location) throws IOException {
    Key key = new Key(configuration, location.scheme(), location.authority());
    FileSystem open = OPEN.get(key);
    if (open != null) {
      return open;
    }
    synchronized (OPEN) {
      open = OPEN.get(key);
      if (open == null) {
        open = FileSystem.newInstance(path(location).toUri(), hadoop());
        OPEN.put(key, open);
      }
      return open;
    }
  }

  private Configuration hadoop() {
    Configuration hadoop = new Configuration();
    // The default local file system leaves a .crc file beside everything that it writes.
    hadoop.set("fs.file.impl", "org.apache.hadoop.fs.RawLocalFileSystem");
    configuration.properties().forEach(hadoop::set);
    return hadoop;
  }

  /** Written under a temporary name in the same folder, and renamed over the target. */
  private final class Renamed implements PendingFile {
    private final Location target;
    private final Location temporary;
    private final FileSystem fileSystem;
    private final OutputStream stream;

    Renamed(Location target, Location temporary, FileSystem fileSystem, OutputStream stream) {
      this.target = target;
      this.temporary = temporary;
      this.fileSystem = fileSystem;
      this.stream = stream;
    }

    @Override
    public OutputStream stream() {
      return stream;
    }

    @Override
    public StoredFile commit() throws IOException {
      stream.close();
      if (target.isLocal()) {
        // rename(2) replaces; FileContext would come with checksum files again.
        if (!fileSystem.rename(path(temporary), path(target))) {
          throw new IOException("cannot rename " + temporary + " to " + target);
        }
      } else {
        URI uri = path(target).toUri();
        FileContext.getFileContext(uri, hadoop())
            .rename(path(temporary), path(target), Options.Rename.OVERWRITE);
      }
      return committed(target);
    }

    @Override
    public void close() throws IOException {
      try {
        stream.close();
      } finally {
        fileSystem.delete(path(temporary), false);
      }
    }
  }

  /** Written to the final key, which appears only when the stream is closed. */
  private final class AtClose implements PendingFile {
    private final Location target;
    private final FSDataOutputStream stream;
    private boolean committed;

    AtClose(Location target, FSDataOutputStream stream) {
      this.target = target;
      this.stream = stream;
    }

    @Override
    public OutputStream stream() {
      return stream;
    }

    @Override
    public StoredFile commit() throws IOException {
      committed = true;
      stream.close();
      return committed(target);
    }

    /**
     * Aborts. A stream that cannot be aborted is left open: closing it would publish half a file.
     */
    @Override
    public void close() {
      if (!committed && stream.getWrappedStream() instanceof Abortable abortable) {
        abortable.abort();
      }
    }
  }
}
