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

import com.fasterxml.jackson.databind.JsonNode;
import dev.fusewright.pipeline.flink.RemoteFlink;
import dev.fusewright.pipeline.run.RunFigures;
import dev.fusewright.report.FusionReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Jobs of the command line on one cluster, one after the other. */
@TestMethodOrder(OrderAnnotation.class)
final class SessionIT {
  @TempDir static Path folder;
  private static TestCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = TestCluster.start(folder, 2);
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
      assertThat(cluster.home().temp()).doesNotExist();
    }
  }

  private static Path example(String catalogue) {
    return Path.of(System.getProperty("fusewright.home"), "src", "models", catalogue);
  }

  private static List<String> run(String catalogue, String output) {
    return List.of(
        "run",
        "--catalogue",
        example(catalogue).toString(),
        "--output",
        folder.resolve(output).toString());
  }

  @Test
  void models_are_proven_in_children_of_the_task_managers_and_then_left_alone() throws Exception {
    Zoo zoo = Zoo.ofExamples(Files.createDirectory(folder.resolve("proven")), 5);

    CommandLineProcess.Ended ended = cluster.run(zoo.run("out"));

    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.out()).startsWith("5 models in ").contains("4 fused, 1 with nothing to fuse");
    List<FusionReport> fused =
        zoo.reports("out").stream().filter(report -> !report.getFusions().isEmpty()).toList();
    assertThat(fused)
        .hasSize(4)
        .allSatisfy(
            report ->
                assertThat(report.getEquivalence().getLevels().getModel().getVerdict())
                    .isEqualTo("EQUIVALENT"));

    CommandLineProcess.Ended again = cluster.run(zoo.run("out"));

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).as("a job without work").containsPattern("is Flink job [0-9a-f]{32}");
    assertThat(again.out()).startsWith("5 models in ").contains("5 unchanged");
    assertThat(zoo.reports("out")).hasSize(5);
  }

  @Test
  void the_exit_code_says_that_models_failed() throws Exception {
    CommandLineProcess.Ended ended = cluster.run(run("catalogue-broken.jsonl", "broken"));

    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.out()).contains("10 models", "6 fused", "2 failed");
    assertThat(ended.err()).contains("truncated: FAILED at read");
  }

  @Test
  void a_detached_run_goes_on_by_itself_and_tells_how_far_it_is() throws Exception {
    Zoo zoo = Zoo.ofExamples(Files.createDirectory(folder.resolve("detached")), 30);

    CommandLineProcess.Ended ended = cluster.run(zoo.run("out", "--attachedMode=false"));

    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.out()).containsPattern("submitted: run \\S+ is Flink job [0-9a-f]{32}\n");
    String job = ended.out().replaceFirst("(?s).* is Flink job ([0-9a-f]{32})\n.*", "$1");
    Path reports =
        Path.of(
            ended
                .out()
                .lines()
                .filter(line -> line.startsWith("reports: "))
                .map(line -> line.replaceFirst("reports: (.*) \\(.*", "$1"))
                .findFirst()
                .orElseThrow());
    RemoteFlink flink = RemoteFlink.at(cluster.state().master());
    TestCluster.await(
        "some of the models, before all",
        () -> Files.notExists(reports.resolveSibling("latest.json")),
        () -> {
          RunFigures far = figures(flink, job);
          return far.models() > 0 && far.models() < 30 && far.bytes() > 0;
        });
    TestCluster.await(
        "the end of the run",
        SessionIT::hasNotFailed,
        () -> Files.exists(reports.resolveSibling("latest.json")));
    assertThat(zoo.reports("out")).hasSize(30);
  }

  private static RunFigures figures(RemoteFlink flink, String job) {
    try {
      return flink.figures(job);
    } catch (IOException e) {
      return new RunFigures(0, 0, 0);
    }
  }

  @Test
  void a_client_that_is_interrupted_says_that_its_run_goes_on() throws Exception {
    Zoo zoo = Zoo.ofExamples(Files.createDirectory(folder.resolve("interrupted")), 10);

    CommandLineProcess.Ended ended;
    try (CommandLineProcess client = cluster.submit(zoo.run("out"))) {
      TestCluster.await("a model", client::isAlive, () -> zoo.publishedModels("out") > 0);
      ended = client.interrupt();
    }

    assertThat(ended.code()).as(ended.err()).isGreaterThan(128);
    assertThat(ended.err())
        .containsPattern("goes on: as Flink job [0-9a-f]{32}, http://127.0.0.1:\\d+/#/job/")
        .contains("_SUCCESS comes last", "To end it as well: curl -X PATCH");
    assertThat(cluster.scratch()).as("the client's temporary files").isEmptyDirectory();
    TestCluster.await(
        "the end of the run",
        SessionIT::hasNotFailed,
        () -> Files.exists(folder.resolve("interrupted/out/reports/latest.json")));
    assertThat(zoo.reports("out")).hasSize(10);
  }

  private static boolean hasNotFailed() {
    try {
      JsonNode overview = cluster.ask("/overview");
      return overview.path("jobs-failed").asInt() + overview.path("jobs-cancelled").asInt() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void a_parallelism_beyond_the_slots_waits_its_turn() throws Exception {
    Zoo zoo = Zoo.ofExamples(Files.createDirectory(folder.resolve("wide")), 5);

    assertThat(cluster.run(zoo.run("out", "--parallelism=4")))
        .returns(0, CommandLineProcess.Ended::code);
  }

  @Test
  void arguments_of_the_configuration_reach_the_virtual_machine_of_each_process() throws Exception {
    for (ManagedProcess process : cluster.state().processes()) {
      assertThat(Files.readString(cluster.home().logs().resolve(process.name() + ".log")))
          .as(process.name())
          .contains(CommandLineProcess.SHORT_LIVED);
    }
  }

  private static int jobsSoFar() throws IOException {
    return cluster.ask("/jobs").path("jobs").size();
  }

  /**
   * Kept, they would fill the metaspace of a cluster that runs a job every night. Those of the last
   * jobs may stay for a while, until the threads that served them have idled out. It comes last,
   * since the other tests' jobs count.
   */
  @Test
  @Order(Order.DEFAULT + 1)
  void the_classes_of_ended_jobs_are_let_go() throws Exception {
    Zoo zoo = Zoo.ofExamples(Files.createDirectory(folder.resolve("classes")), 2);
    int jobs = 5;
    do { // at least one, the last, whose classes may stay
      CommandLineProcess.Ended ended = cluster.run(zoo.run("out" + jobsSoFar()));
      assertThat(ended.code()).as(ended.err()).isZero();
    } while (jobsSoFar() < jobs);

    for (ManagedProcess process : cluster.state().processes()) {
      assertThat(JvmFigures.of(process).jobClassLoaders()).as(process.name()).isLessThan(jobs);
    }
  }
}
