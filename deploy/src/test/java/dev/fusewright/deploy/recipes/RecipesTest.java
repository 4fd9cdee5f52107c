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
package dev.fusewright.deploy.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.deploy.support.CommandLines;
import dev.fusewright.deploy.support.ExternalTool;
import dev.fusewright.deploy.support.ExternalTool.Answer;
import dev.fusewright.deploy.support.Project;
import dev.fusewright.deploy.support.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How other schedulers start a run. */
@UsesProcesses
@UsesPython
class RecipesTest {
  private static final Path RECIPES = Project.DEPLOY.resolve("recipes");
  private static final Path RESOURCES =
      Path.of("src/test/resources/recipes").toAbsolutePath().normalize();

  @TempDir private Path folder;

  @Test
  void argo_knows_every_field_of_the_workflow() {
    Answer answer = argo(RECIPES.resolve("argo.yaml"));

    assertThat(answer.code()).as(answer.out()).isZero();
  }

  @Test
  void a_field_that_argo_does_not_know_would_be_noticed() throws IOException {
    ObjectNode workflow = workflow();
    workflow.withObject("/spec/workflowSpec").put("entripoint", "run");
    Path file = Files.writeString(folder.resolve("argo.yaml"), workflow.toString());

    assertThat(argo(file).out()).contains(".spec.workflowSpec.entripoint");
  }

  @Test
  void the_workflow_runs_one_at_a_time_with_an_end_and_its_arguments_are_ours() {
    ObjectNode workflow = workflow();
    JsonNode container = workflow.at("/spec/workflowSpec/templates/0/container");
    List<String> arguments = new ArrayList<>();
    container.path("args").forEach(argument -> arguments.add(argument.asText()));

    assertThat(workflow.at("/spec/concurrencyPolicy").asText()).isEqualTo("Forbid");
    assertThat(workflow.at("/spec/workflowSpec/activeDeadlineSeconds").asInt()).isPositive();
    assertThatCode(() -> CommandLines.check(arguments)).doesNotThrowAnyException();
    assertThat(Project.text(Project.DEPLOY.resolve("Dockerfile")))
        .contains("/usr/local/bin/" + container.at("/command/0").asText() + "\n");
  }

  @Test
  void the_arguments_of_airflow_are_ours() {
    List<String> arguments = airflowCommand();

    assertThat(arguments.get(0)).isEqualTo("fusewright");
    assertThatCode(() -> CommandLines.check(arguments.subList(1, arguments.size())))
        .doesNotThrowAnyException();
  }

  @Test
  void an_option_that_nobody_has_would_be_noticed() {
    assertThatThrownBy(
            () ->
                CommandLines.check(List.of("run", "--catalogue=a", "--output=b", "--paralelism=2")))
        .hasMessageContaining("paralelism");
    assertThatThrownBy(() -> CommandLines.check(List.of("run", "--catalog=a", "--output=b")))
        .hasMessageContaining("--catalogue");
  }

  @ParameterizedTest
  @CsvSource({"0, ''", "1, AirflowFailException", "2, AirflowFailException", "3, AirflowException"})
  void airflow_tries_again_only_what_may_go_better(int code, String failure) throws IOException {
    Path program = folder.resolve("fusewright");
    Files.writeString(program, "#!/bin/sh\necho \"$1\" >&2\nexit " + code + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));

    Answer answer =
        ExternalTool.linter("python")
            .run(
                folder,
                Map.of(
                    "PYTHONPATH",
                    RESOURCES.toString(),
                    "PYTHONDONTWRITEBYTECODE",
                    "1",
                    "PATH",
                    folder + ":" + System.getenv("PATH")),
                List.of(RECIPES.resolve("airflow_dag.py").toString()));

    assertThat(answer.out()).contains("dag fusewright 0 2 * * * False 1");
    assertThat(answer.code()).isEqualTo(code == 0 ? 0 : 1);
    assertThat(answer.out())
        .contains(failure.isEmpty() ? "" : "airflow.exceptions." + failure + ": exit code " + code);
  }

  private static Answer argo(Path file) {
    return ExternalTool.linter("python")
        .run(Project.HOME, List.of(RESOURCES.resolve("argo.py").toString(), file.toString()));
  }

  private static ObjectNode workflow() {
    return Yaml.document(Project.text(RECIPES.resolve("argo.yaml")));
  }

  private static List<String> airflowCommand() {
    String python = Project.text(RECIPES.resolve("airflow_dag.py"));
    String list = python.substring(python.indexOf("COMMAND = ["), python.indexOf("\n]"));
    return Pattern.compile("\"([^\"]*)\"")
        .matcher(list)
        .results()
        .map((MatchResult match) -> match.group(1))
        .toList();
  }
}
