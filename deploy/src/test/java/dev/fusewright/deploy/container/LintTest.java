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

import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.deploy.support.ExternalTool;
import dev.fusewright.deploy.support.ExternalTool.Answer;
import dev.fusewright.deploy.support.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the linters of others say about our files, and that they would say it. */
@UsesProcesses
class LintTest {
  @Test
  void hadolint_has_nothing_to_say_about_the_dockerfile() {
    Answer answer = hadolint(Project.DEPLOY.resolve("Dockerfile"));

    assertThat(answer.code()).as(answer.out()).isZero();
  }

  @Test
  void hadolint_would_say_that_a_base_is_not_pinned(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("Dockerfile"), "FROM flink:latest\nUSER root\n");

    assertThat(hadolint(file).out()).contains("DL3007");
  }

  @Test
  void shellcheck_has_nothing_to_say_about_any_script() {
    Answer answer =
        ExternalTool.linter("shellcheck").run(Project.HOME, scripts().map(Path::toString).toList());

    assertThat(answer.code()).as(answer.out()).isZero();
    assertThat(scripts()).hasSizeGreaterThan(5);
  }

  @Test
  void yamllint_has_nothing_to_say_about_any_manifest() {
    Answer answer =
        yamllint(Project.HOME.resolve("deploy/kubernetes"), Project.HOME.resolve("src"));

    assertThat(answer.code()).as(answer.out()).isZero();
  }

  @Test
  void yamllint_would_say_that_a_key_stands_twice(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("x.yaml"), "a: 1\na: 2\n");

    assertThat(yamllint(file).out()).contains("duplication of key");
  }

  private static Answer hadolint(Path file) {
    return ExternalTool.linter("hadolint")
        .run(Project.HOME, List.of("--failure-threshold", "info", file.toString()));
  }

  private static Answer yamllint(Path... files) {
    List<String> arguments = new ArrayList<>(List.of("--strict", "-c", "src/config/yamllint.yaml"));
    Stream.of(files).map(Path::toString).forEach(arguments::add);
    return ExternalTool.linter("yamllint").run(Project.HOME, arguments);
  }

  /** Everything of ours that begins as a script of bash does. */
  private static Stream<Path> scripts() {
    return Stream.concat(
            Stream.of(Project.HOME.resolve("fusewright"), Project.DEPLOY.resolve("release")),
            Stream.of(
                    ".ci",
                    "src",
                    "deploy/container",
                    "deploy/kubernetes",
                    "deploy/python",
                    "deploy/site")
                .map(Project.HOME::resolve)
                .flatMap(folder -> Project.filesUnder(folder).stream())
                .filter(LintTest::isScript))
        .sorted();
  }

  private static boolean isScript(Path file) {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(64), java.nio.charset.StandardCharsets.ISO_8859_1)
          .startsWith("#!/usr/bin/env bash\n");
    } catch (IOException e) {
      throw new AssertionError(file.toString(), e);
    }
  }
}
