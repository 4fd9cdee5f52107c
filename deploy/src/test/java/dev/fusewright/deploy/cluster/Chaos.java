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
import java.io.IOException;
import java.util.List;
import java.util.Random;

/** A run in which TaskManagers are killed, each replaced at once, as by an operator. */
final class Chaos {
  private final TestCluster cluster;
  private final Zoo zoo;
  private final Random random;

  Chaos(TestCluster cluster, Zoo zoo, Random random) {
    this.cluster = cluster;
    this.zoo = zoo;
    this.random = random;
  }

  /**
   * How it went.
   *
   * @param restarts of tasks, over all kills
   */
  record Outcome(CommandLineProcess.Ended ended, int kills, int restarts) {}

  /**
   * Runs to the end. Kills are spread over the run: each comes when a random number of models, in
   * its share of them, is published.
   */
  Outcome run(String output, int kills) throws Exception {
    int share = zoo.entries() / (kills + 1);
    try (CommandLineProcess run = cluster.submit(zoo.run(output))) {
      for (int kill = 0; kill < kills; kill++) {
        int models = kill * share + 1 + random.nextInt(share);
        TestCluster.await(
            models + " models", run::isAlive, () -> zoo.publishedModels(output) >= models);
        List<ManagedProcess> victims = cluster.state().taskManagersAlive();
        cluster.replace(victims.get(random.nextInt(victims.size())));
      }
      return new Outcome(run.await(), kills, restarts());
    }
  }

  /** How often tasks of the newest job were begun again. */
  private int restarts() throws IOException {
    JsonNode newest = null;
    for (JsonNode job : cluster.ask("/jobs/overview").path("jobs")) {
      if (newest == null || job.path("start-time").asLong() > newest.path("start-time").asLong()) {
        newest = job;
      }
    }
    int restarts = 0;
    if (newest != null) {
      String job = "/jobs/" + newest.path("jid").asText();
      for (JsonNode vertex : cluster.ask(job).path("vertices")) {
        String tasks = job + "/vertices/" + vertex.path("id").asText();
        for (JsonNode task : cluster.ask(tasks).path("subtasks")) {
          restarts += task.path("attempt").asInt();
        }
      }
    }
    return restarts;
  }
}
