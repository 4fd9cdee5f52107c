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
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The long forms of {@code SurvivalIT} and {@code SessionIT}: {@code mvn -B verify -Pchaos}. The
 * figures go to standard output and to {@code deploy/target/chaos.md}.
 */
@Tag("chaos")
final class ChaosIT {
  private static final int KILLS = 10;
  private static final int MODELS = 120;
  private static final int JOBS = 20;
  private static final int MANY = 300;

  /** Class loaders of ended jobs that threads may still hold; each is a job's classes. */
  private static final int KEPT = 4;

  private static final long OF_A_JOB_MIB = 40;
  private static final Path FIGURES = Path.of(System.getProperty("java.io.tmpdir"), "chaos.md");

  /** What somebody else made of a model that is there as well. */
  private static final Pattern DERIVED = Pattern.compile(".*(oracle|fused|simplified).*");

  @TempDir Path folder;

  private static void note(String figure) throws IOException {
    System.out.println(figure);
    Files.writeString(FIGURES, figure + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static List<Path> realModels() throws IOException {
    String models = System.getenv("FUSEWRIGHT_MODELS");
    assumeThat(models).as("FUSEWRIGHT_MODELS names the folder of real models").isNotNull();
    try (Stream<Path> files = Files.walk(Path.of(models))) {
      List<Path> found =
          files
              .filter(file -> file.toString().endsWith(".onnx"))
              .filter(file -> !DERIVED.matcher(file.getFileName().toString()).matches())
              .sorted()
              .toList();
      assertThat(found).as("real models in " + models).isNotEmpty();
      return found;
    }
  }

  @Test
  void a_run_of_real_models_survives_ten_killed_task_managers() throws Exception {
    Zoo zoo = Zoo.of(folder, MODELS, realModels());
    long seed = Long.getLong("fusewright.chaos.seed", 8);
    try (TestCluster cluster = TestCluster.start(folder, 2)) {
      long start = System.nanoTime();
      CommandLineProcess.Ended calm = cluster.run(zoo.run("calm"));
      double calmSeconds = (System.nanoTime() - start) / 1e9;
      start = System.nanoTime();
      Chaos.Outcome chaos = new Chaos(cluster, zoo, new Random(seed)).run("chaos", KILLS);
      double chaosSeconds = (System.nanoTime() - start) / 1e9;

      assertThat(chaos.ended().code()).as(chaos.ended().err()).isEqualTo(calm.code());
      assertThat(zoo.published("chaos")).isEqualTo(zoo.published("calm"));
      assertThat(zoo.reports("chaos")).as("each entry once").hasSize(MODELS);
      assertThat(zoo.outcomes("chaos")).isEqualTo(zoo.outcomes("calm")).hasSize(MODELS);
      assertThat(zoo.totals("chaos")).isEqualTo(zoo.totals("calm"));
      note(
          "%d models, seed %d: %d TaskManagers killed, %d tasks restarted; duplicates 0, lost 0, byte differences 0; %.0f s, undisturbed %.0f s: %.2f times as long"
              .formatted(
                  MODELS,
                  seed,
                  chaos.kills(),
                  chaos.restarts(),
                  chaosSeconds,
                  calmSeconds,
                  chaosSeconds / calmSeconds));
    }
  }

  /** Kept classes would be more than the metaspace holds: the later jobs would fail. */
  @Test
  void twenty_jobs_find_room_for_their_classes() throws Exception {
    Zoo zoo = Zoo.ofExamples(folder, 5);
    try (TestCluster cluster = TestCluster.start(folder, 2)) {
      noteColumns();
      noted("before", cluster);
      Map<String, JvmFigures> half = Map.of();
      for (int job = 1; job <= JOBS; job++) {
        assertThat(cluster.run(zoo.run("out" + job))).returns(0, CommandLineProcess.Ended::code);
        if (job == 1 || job % 5 == 0) {
          Map<String, JvmFigures> now = noted("after job " + job, cluster);
          half = job == JOBS / 2 ? now : half;
        }
      }
      assertSteady(half, figures(cluster));
    }
  }

  @Test
  void two_runs_of_three_hundred_models() throws Exception {
    Zoo zoo = Zoo.ofExamples(folder, MANY);
    try (TestCluster cluster = TestCluster.start(folder, 2)) {
      noteColumns();
      noted("before", cluster);
      assertThat(cluster.run(zoo.run("out1"))).returns(0, CommandLineProcess.Ended::code);
      Map<String, JvmFigures> first = noted("after %d models".formatted(MANY), cluster);
      assertThat(cluster.run(zoo.run("out2"))).returns(0, CommandLineProcess.Ended::code);
      Map<String, JvmFigures> second = noted("after %d more".formatted(MANY), cluster);

      assertThat(zoo.published("out2")).isEqualTo(zoo.published("out1")).hasSize(MANY);
      assertSteady(first, second);
    }
  }

  /** The same processes, and none holds more than it did, beyond one job's classes. */
  private static void assertSteady(Map<String, JvmFigures> before, Map<String, JvmFigures> after) {
    assertThat(after).containsOnlyKeys(before.keySet());
    after.forEach(
        (process, now) -> {
          JvmFigures then = before.get(process);
          assertThat(now.jobClassLoaders()).as(process).isLessThanOrEqualTo(KEPT);
          assertThat(now.metaspaceMiB() - then.metaspaceMiB()).as(process).isLessThan(OF_A_JOB_MIB);
          assertThat(now.heapMiB() - then.heapMiB()).as(process).isLessThan(OF_A_JOB_MIB);
          assertThat(now.children()).as(process + ": all jobs have ended").isZero();
        });
  }

  /** What every process of a cluster holds. */
  private static Map<String, JvmFigures> figures(TestCluster cluster) throws IOException {
    Map<String, JvmFigures> figures = new LinkedHashMap<>();
    for (ManagedProcess process : cluster.state().processes()) {
      figures.put(process.name(), JvmFigures.of(process));
    }
    return figures;
  }

  private static void noteColumns() throws IOException {
    note("");
    note(
        "| | process | heap MiB | metaspace MiB | resident MiB | job class loaders | children | their resident MiB |");
    note("| --- | --- | --- | --- | --- | --- | --- | --- |");
  }

  private static Map<String, JvmFigures> noted(String when, TestCluster cluster)
      throws IOException {
    Map<String, JvmFigures> figures = figures(cluster);
    for (Map.Entry<String, JvmFigures> process : figures.entrySet()) {
      JvmFigures jvm = process.getValue();
      note(
          "| %s | %s | %d | %d | %d | %d | %d | %d |"
              .formatted(
                  when,
                  process.getKey(),
                  jvm.heapMiB(),
                  jvm.metaspaceMiB(),
                  jvm.residentMiB(),
                  jvm.jobClassLoaders(),
                  jvm.children(),
                  jvm.childrenMiB()));
    }
    return figures;
  }
}
