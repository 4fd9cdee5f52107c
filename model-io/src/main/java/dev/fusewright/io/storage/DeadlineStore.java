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

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A store that fails when it has given nothing for so long, whatever it is asked. */
final class DeadlineStore implements Store {
  private static final int BUFFER = 1 << 16;

  private final Store store;
  private final Duration most;

  DeadlineStore(Store store, Duration most) {
    this.store = store;
    this.most = most;
  }

  private <T> T within(Location location, FetchDeadline.Fetch<T> fetch) throws IOException {
    return FetchDeadline.run(most, location.toString(), fetch);
  }

  @Override
  public Optional<StoredFile> status(Location location) throws IOException {
    return within(location, progress -> store.status(location));
  }

  @Override
  public List<StoredFile> list(Location glob) throws IOException {
    return within(glob, progress -> store.list(glob));
  }

  @Override
  public Optional<List<StoredFile>> filesBelow(Location folder, int enough) throws IOException {
    return within(folder, progress -> store.filesBelow(folder, enough));
  }

  @Override
  public boolean forEachBelow(Location folder, int most, Consumer<StoredFile> file)
      throws IOException {
    return within(folder, progress -> store.forEachBelow(folder, most, file));
  }

  @Override
  public InputStream open(Location location, long offset) throws IOException {
    return bounded(location, within(location, progress -> store.open(location, offset)));
  }

  @Override
  public InputStream open(StoredFile file, long offset) throws IOException {
    Location location = file.location();
    return bounded(location, within(location, progress -> store.open(file, offset)));
  }

  @Override
  public byte[] read(StoredFile file, long position, int length) throws IOException {
    return within(file.location(), progress -> store.read(file, position, length));
  }

  /** Buffered, since each read of it passes from thread to thread. */
  private InputStream bounded(Location location, InputStream in) {
    return new BufferedInputStream(new Bounded(location, in), BUFFER);
  }

  @Override
  public PendingFile create(Location location, Existing existing) throws IOException {
    return store.create(location, existing);
  }

  @Override
  public StoredFile publish(Path file, Location target) throws IOException {
    return store.publish(file, target);
  }

  @Override
  public StoredFile publish(byte[] content, Location target) throws IOException {
    return store.publish(content, target);
  }

  @Override
  public StoredFile take(Path finished, Location target) throws IOException {
    return store.take(finished, target);
  }

  @Override
  public StoredFile assemble(Path file, List<StoredRange> stored, Location target)
      throws IOException {
    return store.assemble(file, stored, target);
  }

  @Override
  public StoredFile copy(StoredFile source, Location target) throws IOException {
    return store.copy(source, target);
  }

  @Override
  public void remove(Location file) throws IOException {
    store.remove(file);
  }

  @Override
  public int removeOrphans(Location folder, Instant now) throws IOException {
    return store.removeOrphans(folder, now);
  }

  /** A stream of which each read has the deadline. */
  private final class Bounded extends InputStream {
    private final Location location;
    private final InputStream in;
    private boolean isStalled;

    Bounded(Location location, InputStream in) {
      this.location = location;
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        return within(location, progress -> in.read(bytes, offset, length));
      } catch (StalledSourceException e) {
        isStalled = true;
        throw e;
      }
    }

    /** The read that was given up may hold what closing waits for. */
    @Override
    public void close() throws IOException {
      if (isStalled) {
        FetchDeadline.leave(this::closeLate);
      } else {
        in.close();
      }
    }

    private void closeLate() {
      try {
        in.close();
      } catch (IOException e) {
        // It has failed already, and who read it knows.
      }
    }
  }
}
