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

/** Lease of a folder in which stores buffer what they upload. To be closed once. */
public final class UploadBuffers implements AutoCloseable {
  private final StorageConfiguration configuration;
  private final Release release;

  UploadBuffers(StorageConfiguration configuration, Release release) {
    this.configuration = configuration;
    this.release = release;
  }

  /** Action at the end of the lease. */
  interface Release {
    void run() throws IOException;
  }

  /** The configuration of stores that buffer there. */
  public StorageConfiguration configuration() {
    return configuration;
  }

  @Override
  public void close() throws IOException {
    release.run();
  }
}
