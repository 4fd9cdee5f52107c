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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.deploy.support.ExternalTool;
import dev.fusewright.deploy.support.Project;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher's class path and the job jar are made of, and what is known of it. */
class SupplyChainIT {
  private static final Path LIB = Path.of(System.getProperty("fusewright.lib"));
  private static final Path ADVISORIES = Project.HOME.resolve("src/config/advisories.tsv");
  private static final String OURS = "dev.fusewright";

  /** Whose libraries tests are written with. */
  private static final List<String> FOR_TESTS =
      List.of(
          "org.junit",
          "org.hamcrest",
          "org.assertj",
          "net.jqwik",
          "com.code-intelligence",
          "com.tngtech.archunit",
          "org.openjdk.jmh",
          "tools.profiler",
          "org.gaul",
          "io.fabric8",
          "org.apiguardian",
          "org.opentest4j");

  @Test
  void no_version_with_a_known_flaw_is_without_a_judgement() throws IOException {
    List<Component> components = new ArrayList<>();
    for (Map.Entry<String, Component> jar : jars().entrySet()) {
      components.add(jar.getValue());
      components.addAll(ClassPath.hidden(LIB.resolve(jar.getKey()), jar.getValue().artifact()));
    }
    assertThat(new Advisories(Advisory.parse(Project.lines(ADVISORIES))).problems(components))
        .as("see src/config/advisories.tsv")
        .isEmpty();
  }

  @Test
  void libraries_hidden_in_other_jars_are_seen() throws IOException {
    assertThat(
            jars().entrySet().stream()
                .flatMap(
                    jar ->
                        ClassPath.hidden(LIB.resolve(jar.getKey()), jar.getValue().artifact())
                            .stream())
                .map(component -> component.carrier() + " > " + component.artifact()))
        .contains(
            "org.apache.hadoop:hadoop-client-runtime > org.eclipse.jetty:jetty-util",
            "org.apache.flink:flink-shaded-netty > io.netty:netty-all");
  }

  @Test
  void the_bill_of_materials_names_each_jar_of_the_class_path_and_nothing_else()
      throws IOException {
    assertThat(jars().keySet())
        .containsExactlyElementsOf(
            Project.filesUnder(LIB).stream()
                .map(file -> file.getFileName().toString())
                .filter(name -> !name.startsWith("fusewright-"))
                .toList());
  }

  @Test
  void no_library_of_tests_is_on_the_class_path_or_in_the_job_jar() throws IOException {
    assertThat(jars().values())
        .noneMatch(
            component ->
                FOR_TESTS.stream().anyMatch(group -> component.artifact().startsWith(group)));
    try (JarFile job = new JarFile(System.getProperty("fusewright.job"))) {
      assertThat(job.stream())
          .noneMatch(
              entry ->
                  entry
                      .getName()
                      .matches(
                          "(org/(junit|hamcrest|assertj|openjdk/jmh)|net/jqwik|one/profiler|com/code_intelligence|com/tngtech)/.*"));
    }
  }

  @Test
  void each_library_brings_its_licence_or_has_a_line_that_says_it(@TempDir Path folder) {
    ExternalTool.Answer answer =
        ExternalTool.onPath("python3")
            .orElseThrow()
            .run(
                folder,
                List.of(
                    Project.DEPLOY.resolve("distribution/build").toString(),
                    "--version=0",
                    "--time=2026-01-01T00:00:00Z",
                    "--lib=" + LIB,
                    "--output=" + folder.resolve("out"),
                    "--only-licences"));

    assertThat(answer.code()).as(answer.out()).isZero();
  }

  @Test
  void the_bill_of_materials_says_nothing_that_differs_from_build_to_build() throws IOException {
    JsonNode bom = bom();
    assertThat(bom.path("bomFormat").asText()).isEqualTo("CycloneDX");
    assertThat(bom.has("serialNumber")).isFalse();
    assertThat(bom.path("metadata").path("component").path("name").asText())
        .isEqualTo("fusewright-deploy");
  }

  /** Other people's jars by their file's name, as the bill of materials has them. */
  private static Map<String, Component> jars() throws IOException {
    return bom()
        .path("components")
        .valueStream()
        .filter(component -> !component.path("group").asText().equals(OURS))
        .collect(
            Collectors.toMap(
                component ->
                    "%s-%s.jar"
                        .formatted(
                            component.path("name").asText(), component.path("version").asText()),
                component ->
                    new Component(
                        component.path("group").asText() + ":" + component.path("name").asText(),
                        component.path("version").asText(),
                        /* carrier= */ null),
                (one, other) -> one,
                TreeMap::new));
  }

  private static JsonNode bom() throws IOException {
    return new ObjectMapper().readTree(Path.of(System.getProperty("fusewright.sbom")).toFile());
  }
}
