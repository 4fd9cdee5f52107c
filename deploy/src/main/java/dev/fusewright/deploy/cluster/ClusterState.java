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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * State of a cluster: the processes that were started.
 *
 * @param restPort of the JobManager, on the loopback interface
 * @param taskManagers how many there should be
 * @param processes all that were started and not stopped, alive or dead
 */
record ClusterState(int restPort, int taskManagers, List<ManagedProcess> processes) {
  private static final ObjectMapper JSON = new ObjectMapper();

  ClusterState {
    processes = List.copyOf(processes);
  }

  /** Where the JobManager is asked and given jobs. */
  String master() {
    return "127.0.0.1:" + restPort;
  }

  ClusterState with(ManagedProcess process) {
    List<ManagedProcess> more = new ArrayList<>(processes);
    more.add(process);
    return new ClusterState(restPort, taskManagers, more);
  }

  ClusterState without(ManagedProcess process) {
    return new ClusterState(
        restPort,
        taskManagers,
        processes.stream().filter(other -> !other.equals(process)).toList());
  }

  List<ManagedProcess> alive() {
    return processes.stream().filter(ManagedProcess::isAlive).toList();
  }

  boolean isJobManagerAlive() {
    return alive().stream().anyMatch(ManagedProcess::isJobManager);
  }

  List<ManagedProcess> taskManagersAlive() {
    return alive().stream().filter(process -> !process.isJobManager()).toList();
  }

  /** What is noted in a file; empty if there is none. */
  static Optional<ClusterState> read(Path file) throws IOException {
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    JsonNode noted = JSON.readTree(file.toFile());
    List<ManagedProcess> processes = new ArrayList<>();
    for (JsonNode process : noted.path("processes")) {
      processes.add(
          new ManagedProcess(
              process.path("name").asText(),
              process.path("pid").asLong(),
              process.path("started").asLong()));
    }
    return Optional.of(
        new ClusterState(
            noted.path("rest_port").asInt(), noted.path("task_managers").asInt(), processes));
  }

  /** Notes this, atomically: a reader sees the old or the new. */
  void write(Path file) throws IOException {
    ObjectNode noted = JSON.createObjectNode();
    noted.put("rest_port", restPort).put("task_managers", taskManagers);
    for (ManagedProcess process : processes) {
      noted
          .withArray("/processes")
          .addObject()
          .put("name", process.name())
          .put("pid", process.pid())
          .put("started", process.started());
    }
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    JSON.writerWithDefaultPrettyPrinter().writeValue(fresh.toFile(), noted);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
