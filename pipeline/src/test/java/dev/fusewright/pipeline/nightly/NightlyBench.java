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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.io.servers.S3Server;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.run.RunFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The figures of a night: 2,000 generated models, 50 KB to 100 MB, about 4 GB, on S3A, every site
 * proven, in a worker with a heap of 512 MB. Runs with two slots and with one, each for the first
 * time and again, when nothing has changed; prints seconds, what the ideal would be, and how many
 * models ended how.
 *
 * <p>{@code NightlyBench FOLDER [MODELS] [SLOTS,...] [TIMES,...]}; TIMES are {@code first} and
 * {@code again}, by default both. FOLDER needs room for three times the zoo; a zoo that is there,
 * and what was published of it, are taken again. Workers have the class path of this process. Not a
 * test: figures are of the machine that they were seen on, and of what else it did.
 */
final class NightlyBench {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final S3Server server;
  private final Store store;
  private final Location bucket = Location.of("s3a://zoo/");

  private NightlyBench(Path folder, S3Server server) {
    this.folder = folder;
    this.server = server;
    this.store = Stores.of(StorageConfiguration.of(server.properties()));
  }

  /** Makes the zoo and runs over it. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createDirectories(Path.of(arguments[0]).toAbsolutePath());
    int models = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2000;
    String[] slots = (arguments.length > 2 ? arguments[2] : "2,1").split(",");
    String[] times = (arguments.length > 3 ? arguments[3] : "first,again").split(",");
    S3Server.provideCredentials();
    try (S3Server server = S3Server.start(Files.createDirectories(folder.resolve("buckets")))) {
      server.withBucket("zoo");
      NightlyBench bench = new NightlyBench(folder, server);
      bench.makeZoo(models);
      for (String slot : slots) {
        for (String time : times) {
          bench.run("slots" + slot, Integer.parseInt(slot), time);
        }
      }
    }
    System.exit(0);
  }

  private void makeZoo(int models) throws IOException {
    if (store.status(bucket.resolve("models/catalogue.jsonl")).isPresent()) {
      return;
    }
    long start = System.nanoTime();
    long bytes =
        new Zoo(models, 50_000, 100_000_000, 1).publish(store, bucket.resolve("models"), folder);
    print(
        "%d models, %,d bytes, made in %.0f s%n", models, bytes, (System.nanoTime() - start) / 1e9);
  }

  private void run(String name, int slots, String time) throws Exception {
    String id = "%s-%s-%d".formatted(name, time, System.currentTimeMillis());
    Location output = bucket.resolve("fused-" + name);
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "run",
                "--catalogue=" + bucket.resolve("models/catalogue.jsonl"),
                "--output=" + output,
                "--verify=site",
                "--run-id=" + id,
                "--parallelism=" + slots));
    if (time.equals("first")) {
      arguments.add("--force");
    }
    server.properties().forEach((key, value) -> arguments.add("--storage=" + key + "=" + value));
    long start = System.nanoTime();
    try (RunProcess run =
        RunProcess.start(
            folder.resolve("tmp"),
            folder.resolve(id + ".log"),
            "512m",
            S3Server.environment(),
            arguments)) {
      int code = run.waitFor();
      double process = (System.nanoTime() - start) / 1e9;
      print("%s: exit code %d, process %.1f s%n%s", id, code, process, run.printed());
    }
    figures(RunFolder.of(output.resolve("reports"), id), slots);
  }

  private void figures(RunFolder run, int slots) throws IOException {
    List<Double> each = new ArrayList<>();
    for (var part : store.list(run.location().resolve("part-*.avro"))) {
      ReportFiles.read(
          store,
          part.location(),
          report ->
              each.add(report.getTimingsMs().values().stream().mapToDouble(ms -> ms).sum() / 1e3));
    }
    double all = each.stream().mapToDouble(s -> s).sum();
    double longest = each.stream().mapToDouble(s -> s).max().orElse(0);
    double ideal = Math.max(all / slots, longest);
    try (InputStream in = store.open(run.summary())) {
      JsonNode summary = JSON.readTree(in);
      double seconds = summary.get("seconds").asDouble();
      if (all > 0) {
        print(
            "  slots %d: %.1f s from start to end; models' own times %.1f s in all, the longest %.1f s; ideal %.1f s, ratio %.2f%n",
            slots, seconds, all, longest, ideal, seconds / ideal);
      }
      print(
          "  total %s, fused %s, unchanged %s, rejected %s, failed %s%n",
          summary.get("total"),
          summary.get("fused"),
          summary.get("unchanged"),
          summary.get("rejected"),
          summary.get("failed"));
    }
  }

  private static void print(String format, Object... values) {
    System.err.printf(format, values);
  }
}
