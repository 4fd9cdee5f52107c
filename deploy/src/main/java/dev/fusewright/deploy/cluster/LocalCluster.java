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
import dev.fusewright.io.storage.LocalFolders;
import dev.fusewright.pipeline.cli.FusewrightJob;
import dev.fusewright.pipeline.flink.RemoteFlink;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Flink cluster of processes on this machine: a JobManager and some TaskManagers.
 *
 * <p>For use by one thread; of several programs that start or stop the same cluster, the second
 * waits.
 */
final class LocalCluster {
  private static final Duration UP_WITHIN = Duration.ofMinutes(4);
  private static final int LINES_OF_A_LOG = 12;

  private final ClusterHome home;

  /** What Flink's tool said of each role; asking it is a start of Java. */
  private final Map<FlinkRole, FlinkJvm.Memory> memory = new EnumMap<>(FlinkRole.class);

  LocalCluster(ClusterHome home) {
    this.home = home;
  }

  /**
   * Specification of a cluster.
   *
   * @param jars the folder of jars that it is made of
   * @param taskManagers at least 1
   * @param configuration Flink's own entries, which count more than ours
   */
  record Plan(Path jars, int taskManagers, Map<String, String> configuration) {
    Plan {
      configuration = Map.copyOf(configuration);
    }
  }

  /**
   * The one application of a cluster that runs nothing else.
   *
   * @param jar the job jar
   * @param arguments as the command line takes them, {@code run} first
   */
  record Application(Path jar, List<String> arguments) {
    Application {
      arguments = List.copyOf(arguments);
    }
  }

  /** What is noted of the cluster, if one was started and not stopped. */
  Optional<ClusterState> state() throws IOException {
    return ClusterState.read(home.state());
  }

  /**
   * Starts a cluster and waits until all TaskManagers are registered. What one that died left is
   * removed first.
   *
   * @throws ClusterException if one runs there already, or it does not come up; nothing is left of
   *     it then but the logs
   */
  ClusterState start(Plan plan) throws ClusterException, IOException {
    return start(
        plan,
        empty -> {
          ClusterState state = startJobManager(empty);
          for (int i = 0; i < plan.taskManagers(); i++) {
            state = startTaskManager(state);
          }
          awaitTaskManagers(state);
          return state;
        });
  }

  /**
   * Starts a cluster that runs one application and then ends by itself, all but its TaskManagers.
   *
   * @throws ClusterException if a cluster runs there already
   */
  ClusterState start(Plan plan, Application application) throws ClusterException, IOException {
    return start(
        plan,
        empty -> {
          ClusterState state = startApplication(empty, application);
          for (int i = 0; i < plan.taskManagers(); i++) {
            state = startTaskManager(state);
          }
          return state;
        });
  }

  /** Strategy of starting the processes of an empty cluster. */
  @FunctionalInterface
  private interface Launch {
    ClusterState from(ClusterState empty) throws ClusterException, IOException;
  }

  private ClusterState start(Plan plan, Launch launch) throws ClusterException, IOException {
    Files.createDirectories(home.folder());
    try (FileChannel channel = lockFile();
        FileLock lock = channel.lock()) {
      Optional<ClusterState> before = state();
      if (before.isPresent()) {
        if (before.get().isJobManagerAlive()) {
          throw new ClusterException(runsAlready(before.get()));
        }
        stop(before.get());
      }
      home.clear();
      LocalFolders.delete(home.logs());
      Files.createDirectories(home.logs());
      Files.createDirectories(home.temp());
      Files.createDirectories(home.conf());
      FlinkLibrary.copy(plan.jars(), home.lib());
      ClusterState empty = configured(plan);
      try {
        return launch.from(empty);
      } catch (ClusterException | IOException | RuntimeException e) {
        stop(state().orElse(empty));
        Files.deleteIfExists(home.lock());
        throw e;
      }
    }
  }

  /** What to tell somebody who starts a cluster that runs. */
  String runsAlready(ClusterState state) {
    return "a cluster runs in %s already: %d of %d TaskManagers at %s. Use it, or end it first with fusewright cluster stop"
        .formatted(
            home.folder(), state.taskManagersAlive().size(), state.taskManagers(), state.master());
  }

  private ClusterState configured(Plan plan) throws IOException {
    memory.clear();
    try (ServerSocket rest = freePort();
        ServerSocket rpc = freePort()) {
      FlinkConfiguration flink =
          FlinkConfiguration.local(
              rest.getLocalPort(),
              rpc.getLocalPort(),
              plan.taskManagers(),
              home.temp(),
              plan.configuration());
      Files.writeString(home.conf().resolve("config.yaml"), flink.yaml());
      return new ClusterState(rest.getLocalPort(), plan.taskManagers(), List.of());
    }
  }

  private static ServerSocket freePort() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  /** Starts the JobManager, for the first time or again, and does not wait for it. */
  ClusterState startJobManager(ClusterState state) throws ClusterException, IOException {
    FlinkJvm.Memory session = memory(FlinkRole.SESSION);
    return startJobManager(state, FlinkRole.SESSION, session, arguments(session));
  }

  private ClusterState startApplication(ClusterState state, Application application)
      throws ClusterException, IOException {
    List<String> program = new ArrayList<>();
    program.add(home.conf().toString());
    program.add(application.jar().toString());
    program.add(FusewrightJob.class.getName());
    program.addAll(application.arguments());
    return startJobManager(state, FlinkRole.APPLICATION, memory(FlinkRole.APPLICATION), program);
  }

  private ClusterState startJobManager(
      ClusterState state, FlinkRole role, FlinkJvm.Memory assigned, List<String> program)
      throws IOException {
    int processors = Runtime.getRuntime().availableProcessors();
    return noted(
        state.with(new FlinkJvm(home).start(role, role.word(), assigned, processors, program)));
  }

  private FlinkJvm.Memory memory(FlinkRole role) throws ClusterException, IOException {
    FlinkJvm.Memory known = memory.get(role);
    if (known == null) {
      known = new FlinkJvm(home).memory(role);
      memory.put(role, known);
    }
    return known;
  }

  /** Starts one more TaskManager, and does not wait for it. */
  ClusterState startTaskManager(ClusterState state) throws ClusterException, IOException {
    FlinkRole role = FlinkRole.TASK_MANAGER;
    FlinkJvm.Memory assigned = memory(role);
    String name = "%s-%d".formatted(role.word(), nextNumber());
    List<String> program = arguments(assigned);
    program.addAll(List.of("-D", "taskmanager.resource-id=" + name));
    // The machine's processors are shared out: models are proven with as many threads.
    int processors = Math.max(1, Runtime.getRuntime().availableProcessors() / state.taskManagers());
    return noted(state.with(new FlinkJvm(home).start(role, name, assigned, processors, program)));
  }

  private List<String> arguments(FlinkJvm.Memory assigned) {
    List<String> program = new ArrayList<>(List.of("--configDir", home.conf().toString()));
    program.addAll(assigned.program());
    return program;
  }

  /** No two TaskManagers of a cluster ever have the same name, nor the same log. */
  private int nextNumber() {
    int number = 1;
    while (Files.exists(
        home.logs().resolve("%s-%d.log".formatted(FlinkRole.TASK_MANAGER.word(), number)))) {
      number++;
    }
    return number;
  }

  private ClusterState noted(ClusterState state) throws IOException {
    state.write(home.state());
    return state;
  }

  /**
   * Waits until all living TaskManagers are registered.
   *
   * @throws ClusterException if a process dies meanwhile, or it takes too long
   */
  void awaitTaskManagers(ClusterState state) throws ClusterException {
    int wanted = state.taskManagersAlive().size();
    Instant deadline = Instant.now().plus(UP_WITHIN);
    while (registered(state) < wanted) {
      for (ManagedProcess process : state.processes()) {
        if (!process.isAlive()) {
          throw new ClusterException(
              "%s ended before the cluster was up. Its log %s ends:%n%s"
                  .formatted(process.name(), log(process), lastLines(log(process))));
        }
      }
      if (Instant.now().isAfter(deadline)) {
        throw new ClusterException(
            "%d of %d TaskManagers registered within %d s. See the logs in %s"
                .formatted(registered(state), wanted, UP_WITHIN.toSeconds(), home.logs()));
      }
      pause();
    }
  }

  private static int registered(ClusterState state) {
    try {
      return RemoteFlink.at(state.master()).get("/overview").path("taskmanagers").asInt();
    } catch (IOException e) {
      // The JobManager is not up yet.
      return -1;
    }
  }

  /**
   * Ends every process and removes everything but the logs; does nothing where there is none.
   *
   * @return what ran, or had died
   * @throws ClusterException if a process does not end
   */
  Optional<ClusterState> stop() throws ClusterException, IOException {
    if (Files.notExists(home.state())) {
      return Optional.empty();
    }
    try (FileChannel channel = lockFile();
        FileLock lock = channel.lock()) {
      Optional<ClusterState> state = state();
      if (state.isPresent()) {
        stop(state.get());
      }
      return state;
    } finally {
      Files.deleteIfExists(home.lock());
    }
  }

  private void stop(ClusterState state) throws ClusterException, IOException {
    List<ManagedProcess> left = ManagedProcess.end(state.processes());
    if (!left.isEmpty()) {
      throw new ClusterException("these processes do not end, even when killed: " + left);
    }
    home.clear();
  }

  /** What the JobManager says of itself and its TaskManagers and jobs; empty if it cannot. */
  Optional<JsonNode> overview(ClusterState state, String path) {
    try {
      return Optional.of(RemoteFlink.at(state.master()).get(path));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private FileChannel lockFile() throws IOException {
    return FileChannel.open(home.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private Path log(ManagedProcess process) {
    return home.logs().resolve(process.name() + ".log");
  }

  private static String lastLines(Path log) {
    try {
      List<String> lines = new ArrayList<>(Files.readAllLines(log));
      return String.join(
          System.lineSeparator(),
          lines.subList(Math.max(0, lines.size() - LINES_OF_A_LOG), lines.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the cluster came up", e);
    }
  }
}
