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

import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/**
 * Defaults that differ from Hadoop's own; a {@code core-site.xml} and a {@link
 * StorageConfiguration} go before it.
 *
 * <p>Above all: a connection that hangs ends. Hadoop waits 200 seconds for an S3 socket and up to a
 * quarter of an hour for a name node that is gone, seven or forty-five times over.
 */
final class StoreDefaults {
  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          // A request is tried five times by the SDK, and that seven times by S3A, 0.5 s to 32 s
          // apart; each try ends when the socket was silent for so long.
          Map.entry("fs.s3a.connection.establish.timeout", "15s"),
          Map.entry("fs.s3a.connection.timeout", "60s"),
          // Staged reads go from a model's start to its end; an aborted read must not drain the
          // rest.
          Map.entry("fs.s3a.experimental.input.fadvise", "sequential"),
          // What is published is a file, whatever lies below its name: nobody lists that first.
          Map.entry("fs.s3a.create.performance", "true"),
          // As many as a worker has slots, with room: 500 idle sockets are nobody's friend.
          Map.entry("fs.s3a.connection.maximum", "96"),
          Map.entry("ipc.client.connect.timeout", "15000"),
          Map.entry("ipc.client.connect.max.retries", "5"),
          Map.entry("ipc.client.connect.max.retries.on.timeouts", "5"),
          Map.entry("dfs.client.socket-timeout", "60000"),
          Map.entry("fs.azure.io.retry.max.retries", "10"));

  private StoreDefaults() {}

  /** Sets what nobody has set. */
  static void apply(Configuration hadoop) {
    DEFAULTS.forEach(
        (key, value) -> {
          if (!isSet(hadoop, key)) {
            hadoop.set(key, value, "fusewright");
          }
        });
  }

  private static boolean isSet(Configuration hadoop, String key) {
    String[] sources = hadoop.getPropertySources(key);
    return sources != null
        && sources.length > 0
        && !sources[sources.length - 1].endsWith("-default.xml");
  }
}
