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
package dev.fusewright.pipeline.nightly;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run whose process is killed with SIGKILL again and again, and started again under its name,
 * until it ends: it publishes the bytes, and has the totals, of a run that nobody disturbed.
 *
 * <p>Three kills by default; {@code -Dfusewright.kills=20} for the long form. Moments are random
 * from a seed: some at any time after the start, most when so many models are done and a moment
 * more.
 */
@UsesFlink
@UsesProcesses
final class KilledRunTest {
  private static final int KILLS = Integer.getInteger("fusewright.kills", 3);
  private static final long SEED = 7;
  private static final List<String> TOTALS =
      List.of(
          "total",
          "fused",
          "nothing_to_fuse",
          "unchanged",
          "rejected",
          "failed",
          "dropped_fusions",
          "bytes_in",
          "bytes_out");

  @TempDir Path folder;
  private final Store store = Stores.of(StorageConfiguration.defaults());
  private final SplittableRandom random = new SplittableRandom(SEED);

  @Test
  void killed_again_and_again_a_run_ends_as_if_nobody_had_disturbed_it() throws Exception {
    int models = 20 + 15 * KILLS;
    new Zoo(models, 20_000, 2_000_000, SEED)
        .publish(store, Location.of(folder.resolve("zoo")), folder);
    Files.writeString(folder.resolve("zoo/broken.onnx"), "no model");
    Files.writeString(
        folder.resolve("zoo/catalogue.jsonl"),
        "{\"id\": \"broken\", \"uri\": \"broken.onnx\"}\n",
        StandardOpenOption.APPEND);
    try (RunProcess undisturbed = start("whole")) {
      assertThat(undisturbed.waitFor()).as(undisturbed.printed()).isEqualTo(2);
    }

    int killed = 0;
    List<Integer> at = new ArrayList<>();
    while (killed < KILLS) {
      try (RunProcess run = start("killed")) {
        awaitMoment(run, models * (killed + 1) / (KILLS + 2));
        at.add(done());
        assertThat(run.isAlive()).as("ended before it was killed: %s", run.printed()).isTrue();
        run.kill();
        killed++;
      }
    }
    try (RunProcess resumed = start("killed")) {
      assertThat(resumed.waitFor()).as(resumed.printed()).isEqualTo(2);
    }

    System.err.printf("killed with so many of %d models done: %s%n", models, at);
    assertThat(published("killed")).isEqualTo(published("whole")).hasSize(models);
    JsonNode expected = summary("whole");
    JsonNode found = summary("killed");
    for (String field : TOTALS) {
      assertThat(found.get(field)).as(field).isEqualTo(expected.get(field));
    }
    assertThat(reported("killed")).isEqualTo(reported("whole")).hasSize(models + 1);
  }

  private RunProcess start(String name) throws IOException {
    return RunProcess.start(
        folder.resolve("tmp"),
        folder.resolve(name + ".log"),
        "512m",
        Map.of(),
        List.of(
            "run",
            "--catalogue=" + folder.resolve("zoo/catalogue.jsonl"),
            "--output=" + folder.resolve(name),
            "--verify=site",
            "--run-id=nightly",
            "--parallelism=2"));
  }

  /**
   * One in four is killed at any moment, when perhaps nothing has begun; the others in mid-work.
   */
  private void awaitMoment(RunProcess run, int done) throws IOException, InterruptedException {
    if (random.nextInt(4) == 0) {
      Thread.sleep(random.nextInt(3000));
      return;
    }
    while (run.isAlive() && done() < done) {
      Thread.sleep(5);
    }
    Thread.sleep(random.nextInt(100));
  }

  /** Models that are published: some of their receipts may not be written yet. */
  private int done() throws IOException {
    Path output = folder.resolve("killed");
    if (!Files.exists(output)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(output)) {
      return (int) files.filter(file -> file.toString().endsWith(".onnx")).count();
    }
  }

  /**
   * Every published file. What a killed writer left under a temporary name is hidden, and nobody's.
   */
  private Map<String, String> published(String name) throws IOException {
    Map<String, String> published = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder.resolve(name))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.getFileName().toString().endsWith(".fusewright-tmp")) {
          published.put(file.getFileName().toString(), Staging.sha256(file));
        }
      }
    }
    return published;
  }

  private RunFolder nightly(String name) {
    return RunFolder.of(Location.of(folder.resolve(name + "/reports")), "nightly");
  }

  private JsonNode summary(String name) throws IOException {
    return new ObjectMapper().readTree(nightly(name).summary().localPath().toFile());
  }

  /** Every report, one line each: nothing is lost, and nothing is there twice. */
  private List<String> reported(String name) throws IOException {
    List<String> reported = new ArrayList<>();
    for (var part : store.list(nightly(name).location().resolve("part-*.avro"))) {
      ReportFiles.read(
          store,
          part.location(),
          report ->
              reported.add(
                  "%s %s %s"
                      .formatted(
                          report.getId(),
                          report.getOutcome(),
                          report.getOutput() == null ? "" : report.getOutput().getSha256())));
    }
    reported.sort(null);
    return reported;
  }
}
