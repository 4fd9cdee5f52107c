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
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes are killed in the middle of a run, where the middle is a number of published models and
 * no time: how fast the machine is does not matter. {@code ChaosIT} is the long form.
 */
final class SurvivalIT {
  private static final int MODELS = 15;
  private static final long SEED = 20261122;

  @TempDir static Path folder;
  private static TestCluster cluster;
  private static Zoo zoo;

  @BeforeAll
  static void start() throws Exception {
    cluster = TestCluster.start(folder, 2);
    zoo = Zoo.ofExamples(folder, MODELS);
    assertThat(cluster.run(zoo.run("calm"))).returns(0, CommandLineProcess.Ended::code);
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void killed_task_managers_change_neither_models_nor_reports() throws Exception {
    Chaos.Outcome chaos = new Chaos(cluster, zoo, new Random(SEED)).run("chaos", 2);

    assertThat(chaos.ended().code()).as(chaos.ended().err()).isZero();
    assertThat(chaos.restarts()).isPositive();
    assertThat(zoo.published("chaos")).isEqualTo(zoo.published("calm"));
    assertThat(zoo.reports("chaos")).as("each entry once").hasSize(MODELS);
    assertThat(zoo.outcomes("chaos")).isEqualTo(zoo.outcomes("calm")).hasSize(MODELS);
    assertThat(zoo.totals("chaos")).isEqualTo(zoo.totals("calm"));
  }

  @Test
  void after_a_killed_job_manager_the_next_submission_goes_on() throws Exception {
    int done;
    try (CommandLineProcess lost = cluster.submit(zoo.run("lost"))) {
      TestCluster.await(
          "a third of the models", lost::isAlive, () -> zoo.publishedModels("lost") >= MODELS / 3);
      cluster.replaceJobManager();
      CommandLineProcess.Ended ended = lost.await();
      assertThat(ended.code()).as(ended.err()).isEqualTo(3);
      assertThat(ended.err()).contains("start it again to go on");
      done = zoo.publishedModels("lost");
    }

    CommandLineProcess.Ended ended = cluster.run(zoo.run("lost"));

    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(zoo.published("lost")).isEqualTo(zoo.published("calm"));
    assertThat(zoo.reports("lost")).as("each entry once").hasSize(MODELS);
    JsonNode summary = zoo.summary("lost");
    assertThat(summary.path("total").asInt()).isEqualTo(MODELS);
    // What each of the two TaskManagers was about to note may have to be done again.
    assertThat(summary.path("unchanged").asInt()).isBetween(done - 2, MODELS - 1);
  }
}
