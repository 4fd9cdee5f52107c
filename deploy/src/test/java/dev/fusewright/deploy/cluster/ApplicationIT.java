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

import dev.fusewright.report.FusionReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Application mode: a JobManager that calls the program itself, and ends with it. */
final class ApplicationIT {
  @TempDir Path folder;

  private static void awaitEnd(TestCluster cluster) throws Exception {
    ClusterState state = cluster.state();
    TestCluster.await(
        "the end of the application",
        () -> !state.taskManagersAlive().isEmpty(),
        () -> !state.isJobManagerAlive());
  }

  private static String log(TestCluster cluster) throws Exception {
    return Files.readString(cluster.home().logs().resolve("jobmanager.log"));
  }

  @Test
  void a_run_as_an_application_does_what_a_submitted_one_does_and_is_done_once() throws Exception {
    Zoo zoo = Zoo.ofExamples(folder, 5);
    List<String> night = zoo.run("out", "--run-id=night");

    succeed(night);

    List<Long> totals = zoo.totals("out");
    assertThat(zoo.summary("out").path("fused").asInt()).isEqualTo(4);
    assertThat(zoo.reports("out"))
        .hasSize(5)
        .filteredOn(report -> !report.getFusions().isEmpty())
        .extracting(FusionReport::getEquivalence)
        .allSatisfy(
            equivalence ->
                assertThat(equivalence.getLevels().getModel().getVerdict())
                    .isEqualTo("EQUIVALENT"));

    // A JobManager that is replaced after _SUCCESS calls the program again, with the same name.
    succeed(night);

    assertThat(zoo.totals("out")).isEqualTo(totals);
    assertThat(zoo.reports("out")).hasSize(5);

    // The next night there is nothing to do, and Flink wants a job all the same.
    succeed(zoo.run("out"));

    assertThat(zoo.summary("out").path("unchanged").asInt()).isEqualTo(5);
  }

  private void succeed(List<String> run) throws Exception {
    try (TestCluster cluster = TestCluster.start(folder, 1, run)) {
      awaitEnd(cluster);

      assertThat(log(cluster)).contains("Application completed SUCCESSFULLY");
    }
  }

  @Test
  void an_application_with_wrong_arguments_fails_and_says_why() throws Exception {
    try (TestCluster cluster =
        TestCluster.start(folder, 1, List.of("run", "--catalogue", "nowhere.jsonl"))) {
      awaitEnd(cluster);

      assertThat(log(cluster))
          .containsIgnoringCase("Application failed")
          .contains("exit code 1", "Missing required option: '--output=URI'");
    }
  }
}
