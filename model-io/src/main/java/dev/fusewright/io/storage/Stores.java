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
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Factory of stores. */
public final class Stores {
  /** An installation for local files alone (fusewright-lite) is without it. */
  private static final boolean HAS_HADOOP =
      Stores.class.getResource("/org/apache/hadoop/fs/FileSystem.class") != null;

  private Stores() {}

  /**
   * Local files without Hadoop, and every other scheme by its {@code FileSystem}, which is loaded
   * when the first location of one comes. Where Hadoop is not on the class path, such a location is
   * answered with a {@link MissingConnectorException}.
   */
  public static Store of(StorageConfiguration configuration) {
    return new ByScheme(configuration, TemporaryNames.unique());
  }

  /**
   * The same, for one of several processes that write as one.
   *
   * @param writer in the names of their unfinished files: at most 40 letters, digits and dashes
   * @see Store#removeOrphans
   */
  public static Store of(StorageConfiguration configuration, String writer) {
    return new ByScheme(configuration, TemporaryNames.of(writer));
  }

  /**
   * A store whose every answer, listing and read fails with a {@link StalledSourceException} when
   * nothing has come for so long. What is written has the deadlines of its client.
   */
  public static Store within(Duration most, Store store) {
    return new DeadlineStore(store, most);
  }

  /** Whether a file that is called so would be taken for what a writer left unfinished. */
  public static boolean isUnfinishedName(String name) {
    return TemporaryNames.isAnyWriters(name);
  }

  private static final class ByScheme implements Store {
    private final LocalStore local;
    private final StorageConfiguration configuration;
    private final TemporaryNames names;

    ByScheme(StorageConfiguration configuration, TemporaryNames names) {
      this.local = new LocalStore(names);
      this.configuration = configuration;
      this.names = names;
    }

    private Store of(Location location) throws MissingConnectorException {
      if (location.isLocal()) {
        return local;
      }
      if (!HAS_HADOOP) {
        throw MissingConnectorException.withoutHadoop(location);
      }
      return new HadoopStore(configuration, names);
    }

    @Override
    public Optional<StoredFile> status(Location location) throws IOException {
      return of(location).status(location);
    }

    @Override
    public List<StoredFile> list(Location glob) throws IOException {
      return of(glob).list(glob);
    }

    @Override
    public Optional<List<StoredFile>> filesBelow(Location folder, int most) throws IOException {
      return of(folder).filesBelow(folder, most);
    }

    @Override
    public boolean forEachBelow(Location folder, int most, Consumer<StoredFile> file)
        throws IOException {
      return of(folder).forEachBelow(folder, most, file);
    }

    @Override
    public InputStream open(Location location, long offset) throws IOException {
      return of(location).open(location, offset);
    }

    @Override
    public InputStream open(StoredFile file, long offset) throws IOException {
      return of(file.location()).open(file, offset);
    }

    @Override
    public byte[] read(StoredFile file, long position, int length) throws IOException {
      return of(file.location()).read(file, position, length);
    }

    @Override
    public PendingFile create(Location location, Existing existing) throws IOException {
      return of(location).create(location, existing);
    }

    @Override
    public void remove(Location file) throws IOException {
      of(file).remove(file);
    }

    @Override
    public int removeOrphans(Location folder, Instant now) throws IOException {
      return of(folder).removeOrphans(folder, now);
    }

    @Override
    public StoredFile publish(Path file, Location target) throws IOException {
      return of(target).publish(file, target);
    }

    @Override
    public StoredFile publish(byte[] content, Location target) throws IOException {
      return of(target).publish(content, target);
    }

    @Override
    public StoredFile assemble(Path file, List<StoredRange> stored, Location target)
        throws IOException {
      return of(target).assemble(file, stored, target);
    }

    /** Between stores of two kinds it comes by this machine. */
    @Override
    public StoredFile copy(StoredFile source, Location target) throws IOException {
      boolean isOneKind = source.location().scheme().equals(target.scheme());
      return isOneKind ? of(target).copy(source, target) : Store.super.copy(source, target);
    }

    @Override
    public StoredFile take(Path finished, Location target) throws IOException {
      return of(target).take(finished, target);
    }
  }
}
