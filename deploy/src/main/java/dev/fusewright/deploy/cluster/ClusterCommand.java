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
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.fusewright.pipeline.cli.ExitCode;
import dev.fusewright.pipeline.cli.UsageException;
import dev.fusewright.pipeline.run.AtEndOfProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.JobStatus;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code fusewright cluster}. */
@Command(
    name = "cluster",
    description = "A real multi-process Flink on this machine, to try runs on.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "start|stop|status",
    footer = {
      "",
      "  fusewright cluster start --taskmanagers 2",
      "  fusewright run --catalogue zoo.jsonl --output fused/ --flinkMaster=127.0.0.1:PORT",
      "  fusewright cluster stop",
      "",
      "All of it is below one folder: configuration, logs, temporary files. stop leaves the logs."
    })
public final class ClusterCommand {
  @Spec private CommandSpec spec;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = "The cluster's folder. Default: ~/.fusewright/cluster. One cluster per folder.")
  private @Nullable Path dir;

  @Command(
      name = "start",
      description = "Starts a JobManager and TaskManagers, and says where they are.",
      mixinStandardHelpOptions = true)
  int start(
      @Option(
              names = "--taskmanagers",
              paramLabel = "N",
              defaultValue = "2",
              description = "How many, each with one slot. Default: ${DEFAULT-VALUE}.")
          int taskManagers,
      @Option(
              names = "-D",
              paramLabel = "KEY=VALUE",
              description =
                  "An entry of Flink's configuration, such as taskmanager.memory.task.heap.size=1g.")
          @Nullable Map<String, String> configuration) {
    if (taskManagers < 1) {
      throw new UsageException(
          "--taskmanagers %d: without one, nothing runs".formatted(taskManagers));
    }
    Map<String, String> own = configuration == null ? new LinkedHashMap<>() : configuration;
    try (AtEndOfProcess interrupted = AtEndOfProcess.run(this::warnOfHalfACluster)) {
      LocalCluster cluster = new LocalCluster(home());
      Optional<ClusterState> before = cluster.state();
      if (before.isPresent() && before.get().isJobManagerAlive()) {
        err().println("fusewright: " + cluster.runsAlready(before.get()));
        return ExitCode.USAGE;
      }
      ClusterState state =
          cluster.start(new LocalCluster.Plan(FlinkLibrary.ofThisProgram(), taskManagers, own));
      out().printf("Flink at %s: %s%n", state.master(), count(taskManagers, "TaskManager"));
      out().println("logs: " + home().logs());
      out()
          .printf(
              "try:  fusewright run --catalogue URI --output URI --flinkMaster=%s%n",
              state.master());
      return ExitCode.OK;
    } catch (ClusterException e) {
      return failed(e);
    } catch (IOException e) {
      return unusable(e);
    }
  }

  @Command(
      name = "stop",
      description = "Ends every process of the cluster, and removes its temporary files.",
      mixinStandardHelpOptions = true)
  int stop() {
    try {
      LocalCluster cluster = new LocalCluster(home());
      warnOfRunningJobs(cluster);
      Optional<ClusterState> state = cluster.stop();
      out()
          .println(
              state.isPresent()
                  ? "stopped; logs: " + home().logs()
                  : "no cluster runs in " + home().folder());
      return ExitCode.OK;
    } catch (ClusterException e) {
      return failed(e);
    } catch (IOException e) {
      return unusable(e);
    }
  }

  @Command(
      name = "status",
      description = "Says what runs: processes, slots, jobs.",
      mixinStandardHelpOptions = true,
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {
        "0:all of it runs",
        "2:the JobManager runs, and not all TaskManagers",
        "3:no cluster runs"
      })
  int status() {
    try {
      return show();
    } catch (IOException e) {
      return unusable(e);
    }
  }

  private int show() throws IOException {
    LocalCluster cluster = new LocalCluster(home());
    Optional<ClusterState> noted = cluster.state();
    if (noted.isEmpty()) {
      err()
          .println(
              "fusewright: no cluster runs in %s. Begin one with fusewright cluster start"
                  .formatted(home().folder()));
      return ExitCode.NOTHING;
    }
    ClusterState state = noted.get();
    for (ManagedProcess process : state.processes()) {
      out()
          .printf(
              "%-16s pid %-8d %s%n",
              process.name(), process.pid(), process.isAlive() ? "runs" : "DIED");
    }
    if (!state.isJobManagerAlive()) {
      err()
          .println(
              "fusewright: the JobManager died; see its log in %s. fusewright cluster start begins anew"
                  .formatted(home().logs()));
      return ExitCode.NOTHING;
    }
    Optional<JsonNode> overview = cluster.overview(state, "/overview");
    if (overview.isEmpty()) {
      err().println("fusewright: the JobManager does not answer at " + state.master());
      return ExitCode.NOTHING;
    }
    print(state, overview.get(), cluster.overview(state, "/jobs/overview"));
    int alive = state.taskManagersAlive().size();
    if (alive < state.taskManagers()) {
      err().printf("fusewright: %d of %d TaskManagers run%n", alive, state.taskManagers());
      return ExitCode.REJECTED;
    }
    return ExitCode.OK;
  }

  private void warnOfHalfACluster() {
    err()
        .println(
            "fusewright: ended before the cluster was up. What was started in %s goes on: end it with fusewright cluster stop"
                .formatted(home().folder()));
  }

  private void warnOfRunningJobs(LocalCluster cluster) throws IOException {
    Optional<JsonNode> jobs =
        cluster.state().flatMap(state -> cluster.overview(state, "/jobs/overview"));
    for (JsonNode job : jobs.map(all -> all.path("jobs")).orElse(MissingNode.getInstance())) {
      if (!JobStatus.valueOf(job.path("state").asText()).isGloballyTerminalState()) {
        err()
            .printf(
                "fusewright: %s was %s. What it published is right; the same run again goes on%n",
                job.path("name").asText(), job.path("state").asText());
      }
    }
  }

  private void print(ClusterState state, JsonNode overview, Optional<JsonNode> jobs) {
    out()
        .printf(
            "Flink %s at %s: %s, %d of %s free%n",
            overview.path("flink-version").asText(),
            state.master(),
            count(overview.path("taskmanagers").asInt(), "TaskManager"),
            overview.path("slots-available").asInt(),
            count(overview.path("slots-total").asInt(), "slot"));
    for (JsonNode job : jobs.map(all -> all.path("jobs")).orElse(overview.path("jobs"))) {
      out()
          .printf(
              "job %s  %-10s %s%n",
              job.path("jid").asText(), job.path("state").asText(), job.path("name").asText());
    }
  }

  private static String count(int number, String thing) {
    return "%d %s%s".formatted(number, thing, number == 1 ? "" : "s");
  }

  private ClusterHome home() {
    return dir == null ? ClusterHome.usual() : new ClusterHome(dir);
  }

  private int failed(ClusterException e) {
    err().println("fusewright: " + e.getMessage());
    return ExitCode.NOTHING;
  }

  private int unusable(IOException e) {
    err()
        .printf(
            "fusewright: the cluster's folder %s cannot be used: %s. Name another with --dir%n",
            home().folder(), e);
    return ExitCode.NOTHING;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
