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

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.io.servers.S3Server;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.testing.FileTexts;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster whose processes have credentials in their environment, and all that is seen of it. */
final class SecretsIT {
  /** As plainly in view as the credentials would be if they were given in the same way. */
  private static final String OPTION_OF_THE_JVM = "seen-that-is-no-secret-71f0c93b";

  @TempDir Path folder;
  private ClusterHome home;
  private Path buckets;
  private Path seen;

  @BeforeEach
  void prepare() throws IOException {
    home = new ClusterHome(folder.resolve("cluster"));
    buckets = Files.createDirectory(folder.resolve("buckets"));
    seen = Files.createDirectory(folder.resolve("seen"));
  }

  @AfterEach
  void stop() throws Exception {
    new LocalCluster(home).stop();
  }

  @Test
  void no_secret_is_in_what_flink_shows_nor_in_any_file_of_cluster_and_run() throws Exception {
    try (S3Server server = S3Server.start(buckets).withBucket("zoo").withBucket("fused")) {
      upload(server);
      assertThat(fusewright("start", "cluster", "start", "--dir=" + home.folder())).isZero();
      // One of the models is none; 2 is the exit code of that.
      assertThat(fusewright("run", run(server))).as(log("run.err")).isEqualTo(2);
      FlinkPages.of(master()).forEach((path, page) -> keep("page" + path, page));
    }
    // Nothing comes or goes any more; all that lay on the disk still lies there.
    state().processes().forEach(ManagedProcess::kill);

    Zoo zoo = new Zoo(buckets.resolve("fused"), 3);
    assertThat(zoo.outcomes("models"))
        .isEqualTo(
            Map.of("broken", Outcome.FAILED, "conv1d_net", Outcome.FUSED, "mlp_bn", Outcome.FUSED));
    String job = "fusewright-" + zoo.summary("models").path("run_id").asText();
    Map<String, List<String>> found =
        search("s3a://zoo/broken.onnx", job, OPTION_OF_THE_JVM, S3Server.SECRET, S3Server.IDENTITY);

    assertThat(found.get("s3a://zoo/broken.onnx"))
        .as("reports are read, compressed as they are")
        .anyMatch(file -> file.endsWith(".avro"));
    assertThat(found.get(job))
        .as("pages of the job")
        .filteredOn(file -> file.matches("seen/page_jobs_[0-9a-f]{32}(|_config|_plan)"))
        .hasSize(3);
    assertThat(found.get(OPTION_OF_THE_JVM))
        .as("options of the JVM are in logs and pages")
        .contains(
            "cluster/logs/jobmanager.log",
            "cluster/logs/taskmanager-1.log",
            "cluster/logs/taskmanager-2.log",
            "seen/page_jobmanager_environment",
            "seen/page_jobmanager_logs_jobmanager.log",
            "seen/page_taskmanagers_taskmanager-1_log",
            "seen/page_taskmanagers_taskmanager-2_logs_taskmanager-2.log",
            "seen/run.err");
    assertThat(found.get(S3Server.SECRET)).isEmpty();
    assertThat(found.get(S3Server.IDENTITY)).isEmpty();
  }

  private static void upload(S3Server server) throws IOException {
    S3Server.provideCredentials();
    Store store = Stores.of(StorageConfiguration.of(server.properties()));
    for (String name : List.of("conv1d_net", "mlp_bn")) {
      Path model = Path.of(System.getProperty("fusewright.home"), "src", "models", name + ".onnx");
      store.publish(Files.readAllBytes(model), Location.of("s3a://zoo/" + name + ".onnx"));
    }
    store.publish("no model".getBytes(UTF_8), Location.of("s3a://zoo/broken.onnx"));
  }

  private String[] run(S3Server server) throws IOException {
    List<String> run =
        new ArrayList<>(
            List.of(
                "run",
                "--verbose",
                "--catalogue=s3a://zoo/*.onnx",
                "--output=s3a://fused/models",
                "--flinkMaster=" + master()));
    server.properties().forEach((key, value) -> run.add("--storage=" + key + "=" + value));
    return run.toArray(String[]::new);
  }

  private ClusterState state() throws IOException {
    return ClusterState.read(home.state()).orElseThrow();
  }

  private String master() throws IOException {
    return state().master();
  }

  /** Runs a command that has the credentials, as all that it starts, and keeps what it says. */
  private int fusewright(String name, String... arguments) throws IOException {
    Map<String, String> environment = new HashMap<>(S3Server.environment());
    environment.put("JAVA_TOOL_OPTIONS", "-Ddev.fusewright.test=" + OPTION_OF_THE_JVM);
    Path scratch = Files.createDirectories(folder.resolve("scratch"));
    CommandLineProcess.Ended ended =
        CommandLineProcess.run(scratch, environment, List.of(arguments));
    keep(name + ".out", ended.out());
    keep(name + ".err", ended.err());
    return ended.code();
  }

  private void keep(String name, String text) {
    try {
      Files.writeString(seen.resolve(name.replace('/', '_')), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String log(String name) throws IOException {
    return Files.readString(seen.resolve(name));
  }

  /** In which files each text is. In jars, which are compressed, it would not be found. */
  private Map<String, List<String>> search(String... texts) throws IOException {
    Map<String, List<String>> found = new HashMap<>();
    List.of(texts).forEach(text -> found.put(text, new ArrayList<>()));
    FileTexts.below(folder)
        .forEach(
            (file, content) ->
                found.forEach(
                    (text, in) -> {
                      if (content.contains(text)) {
                        in.add(file);
                      }
                    }));
    return found;
  }
}
