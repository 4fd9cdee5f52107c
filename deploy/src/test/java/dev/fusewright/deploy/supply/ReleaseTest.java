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
package dev.fusewright.deploy.supply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.deploy.support.ExternalTool;
import dev.fusewright.deploy.support.ExternalTool.Answer;
import dev.fusewright.deploy.support.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checklist of a release, gone through dry, over our own POMs under a version of a release. */
@UsesProcesses
class ReleaseTest {
  private static final List<String> POMS =
      List.of(
          "pom.xml",
          "deploy/bom/pom.xml",
          "fusion-core/pom.xml",
          "model-io/pom.xml",
          "pipeline/pom.xml",
          "deploy/pom.xml");

  @TempDir private Path tree;

  @BeforeEach
  void a_tree_that_is_ready() throws IOException {
    for (String pom : POMS) {
      write(pom, Project.text(Project.HOME.resolve(pom)).replace("0.1.0-SNAPSHOT", "1.2.3"));
    }
    Files.copy(
        Project.DEPLOY.resolve("release"),
        tree.resolve("deploy/release"),
        StandardCopyOption.COPY_ATTRIBUTES);
    write("CHANGELOG.md", "## [Unreleased]\n\n## [1.2.3] - 2026-12-01\n\n- A line.\n");
    git("init", "-q");
    commit();
  }

  @Test
  void what_is_ready_passes_and_nothing_is_made() {
    Answer answer = release("1.2.3");

    assertThat(answer.out())
        .doesNotContain("FAIL")
        .contains("dry   would run", "there is no release to compare the API with");
    assertThat(answer.code()).isZero();
    assertThat(tree.resolve("deploy/target")).doesNotExist();
  }

  @Test
  void the_api_is_compared_with_the_newest_release_before() {
    for (String tag : List.of("v0.9.0", "v0.10.0", "v1.2.3", "vendored")) {
      git("tag", tag);
    }

    assertThat(release("1.2.3").out()).contains("would compare the API with that of 0.10.0\n");
  }

  @Test
  void a_module_of_another_version_is_named() throws IOException {
    write(
        "pipeline/pom.xml",
        Project.text(tree.resolve("pipeline/pom.xml")).replace("1.2.3", "1.2.2"));
    commit();

    assertThat(release("1.2.3").out()).contains("FAIL  one version", "pipeline/pom.xml has 1.2.2");
  }

  @Test
  void a_snapshot_is_no_release() {
    Answer answer = release("1.2.3-SNAPSHOT");

    assertThat(answer.out()).contains("is not MAJOR.MINOR.PATCH");
    assertThat(answer.code()).isEqualTo(1);
  }

  @Test
  void a_line_that_is_left_unreleased_and_a_changed_file_are_seen() throws IOException {
    write("CHANGELOG.md", "## [Unreleased]\n\n- A line.\n\n## [1.2.3] - 2026-12-01\n");

    assertThat(release("1.2.3").out())
        .contains("FAIL  the tree is clean", "CHANGELOG.md", "1 lines under Unreleased");
  }

  private Answer release(String version) {
    return ExternalTool.onPath("bash")
        .orElseThrow()
        .run(tree, List.of(tree.resolve("deploy/release").toString(), version));
  }

  private void commit() {
    git("add", "-A");
    git("-c", "user.name=x", "-c", "user.email=x@localhost", "commit", "-q", "-m", "x");
  }

  private void git(String... arguments) {
    Answer answer =
        ExternalTool.onPath("git")
            .orElseThrow()
            .run(tree, Map.of("GIT_CONFIG_GLOBAL", "/dev/null"), List.of(arguments));
    assertThat(answer.code()).as(answer.out()).isZero();
  }

  private void write(String file, String text) throws IOException {
    Path target = tree.resolve(file);
    Files.createDirectories(target.getParent());
    Files.writeString(target, text);
  }
}
