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
import dev.fusewright.io.servers.HdfsCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

@UsesServers
final class HdfsStoreTest extends StoreContract {
  @TempDir static Path folder;
  private static HdfsCluster cluster;

  private final String name = UUID.randomUUID().toString();

  @BeforeAll
  static void start() throws IOException {
    cluster = HdfsCluster.start(folder);
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Override
  Store store() {
    return Stores.of(StorageConfiguration.defaults());
  }

  @Override
  Location root() {
    return Location.of("hdfs://" + cluster.authority() + "/" + name);
  }

  /** The blocks of a replaced file are deleted, also under those who read them. */
  @Override
  boolean tellsOfReplacement(IOException e) {
    return true;
  }
}
