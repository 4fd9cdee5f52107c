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

import dev.fusewright.pipeline.flink.FlinkDefaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;

/** The configuration of a local cluster, as text of a {@code config.yaml}. */
final class FlinkConfiguration {
  private static final String LOOPBACK = "127.0.0.1";

  private final Map<String, String> entries = new LinkedHashMap<>();

  private FlinkConfiguration() {}

  /**
   * A cluster on the loopback interface.
   *
   * @param own entries that count more than ours
   */
  static FlinkConfiguration local(
      int restPort, int rpcPort, int taskManagers, Path temp, Map<String, String> own) {
    FlinkConfiguration flink = new FlinkConfiguration();
    flink.addresses(restPort, rpcPort);
    flink.failures();
    flink.memory();
    flink.set(TaskManagerOptions.NUM_TASK_SLOTS, "1");
    flink.set(CoreOptions.DEFAULT_PARALLELISM, Integer.toString(taskManagers));
    flink.set(CoreOptions.TMP_DIRS, temp.toString());
    // A job's jar is big, and each process has its own copy; Flink would keep it for an hour more.
    flink.set(BlobServerOptions.CLEANUP_INTERVAL, "30");
    // Hadoop's and AWS's threads live as long as the process. Loaded by each job anew, they would
    // keep all its classes as long; ONNX Runtime is here for the same reason, though only the child
    // processes load what is native of it.
    flink.set(
        CoreOptions.ALWAYS_PARENT_FIRST_LOADER_PATTERNS_ADDITIONAL,
        "org.apache.hadoop.;software.amazon.awssdk.;ai.onnxruntime.");
    flink.entries.putAll(own);
    return flink;
  }

  private void addresses(int restPort, int rpcPort) {
    set(JobManagerOptions.ADDRESS, LOOPBACK);
    set(JobManagerOptions.BIND_HOST, LOOPBACK);
    set(JobManagerOptions.PORT, Integer.toString(rpcPort));
    set(RestOptions.ADDRESS, LOOPBACK);
    set(RestOptions.BIND_ADDRESS, LOOPBACK);
    set(RestOptions.PORT, Integer.toString(restPort));
    set(TaskManagerOptions.HOST, LOOPBACK);
    set(TaskManagerOptions.BIND_HOST, LOOPBACK);
  }

  /** A TaskManager that is gone is known to be gone after ten seconds, not fifty. */
  private void failures() {
    set(HeartbeatManagerOptions.HEARTBEAT_INTERVAL, "2000");
    set(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT, "10000");
    set(HeartbeatManagerOptions.HEARTBEAT_RPC_FAILURE_THRESHOLD, "1");
    set(JobManagerOptions.SLOT_REQUEST_TIMEOUT, "120000");
  }

  /**
   * What a TaskManager needs beside its heap, down to what a run uses. Models are proven in child
   * processes, of which Flink knows nothing: their memory is declared as a task's off-heap memory.
   */
  private void memory() {
    set(JobManagerOptions.JVM_HEAP_MEMORY, "320m");
    set(JobManagerOptions.JVM_METASPACE, "192m");
    set(TaskManagerOptions.TASK_HEAP_MEMORY, "256m");
    set(TaskManagerOptions.TASK_OFF_HEAP_MEMORY, "512m");
    set(TaskManagerOptions.MANAGED_MEMORY_SIZE, "64m");
    set(TaskManagerOptions.JVM_METASPACE, "256m");
  }

  private void set(ConfigOption<?> option, String value) {
    entries.put(option.key(), value);
  }

  /** The whole file. */
  String yaml() {
    StringBuilder yaml = new StringBuilder();
    FlinkDefaults.forCluster()
        .lines()
        .filter(line -> !line.contains(": ") || !entries.containsKey(key(line)))
        .forEach(line -> yaml.append(line).append('\n'));
    yaml.append('\n');
    entries.forEach(
        (key, value) ->
            yaml.append(key).append(": '").append(value.replace("'", "''")).append("'\n"));
    return yaml.toString();
  }

  /** An entry of a file that {@link #yaml} made, or the option's default where it has none. */
  static String read(Path file, ConfigOption<String> option) throws IOException {
    String before = option.key() + ": '";
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith(before) && line.endsWith("'"))
        .map(line -> line.substring(before.length(), line.length() - 1).replace("''", "'"))
        .findFirst()
        .orElse(option.defaultValue());
  }

  private static String key(String line) {
    return line.substring(0, line.indexOf(": "));
  }
}
