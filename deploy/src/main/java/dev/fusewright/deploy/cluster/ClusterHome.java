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
package dev.fusewright.deploy.cluster;

import dev.fusewright.io.storage.LocalFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The folder of a cluster.
 *
 * @param folder absolute; made when a cluster is started in it
 */
record ClusterHome(Path folder) {
  ClusterHome {
    folder = folder.toAbsolutePath().normalize();
  }

  /** Where a cluster is if nobody says otherwise. */
  static ClusterHome usual() {
    return new ClusterHome(Path.of(System.getProperty("user.home"), ".fusewright", "cluster"));
  }

  /** Holds Flink's {@code config.yaml}. */
  Path conf() {
    return folder.resolve("conf");
  }

  /** The jars of all its processes: a build may replace those that they were copied from. */
  Path lib() {
    return folder.resolve("lib");
  }

  /** One file per process; stays after the end, until the next start. */
  Path logs() {
    return folder.resolve("logs");
  }

  /** All temporary files of all its processes. */
  Path temp() {
    return folder.resolve("tmp");
  }

  /** What runs. */
  Path state() {
    return folder.resolve("cluster.json");
  }

  /** Held while a cluster is started or stopped. */
  Path lock() {
    return folder.resolve(".lock");
  }

  /** Removes everything but the logs. */
  void clear() throws IOException {
    LocalFolders.delete(conf());
    LocalFolders.delete(lib());
    LocalFolders.delete(temp());
    Files.deleteIfExists(state());
  }
}
