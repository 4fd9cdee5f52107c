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
package dev.fusewright.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.deploy.support.ExternalTool;
import dev.fusewright.deploy.support.Project;
import dev.fusewright.deploy.support.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the tests check is what Kustomize makes of our files. */
class KustomizationTest {
  @UsesProcesses
  @ParameterizedTest
  @ValueSource(
      strings = {
        "base",
        "monitoring",
        "components/pod-identity",
        "overlays/another-zoo",
        "overlays/aws",
        "overlays/minio"
      })
  void the_tests_render_what_kubectl_renders(String folder) {
    Optional<ExternalTool> kubectl = ExternalTool.onPath("kubectl");
    Assumptions.assumeTrue(kubectl.isPresent(), "no kubectl on PATH to compare with");
    Path kustomization = Project.DEPLOY.resolve("kubernetes").resolve(folder);

    ExternalTool.Answer answer =
        kubectl.get().run(kustomization, List.of("kustomize", kustomization.toString()));

    assertThat(answer.code()).as(answer.out()).isZero();
    assertThat(Kustomization.render(kustomization))
        .map(JsonNode.class::cast)
        .containsExactlyInAnyOrderElementsOf(Yaml.documents(answer.out()));
  }

  @Test
  void what_the_tests_cannot_render_is_refused_by_name(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("kustomization.yaml"), "namePrefix: my-\n");

    assertThatThrownBy(() -> Kustomization.render(folder)).hasMessageContaining("namePrefix");
  }

  @Test
  void a_key_that_stands_twice_is_refused(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("kustomization.yaml"), "namespace: a\nnamespace: b\n");

    assertThatThrownBy(() -> Kustomization.render(folder)).hasMessageContaining("namespace");
  }
}
