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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** A cluster that a test may break; it goes, with all its processes, when it is closed. */
final class TestCluster implements AutoCloseable {
  /**
   * What a test waits for comes sooner: figures, which Flink gathers every ten seconds; the news of
   * a TaskManager that does not answer, which it asks every two; and the start of processes that
   * end soon, of which little is worth compiling well.
   */
  private static final Map<String, String> CONFIGURATION =
      Map.of(
          "metrics.fetcher.update-interval", "200",
          "heartbeat.interval", "500",
          "env.java.opts.all", String.join(" ", CommandLineProcess.SHORT_LIVED));

  private final ClusterHome home;
  private final LocalCluster cluster;
  private final Path scratch;

  private TestCluster(Path folder) throws IOException {
    home = new ClusterHome(folder.resolve("cluster"));
    cluster = new LocalCluster(home);
    scratch = Files.createDirectories(folder.resolve("client"));
  }

  /**
   * Starts a session cluster.
   *
   * @param folder existing
   */
  static TestCluster start(Path folder, int taskManagers) throws Exception {
    TestCluster started = new TestCluster(folder);
    started.cluster.start(plan(taskManagers));
    return started;
  }

  /** Starts a cluster that runs one application. */
  static TestCluster start(Path folder, int taskManagers, List<String> arguments) throws Exception {
    TestCluster started = new TestCluster(folder);
    Path job = Path.of(System.getProperty("fusewright.job"));
    started.cluster.start(plan(taskManagers), new LocalCluster.Application(job, arguments));
    return started;
  }

  private static LocalCluster.Plan plan(int taskManagers) {
    return new LocalCluster.Plan(
        Path.of(System.getProperty("fusewright.lib")), taskManagers, CONFIGURATION);
  }

  ClusterHome home() {
    return home;
  }

  /** Where clients have their temporary files. */
  Path scratch() {
    return scratch;
  }

  ClusterState state() throws IOException {
    return cluster.state().orElseThrow();
  }

  /** Starts a command line that submits to this cluster. */
  CommandLineProcess submit(List<String> run) throws IOException {
    List<String> arguments = new ArrayList<>(run);
    arguments.add("--flinkMaster=" + state().master());
    return CommandLineProcess.start(scratch, arguments);
  }

  /** Submits to this cluster and waits for the end. */
  CommandLineProcess.Ended run(List<String> run) throws IOException {
    try (CommandLineProcess process = submit(run)) {
      return process.await();
    }
  }

  /** Kills a TaskManager as a machine that fails would, and starts another in its place. */
  void replace(ManagedProcess taskManager) throws Exception {
    taskManager.kill();
    cluster.startTaskManager(state().without(taskManager));
  }

  /** Kills the JobManager and starts it again: the jobs that it had are lost. */
  void replaceJobManager() throws Exception {
    ClusterState before = state();
    ManagedProcess jobManager =
        before.processes().stream().filter(ManagedProcess::isJobManager).findFirst().orElseThrow();
    jobManager.kill();
    cluster.awaitTaskManagers(cluster.startJobManager(before.without(jobManager)));
  }

  /** What the JobManager answers. */
  com.fasterxml.jackson.databind.JsonNode ask(String path) throws IOException {
    return cluster.overview(state(), path).orElseThrow(() -> new IOException(path));
  }

  /**
   * Waits for something that must come, however slow the machine.
   *
   * @param alive what must go on meanwhile, or waiting is in vain
   */
  static void await(String what, BooleanSupplier alive, BooleanSupplier condition)
      throws InterruptedException {
    while (!condition.getAsBoolean()) {
      if (!alive.getAsBoolean()) {
        if (condition.getAsBoolean()) {
          return;
        }
        throw new AssertionError("it ended before: " + what);
      }
      Thread.sleep(20);
    }
  }

  @Override
  public void close() throws Exception {
    cluster.stop();
  }
}
