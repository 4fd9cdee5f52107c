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

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.testing.UsesServers;
import dev.fusewright.io.servers.MotoServer;
import dev.fusewright.io.servers.S3Server;
import java.io.IOException;
import org.apache.hadoop.fs.s3a.RemoteFileChangedException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract on a server that others wrote, in another language. */
@UsesProcesses
@UsesServers
final class MotoStoreTest extends S3StoreContract {
  private static MotoServer server;

  @BeforeAll
  static void start() throws IOException {
    assumeTrue(
        MotoServer.program().isPresent(),
        "FUSEWRIGHT_LINTERS is not set: src/linters/setup installs moto");
    S3Server.provideCredentials();
    server = MotoServer.start(MotoServer.program().orElseThrow()).withBucket("zoo");
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Override
  Store store() {
    return Stores.of(StorageConfiguration.of(server.properties()));
  }

  @Override
  boolean tellsOfReplacement(IOException e) {
    return e instanceof RemoteFileChangedException;
  }

  /** S3 itself answers with 412. */
  @Override
  boolean copiesNoOtherVersion() {
    return false;
  }
}
