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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.pipeline.flink.FlinkRelease;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line, from nothing to nothing. */
final class ClusterCommandIT {
  @TempDir Path folder;
  private ClusterHome home;
  private Path scratch;

  @BeforeEach
  void prepare() throws IOException {
    home = new ClusterHome(folder.resolve("a cluster"));
    scratch = Files.createDirectory(folder.resolve("scratch"));
  }

  @AfterEach
  void stop() throws Exception {
    new LocalCluster(home).stop();
  }

  private CommandLineProcess.Ended cluster(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("cluster"));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--dir", home.folder().toString()));
    return CommandLineProcess.run(scratch, command);
  }

  private ClusterState state() throws IOException {
    return ClusterState.read(home.state()).orElseThrow();
  }

  @Test
  void a_cluster_is_started_shown_used_replaced_when_it_died_and_stopped_without_a_trace()
      throws Exception {
    assertThat(cluster("status"))
        .returns(3, CommandLineProcess.Ended::code)
        .extracting(CommandLineProcess.Ended::err)
        .asString()
        .contains("no cluster runs in " + home.folder(), "fusewright cluster start");

    CommandLineProcess.Ended started = cluster("start", "--taskmanagers", "2");
    assertThat(started.code()).as(started.err()).isZero();
    ClusterState first = state();
    assertThat(started.out()).contains(first.master(), "2 TaskManagers", home.logs().toString());

    CommandLineProcess.Ended twice = cluster("start", "--taskmanagers", "2");
    assertThat(twice.code()).isEqualTo(1);
    assertThat(twice.err()).contains("already", "2 of 2 TaskManagers", first.master());
    assertThat(state()).as("the first is left alone").isEqualTo(first);

    CommandLineProcess.Ended shown = cluster("status");
    assertThat(shown.code()).as(shown.err()).isZero();
    assertThat(shown.out())
        .contains(
            "Flink %s at %s".formatted(FlinkRelease.version(), first.master()),
            "2 TaskManagers",
            "2 of 2 slots free");
    assertThat(shown.out().lines().filter(line -> line.endsWith(" runs"))).hasSize(3);

    first.taskManagersAlive().get(0).kill();
    CommandLineProcess.Ended halved = cluster("status");
    assertThat(halved.code()).isEqualTo(2);
    assertThat(halved.out()).contains("DIED");
    assertThat(halved.err()).contains("1 of 2 TaskManagers run");

    first.processes().stream().filter(ManagedProcess::isJobManager).forEach(ManagedProcess::kill);
    CommandLineProcess.Ended headless = cluster("status");
    assertThat(headless.code()).isEqualTo(3);
    assertThat(headless.err()).contains("the JobManager died");

    CommandLineProcess.Ended again = cluster("start", "--taskmanagers", "1");
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(first.alive()).as("what the dead cluster left").isEmpty();
    ClusterState second = state();
    assertThat(second.alive()).hasSize(2);

    Zoo zoo = Zoo.ofExamples(folder, 200);
    CommandLineProcess.Ended submitted =
        CommandLineProcess.run(
            scratch, zoo.run("out", "--attachedMode=false", "--flinkMaster=" + second.master()));
    assertThat(submitted.code()).as(submitted.err()).isZero();

    CommandLineProcess.Ended stopped = cluster("stop");
    assertThat(stopped.code()).as(stopped.err()).isZero();
    assertThat(stopped.err())
        .containsPattern("fusewright-\\S+ was [A-Z]+\\. .* the same run again goes on");
    assertThat(second.alive()).isEmpty();
    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), second.restPort()))
        .isInstanceOf(ConnectException.class);
    assertThat(home.folder()).isDirectoryNotContaining(path -> !path.equals(home.logs()));
    assertThat(scratch).isEmptyDirectory();

    assertThat(cluster("stop"))
        .returns(0, CommandLineProcess.Ended::code)
        .extracting(CommandLineProcess.Ended::out)
        .asString()
        .contains("no cluster runs");
  }

  @Test
  void a_folder_that_is_none_is_named() throws Exception {
    Files.writeString(home.folder(), "a file");

    for (String command : List.of("start", "status", "stop")) {
      CommandLineProcess.Ended refused = cluster(command);

      assertThat(refused.err())
          .startsWith("fusewright: ")
          .contains(home.folder().toString())
          .doesNotContain("defect");
      assertThat(refused.code()).as(command).isEqualTo(3);
    }
    Files.delete(home.folder());
  }

  @Test
  void a_configuration_in_which_flink_finds_no_memory_is_refused_and_leaves_nothing()
      throws Exception {
    CommandLineProcess.Ended refused = cluster("start", "-D", "taskmanager.memory.flink.size=64m");

    assertThat(refused.code()).isEqualTo(3);
    assertThat(refused.err()).contains("Flink finds no memory for a taskmanager");
    assertThat(home.folder()).isDirectoryNotContaining(path -> !path.equals(home.logs()));
  }
}
