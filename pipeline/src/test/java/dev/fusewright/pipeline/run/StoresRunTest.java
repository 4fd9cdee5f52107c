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
package dev.fusewright.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.core.testing.UsesServers;
import dev.fusewright.io.servers.FaultyNetwork;
import dev.fusewright.io.servers.HdfsCluster;
import dev.fusewright.io.servers.ImpatientS3;
import dev.fusewright.io.servers.S3Server;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs against real stores. */
@UsesFlink
@UsesServers
final class StoresRunTest {
  private static final Settings UNPROVEN =
      Settings.NONE.with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE);
  private static final List<String> MODELS =
      List.of("conv1d_net", "conv3d_net", "mlp_bn", "nothing_to_fuse", "resnet18");
  private static final int COPIES = 3;
  private static final Location CATALOGUE = Location.of("s3a://zoo/catalogue.jsonl");

  @TempDir Path folder;
  @TempDir Path hdfsFolder;
  private S3Server server;
  private StorageConfiguration calm;
  private Store store;

  @BeforeEach
  void fillTheZoo() throws IOException {
    S3Server.provideCredentials();
    server = S3Server.start(folder).withBucket("zoo").withBucket("fused");
    calm = StorageConfiguration.of(server.properties());
    store = Stores.of(calm);
    for (String model : MODELS) {
      store.publish(ExampleModels.model(model), CATALOGUE.parent().resolve(model + ".onnx"));
    }
    String lines =
        IntStream.range(0, COPIES)
            .boxed()
            .flatMap(
                copy ->
                    MODELS.stream()
                        .map(m -> "{\"id\":\"%d/%s\",\"uri\":\"%s.onnx\"}%n".formatted(copy, m, m)))
            .collect(Collectors.joining());
    publish(lines + "{\"id\":\"missing\",\"uri\":\"missing.onnx\"}\n", CATALOGUE);
  }

  @AfterEach
  void stop() throws IOException {
    ImpatientS3.forget();
    server.close();
  }

  private void publish(String text, Location location) throws IOException {
    store.publish(text.getBytes(StandardCharsets.UTF_8), location);
  }

  private static FuseRun.Ended run(StorageConfiguration storage, String output, String reports)
      throws Exception {
    return new FuseRun(
            CATALOGUE,
            Location.of(output),
            Location.of(reports),
            UNPROVEN,
            storage,
            RunChoices.USUAL,
            null,
            TestRuns.submitter("--parallelism=2"))
        .execute(begun -> {});
  }

  private Map<String, FusionReport> reports(FuseRun.Ended ended) throws IOException {
    Map<String, FusionReport> reports = new TreeMap<>();
    for (StoredFile part : store.list(ended.folder().resolve("part-*.avro"))) {
      ReportFiles.read(store, part.location(), report -> reports.put(report.getId(), report));
    }
    return reports;
  }

  private Map<String, String> digests(Location root) throws IOException {
    Map<String, String> digests = new TreeMap<>();
    for (StoredFile file : store.list(root.resolve("**/*.onnx"))) {
      digests.put(
          file.location().path().substring(root.path().length() + 1), digest(file.location()));
    }
    return digests;
  }

  private String digest(Location file) throws IOException {
    try (InputStream in = store.open(file)) {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(in.readAllBytes()));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void with_a_tenth_of_all_requests_failing_everything_ends_and_is_the_same_to_the_byte()
      throws Exception {
    run(calm, "s3a://fused/calm", "s3a://fused/calm-reports");
    Map<String, String> expected = digests(Location.of("s3a://fused/calm"));
    assertThat(expected).hasSize(MODELS.size() * COPIES);

    FuseRun.Ended ended;
    Location output = Location.of("s3a://fused/faulty");
    try (FaultyNetwork network =
            FaultyNetwork.before(
                server.endpoint(), FaultyNetwork.Plan.tenPercent(1, ImpatientS3.SILENCE_MS));
        Onlooker onlooker = new Onlooker(output, Set.copyOf(expected.values()))) {
      ended =
          run(
              ImpatientS3.configuration(network.endpoint()),
              output.toString(),
              "s3a://fused/faulty-reports");
      Map<String, FusionReport> reports = reports(ended);
      Map<Outcome, Long> outcomes =
          reports.values().stream()
              .collect(Collectors.groupingBy(FusionReport::getOutcome, Collectors.counting()));
      System.out.printf(
          "%d of %d requests failed: %s; outcomes %s; the onlooker saw %d objects%n",
          network.faults(), network.requests(), network.injected(), outcomes, onlooker.seen());

      assertThat(network.faults()).isGreaterThan(10);
      assertThat(reports).hasSize(MODELS.size() * COPIES + 1);
      assertThat(reports.get("missing").getOutcome()).isEqualTo(Outcome.FAILED);
      assertThat(reports.get("missing").getError().getRetryable()).isFalse();
      reports.remove("missing");
      Map<String, String> published = digests(output);
      reports.forEach(
          (id, report) -> {
            if (report.getOutcome() == Outcome.FAILED) {
              assertThat(report.getError().getRetryable())
                  .as(report.getError().toString())
                  .isTrue();
              assertThat(published).doesNotContainKey(id + ".onnx");
            } else {
              assertThat(published).containsEntry(id + ".onnx", expected.get(id + ".onnx"));
            }
          });
      assertThat(onlooker.complaint()).isNull();
    }
    assertThat(store.list(ended.folder().resolve("quarantine/**"))).isNotEmpty();
  }

  @Test
  void models_come_from_s3_and_go_to_hdfs_and_their_reports_to_a_local_folder() throws Exception {
    Path reports = folder.resolve("reports");
    try (HdfsCluster cluster = HdfsCluster.start(hdfsFolder)) {
      Location output = Location.of("hdfs://" + cluster.authority() + "/fused");
      FuseRun.Ended ended = run(calm, output.toString(), reports.toString());

      assertThat(ended.summary().get("fused").asInt())
          .as(ended.summary().toString())
          .isEqualTo((MODELS.size() - 1) * COPIES);
      assertThat(ended.summary().get("nothing_to_fuse").asInt()).isEqualTo(COPIES);
      assertThat(ended.summary().get("failed").asInt()).isOne();
      assertThat(digests(output)).hasSize(MODELS.size() * COPIES);
      assertThat(reports.resolve("run=" + ended.id()).resolve("_SUCCESS")).exists();
      assertThat(store.list(output.resolve("**/.*"))).as("temporary files").isEmpty();
    }
  }

  @Test
  void a_second_night_takes_fewer_requests_than_there_are_models() throws Exception {
    int models = 120;
    byte[] model = java.nio.file.Files.readAllBytes(ExampleModels.model("mlp_bn"));
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < models; i++) {
      store.publish(model, Location.of("s3a://zoo/many/m%d.onnx".formatted(i)));
      lines.append("{\"id\":\"m%d\",\"uri\":\"many/m%d.onnx\"}%n".formatted(i, i));
    }
    publish(lines.toString(), CATALOGUE);
    run(calm, "s3a://fused/nights", "s3a://fused/nights/reports");

    FaultyNetwork.Plan none = new FaultyNetwork.Plan(0, 1, List.of(), 0);
    try (FaultyNetwork network = FaultyNetwork.before(server.endpoint(), none)) {
      StorageConfiguration counted =
          StorageConfiguration.of(S3Server.properties(network.endpoint()));
      FuseRun.Ended second = run(counted, "s3a://fused/nights", "s3a://fused/nights/reports");
      System.out.printf("%d requests for %d unchanged models%n", network.requests(), models);
      assertThat(second.summary().get("unchanged").asInt()).isEqualTo(models);
      assertThat(network.requests()).isLessThan(models);
    }
    try (FaultyNetwork network =
        FaultyNetwork.before(
            server.endpoint(), FaultyNetwork.Plan.tenPercent(2, ImpatientS3.SILENCE_MS))) {
      FuseRun.Ended third =
          run(
              ImpatientS3.configuration(network.endpoint()),
              "s3a://fused/nights",
              "s3a://fused/nights/reports");
      assertThat(network.faults()).isPositive();
      assertThat(third.summary().get("unchanged").asInt()).isEqualTo(models);
    }
  }

  /** Lists and opens all the time; whatever it sees is one of the finished models. */
  private final class Onlooker implements AutoCloseable {
    private final Location output;
    private final Set<String> finished;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final Thread thread = new Thread(this::look, "onlooker");
    private volatile boolean stopped;
    private volatile Throwable complaint;

    Onlooker(Location output, Set<String> finished) {
      this.output = output;
      this.finished = finished;
      thread.start();
    }

    private void look() {
      try {
        while (!stopped) {
          for (Map.Entry<String, String> file : digests(output).entrySet()) {
            assertThat(finished).as(file.getKey()).contains(file.getValue());
            seen.add(file.getKey());
          }
        }
      } catch (Throwable e) {
        complaint = e;
      }
    }

    int seen() {
      return seen.size();
    }

    Throwable complaint() throws InterruptedException {
      close();
      return complaint;
    }

    @Override
    public void close() throws InterruptedException {
      stopped = true;
      thread.join();
    }
  }
}
