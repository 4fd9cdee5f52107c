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
package dev.fusewright.deploy.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.deploy.support.ExternalTool;
import dev.fusewright.deploy.support.ExternalTool.Answer;
import dev.fusewright.deploy.support.Project;
import dev.fusewright.io.storage.Staging;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image that is made without a daemon: unpacked as a container would be, and started. */
@Tag("distribution")
final class ImageIT {
  private static final long MEGABYTE = 1_000_000;

  /** What a container has of its host. The folders are new, and the mounts go with the process. */
  private static final String CONTAINER =
      """
      mkdir -p "$0/proc" "$0/dev" "$0/tmp" "$0/models"
      mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && mount --bind "$1" "$0/models"
      exec env -i $3 /usr/sbin/chroot --userspec="$2" "$0" /opt/fusewright/bin/fusewright fuse /models/mlp_bn.onnx -o /home/fusewright/x.onnx
      """;

  @TempDir private Path folder;

  @Test
  void it_is_one_layout_whose_command_fuses_a_model() throws Exception {
    assumeThat(ExternalTool.onPath("mmdebstrap")).as("mmdebstrap is on PATH").isPresent();
    assumeThat(System.getProperty("user.name")).as("root").isEqualTo("root");
    Path image = folder.resolve("image.tar");
    run("python3", Project.DEPLOY.resolve("container/oci").toString(), lite(), image.toString());
    Path layout = Files.createDirectories(folder.resolve("layout"));
    run("tar", "-xf", image.toString(), "-C", layout.toString());
    JsonNode manifest = blob(layout, json(layout.resolve("index.json")).at("/manifests/0"));
    JsonNode configuration = blob(layout, manifest.path("config")).path("config");
    Path root = Files.createDirectories(folder.resolve("root"));
    for (JsonNode layer : manifest.path("layers")) {
      run(
          "tar",
          "-xzf",
          blobFile(layout, layer).toString(),
          "-C",
          root.toString(),
          "--exclude=./dev/*");
    }
    assertThat(configuration.path("Entrypoint").path(0).asText())
        .isEqualTo("/opt/fusewright/bin/fusewright");
    assertThat(configuration.path("User").asText()).isEqualTo("65532:65532");
    assertThat(Files.size(image)).isLessThan(250 * MEGABYTE);
    List<String> environment = new ArrayList<>();
    configuration.path("Env").forEach(variable -> environment.add(variable.asText()));

    String said =
        run(
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "sh",
            "-c",
            CONTAINER,
            root.toString(),
            Project.HOME.resolve("src/models").toString(),
            configuration.path("User").asText(),
            String.join(" ", environment));

    assertThat(said).contains("EQUIVALENT: certificate, sites and whole model");
  }

  private static String lite() throws IOException {
    try (Stream<Path> made = Files.list(Path.of(System.getProperty("fusewright.dist")))) {
      return made.filter(Files::isDirectory)
          .map(Path::toString)
          .filter(name -> name.contains("fusewright-lite-"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  private static JsonNode blob(Path layout, JsonNode descriptor) throws IOException {
    return json(blobFile(layout, descriptor));
  }

  /** A file of the layout, with the digest and the size that its descriptor says. */
  private static Path blobFile(Path layout, JsonNode descriptor) throws IOException {
    String digest = descriptor.path("digest").asText().replaceFirst("^sha256:", "");
    Path file = layout.resolve("blobs/sha256").resolve(digest);
    assertThat(Staging.sha256(file)).isEqualTo(digest);
    assertThat(Files.size(file)).isEqualTo(descriptor.path("size").asLong());
    return file;
  }

  private String run(String program, String... arguments) {
    Answer answer =
        ExternalTool.onPath(program)
            .orElseThrow()
            .run(
                folder,
                Map.of("PATH", System.getenv("PATH") + ":/usr/sbin:/sbin"),
                List.of(arguments));
    assertThat(answer.code()).as("%s: %s", program, answer.out()).isZero();
    return answer.out();
  }
}
