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
package dev.fusewright.deploy.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.deploy.support.Project;
import dev.fusewright.pipeline.flink.FlinkRelease;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.junit.jupiter.api.Test;

/** Flink's release is set in the parent POM; the few files that must name it again agree. */
class FlinkReleaseTest {
  /** {@code Flink 1.2}, {@code flink:1.2-java17}, {@code flinkVersion: v1_2}. */
  private static final Pattern MENTION =
      Pattern.compile("(?i)flink(?:version)?[-: ]{1,3}v?(\\d+[._]\\d+)");

  @Test
  void the_classes_that_are_tested_with_are_of_that_release() {
    assertThat(EnvironmentInformation.getVersion()).isEqualTo(FlinkRelease.version());
    assertThat(FlinkRelease.version()).startsWith(FlinkRelease.series() + ".");
  }

  @Test
  void only_a_manifest_and_one_page_name_it_again_and_rightly() {
    Map<String, List<String>> mentions = new TreeMap<>();
    texts()
        .forEach(
            file -> {
              List<String> found = mentions(Project.text(file));
              if (!found.isEmpty()) {
                mentions.put(Project.HOME.relativize(file).toString(), found);
              }
            });

    assertThat(mentions)
        .isEqualTo(
            Map.of(
                "deploy/kubernetes/base/deployment.yaml", List.of(FlinkRelease.series()),
                "src/docs/clusters.md", List.of(FlinkRelease.series())));
  }

  @Test
  void every_way_to_write_a_release_is_seen() {
    assertThat(mentions("FROM flink:9.8-java17; Flink 9.8.3, flinkVersion: v9_8; beam-flink-9.8"))
        .containsExactly("9.8", "9.8", "9.8", "9.8");
    assertThat(mentions("flink: one of 9.8")).isEmpty();
  }

  private static List<String> mentions(String text) {
    return MENTION.matcher(text).results().map(match -> match.group(1).replace('_', '.')).toList();
  }

  /** What a person writes, tests apart: they make up releases that are refused. */
  private static Stream<Path> texts() {
    return Stream.of(
            "README.md",
            "fusewright",
            "pom.xml",
            ".ci",
            "src/config",
            "src/docs",
            "deploy/pom.xml",
            "deploy/Dockerfile",
            "deploy/container",
            "deploy/kubernetes",
            "deploy/recipes",
            "deploy/src/main",
            "pipeline/pom.xml",
            "pipeline/src/main")
        .map(Project.HOME::resolve)
        .flatMap(
            path -> Files.isDirectory(path) ? Project.filesUnder(path).stream() : Stream.of(path));
  }
}
