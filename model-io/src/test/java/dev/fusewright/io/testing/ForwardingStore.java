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
package dev.fusewright.io.testing;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.PendingFile;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** A store that does what another does, but for what a test makes it do. */
public class ForwardingStore implements Store {
  private final Store store;

  /** A store that does what {@code store} does. */
  public ForwardingStore(Store store) {
    this.store = store;
  }

  @Override
  public Optional<StoredFile> status(Location location) throws IOException {
    return store.status(location);
  }

  @Override
  public List<StoredFile> list(Location glob) throws IOException {
    return store.list(glob);
  }

  @Override
  public Optional<List<StoredFile>> filesBelow(Location folder, int most) throws IOException {
    return store.filesBelow(folder, most);
  }

  @Override
  public InputStream open(Location location, long offset) throws IOException {
    return store.open(location, offset);
  }

  @Override
  public byte[] read(StoredFile file, long position, int length) throws IOException {
    return store.read(file, position, length);
  }

  @Override
  public PendingFile create(Location location, Existing existing) throws IOException {
    return store.create(location, existing);
  }

  @Override
  public void remove(Location file) throws IOException {
    store.remove(file);
  }
}
