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
package dev.fusewright.deploy.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.deploy.support.Project;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the image is made of. {@link LintTest} asks hadolint about the rest. */
class DockerfileTest {
  private static final List<String> INSTRUCTIONS =
      Project.text(Project.DEPLOY.resolve("Dockerfile"))
          .replaceAll("(?m)^#.*\n", "")
          .replace("\\\n", " ")
          .lines()
          .filter(line -> !line.isBlank())
          .map(line -> line.replaceAll("\\s+", " ").strip())
          .toList();

  @Test
  void the_base_is_pinned_by_a_digest_that_the_builder_must_name() {
    assertThat(INSTRUCTIONS)
        .startsWith(
            "ARG FLINK_SERIES",
            "ARG FLINK_DIGEST",
            "FROM flink:${FLINK_SERIES}-java17@${FLINK_DIGEST}");
    assertThat(INSTRUCTIONS).filteredOn(line -> line.startsWith("FROM")).hasSize(1);
  }

  @Test
  void the_builder_asks_for_the_digest_of_the_same_base() {
    assertThat(Project.text(Project.DEPLOY.resolve("container/build")))
        .contains("base=flink:$series-java17\n")
        .contains("dev/fusewright/pipeline/flink/release.properties")
        .contains("FLINK_SERIES=$series")
        .contains("FLINK_DIGEST=$digest")
        .contains("^sha256:[0-9a-f]{64}$");
  }

  @Test
  void its_processes_are_not_those_of_root() {
    assertThat(INSTRUCTIONS).contains("USER 9999:9999");
    assertThat(INSTRUCTIONS.indexOf("USER 9999:9999"))
        .isGreaterThan(INSTRUCTIONS.lastIndexOf("RUN"));
  }

  @Test
  void what_is_copied_can_be_changed_by_nobody() {
    assertThat(INSTRUCTIONS)
        .filteredOn(line -> line.startsWith("COPY"))
        .hasSize(5)
        .allMatch(line -> line.matches("COPY --chmod=0(444|555) .*"));
  }

  @Test
  void the_job_is_where_the_manifest_looks_for_it_and_onnx_runtime_in_flinks_lib() {
    assertThat(Project.text(Project.DEPLOY.resolve("kubernetes/base/deployment.yaml")))
        .contains("jarURI: local:///opt/flink/usrlib/fusewright-job.jar");
    assertThat(INSTRUCTIONS)
        .anyMatch(line -> line.endsWith(" /opt/flink/usrlib/fusewright-job.jar"))
        .anyMatch(line -> line.contains("target/lib/onnxruntime-*.jar /opt/flink/lib/"));
  }

  @Test
  void it_says_whether_it_is_well_and_keeps_the_entry_point_of_its_base() {
    Map<String, Long> count =
        INSTRUCTIONS.stream()
            .collect(Collectors.groupingBy(line -> line.split(" ", 2)[0], Collectors.counting()));

    assertThat(count)
        .containsEntry("HEALTHCHECK", 1L)
        .doesNotContainKeys("ENTRYPOINT", "CMD", "ADD");
  }

  @Test
  void only_what_is_copied_goes_to_the_builder() {
    List<String> allowed =
        Project.lines(Project.DEPLOY.resolve(".dockerignore")).stream()
            .filter(line -> !line.startsWith("#"))
            .toList();

    assertThat(allowed.get(0)).isEqualTo("*");
    assertThat(allowed.stream().skip(1).map(line -> line.substring(1)))
        .allSatisfy(
            file ->
                assertThat(INSTRUCTIONS)
                    .anyMatch(line -> line.startsWith("COPY") && line.contains(" " + file + " ")));
    assertThat(allowed).hasSize(6);
  }

  @Test
  void the_scripts_can_be_executed() {
    for (String script :
        List.of(
            "container/build",
            "container/fusewright",
            "container/healthcheck",
            "kubernetes/base/launch")) {
      Path file = Project.DEPLOY.resolve(script);
      assertThat(Project.text(file)).startsWith("#!/usr/bin/env bash\n");
      assertThat(Files.isRegularFile(file)).isTrue();
    }
  }
}
