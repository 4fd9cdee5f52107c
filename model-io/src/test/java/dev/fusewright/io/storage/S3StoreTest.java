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

import dev.fusewright.core.testing.UsesServers;
import dev.fusewright.io.servers.S3Server;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.fs.s3a.RemoteFileChangedException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

@UsesServers
final class S3StoreTest extends S3StoreContract {
  @TempDir static Path folder;
  private static S3Server server;

  @BeforeAll
  static void start() throws IOException {
    S3Server.provideCredentials();
    server = S3Server.start(folder).withBucket("zoo");
  }

  @AfterAll
  static void stop() throws IOException {
    if (server != null) {
      server.close();
    }
  }

  @Override
  Store store() {
    return Stores.of(StorageConfiguration.of(server.properties()));
  }

  /** S3Proxy removes a file before it renames another to it, for a moment; S3 itself does not. */
  @Override
  boolean tellsOfReplacement(IOException e) {
    return e instanceof RemoteFileChangedException || e instanceof FileNotFoundException;
  }
}
