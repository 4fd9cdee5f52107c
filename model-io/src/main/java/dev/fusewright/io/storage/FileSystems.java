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
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Instances of Hadoop's file systems that only this module uses, one for each configuration and
 * store, never closed.
 *
 * <p>Not those of Hadoop's cache: it looks only at scheme and authority, so that one which Flink
 * opened first, with another configuration, would be handed to us.
 */
final class FileSystems {
  private static final Map<Key, Opened> OPEN = new ConcurrentHashMap<>();

  /** One for each store: a host that does not answer while it is opened holds no other store. */
  private static final Map<Key, Object> OPENING = new ConcurrentHashMap<>();

  private record Key(StorageConfiguration configuration, String scheme, String authority) {}

  /**
   * A file system, and its {@code FileContext}, which renames atomically over an existing file.
   * Where nothing is renamed there is none: it would be a second client with connections of its
   * own.
   */
  record Opened(FileSystem files, @Nullable FileContext context) {
    FileContext requireContext() {
      return Objects.requireNonNull(context);
    }
  }

  private FileSystems() {}

  /**
   * The file system of a location.
   *
   * @throws MissingConnectorException if no jar on the class path knows the scheme
   * @throws IOException if its connector cannot be started, however it says so
   */
  static Opened open(StorageConfiguration configuration, Location location) throws IOException {
    Key key = new Key(configuration, location.scheme(), location.authority());
    Opened open = OPEN.get(key);
    if (open != null) {
      return open;
    }
    synchronized (OPENING.computeIfAbsent(key, it -> new Object())) {
      try {
        open = OPEN.get(key);
        if (open == null) {
          open = opened(location, hadoop(configuration, location));
          OPEN.put(key, open);
        }
        return open;
      } finally {
        OPENING.remove(key);
      }
    }
  }

  static Path path(Location location) {
    return location.authority().isEmpty()
        ? new Path(location.scheme(), null, location.path())
        : new Path(location.scheme(), location.authority(), location.path());
  }

  private static Opened opened(Location location, Configuration hadoop) throws IOException {
    requireConnector(location, hadoop);
    URI root = path(location).toUri();
    try {
      return new Opened(
          FileSystem.get(root, hadoop),
          HadoopStore.APPEARS_WHEN_CLOSED.contains(location.scheme())
              ? null
              : FileContext.getFileContext(root, hadoop));
    } catch (RuntimeException e) {
      throw new IOException("the connector of %s: %s".formatted(location.scheme(), e), e);
    }
  }

  private static void requireConnector(Location location, Configuration hadoop)
      throws MissingConnectorException {
    try {
      FileSystem.getFileSystemClass(location.scheme(), hadoop);
    } catch (IOException | RuntimeException | NoClassDefFoundError e) {
      throw new MissingConnectorException(location, e);
    }
  }

  private static Configuration hadoop(StorageConfiguration configuration, Location location) {
    Configuration hadoop = new Configuration();
    // Hadoop's own cache outlives, on a session cluster, the job that these classes are loaded for,
    // and would keep all of them.
    hadoop.setBoolean("fs.%s.impl.disable.cache".formatted(location.scheme()), true);
    StoreDefaults.apply(hadoop);
    configuration.properties().forEach(hadoop::set);
    return hadoop;
  }
}
