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
package dev.fusewright.pipeline.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.testing.UsesServers;
import dev.fusewright.io.servers.S3Server;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.testing.FileTexts;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs a whole process that has credentials in its environment, against a server that asks for
 * them, and searches everything that it leaves.
 */
@UsesFlink
@UsesProcesses
@UsesServers
final class SecretsTest {
  @TempDir Path folder;

  @Test
  void no_secret_is_in_any_output_of_a_run() throws Exception {
    Path buckets = Files.createDirectories(folder.resolve("buckets"));
    try (S3Server server = S3Server.start(buckets).withBucket("zoo").withBucket("fused")) {
      S3Server.provideCredentials();
      Store store = Stores.of(StorageConfiguration.of(server.properties()));
      store.publish(ExampleModels.model("conv1d_net"), Location.of("s3a://zoo/a.onnx"));
      store.publish("no model".getBytes(ISO_8859_1), Location.of("s3a://zoo/broken.onnx"));

      // Two entries, one of which fails; 2 is the exit code of that.
      int exit = fusewright(server, "run");
      assertThat(exit).as(log("run")).isEqualTo(2);
      assertThat(buckets.resolve("fused/models/a.onnx")).as(log("run")).exists();
    }
    Map<String, String> everything = FileTexts.below(folder);
    assertThat(everything.keySet())
        .anyMatch(name -> name.endsWith("summary.json"))
        .anyMatch(name -> name.endsWith(".avro"))
        .anyMatch(name -> name.endsWith("run.stderr"));
    assertThat(everything.entrySet())
        .as("the search finds what is there, also in reports, which are compressed")
        .anyMatch(
            file ->
                file.getKey().endsWith(".avro")
                    && file.getValue().contains("s3a://zoo/broken.onnx"));
    everything.forEach(
        (name, content) ->
            assertThat(content)
                .as(name)
                .doesNotContain(S3Server.SECRET)
                .doesNotContain(S3Server.IDENTITY));
  }

  private String log(String command) throws IOException {
    return Files.readString(folder.resolve(command + ".stderr"));
  }

  private int fusewright(S3Server server, String command) throws Exception {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // What Flink needs of the JDK.
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-"))
        .forEach(line::add);
    line.addAll(
        List.of(
            "-Xmx512m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Djava.io.tmpdir=" + temporary,
            "-cp",
            System.getProperty("java.class.path"),
            Fusewright.class.getName(),
            command,
            "--verbose",
            "--catalogue",
            "s3a://zoo/*.onnx",
            "--output",
            "s3a://fused/models",
            "--verify",
            "site",
            "--scratch",
            folder.resolve("scratch").toString()));
    server
        .properties()
        .forEach((key, value) -> line.addAll(List.of("--storage", key + "=" + value)));
    ProcessBuilder process = new ProcessBuilder(line);
    process.environment().putAll(S3Server.environment());
    process.redirectOutput(folder.resolve(command + ".stdout").toFile());
    process.redirectError(folder.resolve(command + ".stderr").toFile());
    return process.start().waitFor();
  }
}
