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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.deploy.support.ExternalTool;
import dev.fusewright.deploy.support.Project;
import dev.fusewright.deploy.support.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The launcher's script, with a kubectl that plays what a cluster would answer. */
@UsesProcesses
class LaunchTest {
  private static final String RUNNING = "RUNNING|STABLE|READY|";
  private static final String FINISHED = "FINISHED|STABLE|READY|";

  @TempDir private Path play;
  private boolean patches;

  @BeforeEach
  void nothing_is_left_from_earlier() throws IOException {
    Files.createDirectories(play.resolve("bin"));
    Files.copy(
        Path.of("src/test/resources/kubernetes/kubectl"),
        play.resolve("bin/kubectl"),
        StandardCopyOption.COPY_ATTRIBUTES);
    Files.writeString(play.resolve("leftovers"), "");
    Files.createDirectories(play.resolve("tmp"));
    configuration("overlays/minio");
    states(RUNNING, FINISHED);
    log("fusewright: ended with exit code 0");
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "2", "3"})
  void the_pod_ends_with_the_exit_code_of_the_run(int code) {
    states("||DEPLOYING|", RUNNING, FINISHED);
    log("fusewright: ended with exit code " + code);

    assertThat(launch().code()).isEqualTo(code);
  }

  @Test
  void a_run_that_does_not_say_how_it_ended_did_not_end_well() {
    log("nothing of the kind");

    assertThat(launch().code()).isEqualTo(3);
  }

  @Test
  void a_job_that_failed_is_exit_code_3() {
    states(RUNNING, "FAILED|FAILED|READY|");
    log("nothing of the kind");

    assertThat(launch().code()).isEqualTo(3);
  }

  @Test
  void a_run_with_wrong_options_ends_its_job_manager_again_and_again_and_is_exit_code_1() {
    states("|DEPLOYED|DEPLOYING|", "|DEPLOYED|ERROR|back-off restarting failed container");
    log("fusewright: unknown option --catalog\nfusewright: ended with exit code 1");

    assertThat(launch().code()).isEqualTo(1);
  }

  @Test
  void an_operator_that_gives_up_is_not_waited_for() {
    states("|FAILED|ERROR|back-off pulling image");
    log("");

    ExternalTool.Answer answer = launch();

    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.out()).contains("back-off pulling image");
  }

  @Test
  void a_few_answers_that_do_not_come_are_waited_for() {
    states("!", "!", RUNNING, "!", FINISHED);

    assertThat(launch().code()).isZero();
  }

  @Test
  void a_cluster_that_never_answers_is_given_up() {
    states("!");

    ExternalTool.Answer answer = launch();

    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.out()).contains("given up");
  }

  @Test
  void status_events_and_log_are_archived_before_the_deployment_is_deleted() throws IOException {
    launch();

    String name = archived().get(0);
    assertThat(play.resolve("archive").resolve(name))
        .isDirectoryContaining("glob:**/deployment.yaml")
        .isDirectoryContaining("glob:**/events.txt")
        .isDirectoryContaining("glob:**/jobmanager-1.log");
    List<String> asked = Project.lines(play.resolve("asked"));
    assertThat(asked.get(asked.size() - 1)).startsWith("delete flinkdeployment " + name);
    assertThat(name).matches("fusewright-\\d{8}-\\d{6}-[0-9a-f]{4}").hasSizeLessThanOrEqualTo(45);
  }

  @Test
  void a_failed_run_is_archived_and_deleted_too() {
    states("FAILED|FAILED|READY|");

    launch();

    assertThat(archived()).hasSize(1);
    assertThat(Project.text(play.resolve("asked"))).contains("delete flinkdeployment");
  }

  @Test
  void the_archive_keeps_the_newest_runs() throws IOException {
    for (int day = 10; day < 20; day++) {
      Files.createDirectories(
          play.resolve("archive/fusewright-202501%d-020000-abcd".formatted(day)));
    }
    Files.createDirectories(play.resolve("archive/lost+found"));

    launch();

    assertThat(archived())
        .hasSize(3)
        .contains("fusewright-20250119-020000-abcd", "fusewright-20250118-020000-abcd");
    assertThat(play.resolve("archive/lost+found")).exists();
  }

  @Test
  void what_an_earlier_launcher_left_behind_is_ended_first() throws IOException {
    Files.writeString(
        play.resolve("leftovers"),
        "flinkdeployment.flink.apache.org/fusewright-20260101-020000-0001\n");

    launch();

    String asked = Project.text(play.resolve("asked"));
    assertThat(asked.indexOf("delete flinkdeployment fusewright-20260101-020000-0001"))
        .isPositive()
        .isLessThan(asked.indexOf("create -f"));
  }

  @ParameterizedTest
  @CsvSource({"0", "2"})
  void a_complete_run_is_believed_though_the_operator_never_says_so(int code) {
    states(RUNNING, "RECONCILING|DEPLOYED|READY|");
    log("fusewright: ended with exit code " + code);

    ExternalTool.Answer answer = launch();

    assertThat(answer.code()).isEqualTo(code);
    assertThat(answer.out()).contains("the run says that it is complete");
  }

  @ParameterizedTest
  @CsvSource({"1", "3"})
  void a_run_that_was_not_complete_may_be_tried_again_by_flink_and_is_waited_for(int code) {
    states("RECONCILING|DEPLOYED|READY|", RUNNING, "FAILED|FAILED|READY|");
    log("fusewright: ended with exit code " + code);

    ExternalTool.Answer answer = launch();

    assertThat(answer.code()).isEqualTo(code);
    assertThat(answer.out()).contains("given up").doesNotContain("complete");
  }

  @Test
  void two_zoos_in_one_namespace_do_not_end_each_other() throws IOException {
    Files.createDirectories(play.resolve("archive/imaging-ct-20250101-020000-abcd"));
    for (int day = 10; day < 20; day++) {
      Files.createDirectories(play.resolve("archive/imaging-202501%d-020000-abcd".formatted(day)));
      Files.createDirectories(
          play.resolve("archive/fusewright-202501%d-020000-abcd".formatted(day)));
    }

    launch(Map.of("ZOO", "imaging"));

    assertThat(asked())
        .contains(
            "get flinkdeployment -l"
                + " app.kubernetes.io/part-of=fusewright,app.kubernetes.io/instance=imaging ")
        .contains("delete flinkdeployment imaging-")
        .contains("\"app.kubernetes.io/instance\": \"imaging\"")
        .doesNotContain("delete flinkdeployment fusewright-");
    assertThat(play.resolve("archive/imaging-ct-20250101-020000-abcd")).exists();
    assertThat(archived()).hasSize(10);
  }

  @Test
  void told_to_stop_it_archives_and_deletes() throws Exception {
    states(RUNNING);
    log("nothing yet");
    Process process = start().start();
    try {
      process.getOutputStream().close();
      // Its first question about the status comes after the trap was set.
      while (process.isAlive() && !asked().contains("jsonpath")) {
        Thread.sleep(20);
      }

      process.destroy();

      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).isEqualTo(3);
      assertThat(archived()).hasSize(1);
      assertThat(asked()).contains("delete flinkdeployment");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  @ParameterizedTest
  @CsvSource({"base", "overlays/aws", "overlays/minio"})
  void it_creates_what_the_other_tests_check(String overlay) {
    withRealPatches();
    configuration(overlay);

    ExternalTool.Answer answer = launch();

    assertThat(answer.code()).as(answer.out()).isZero();
    ObjectNode created = Yaml.document(Project.text(play.resolve("created.yaml")));
    JsonNode owner = created.at("/metadata/ownerReferences/0");
    assertThat(owner.path("kind").asText()).isEqualTo("Pod");
    assertThat(owner.path("uid").asText()).isEqualTo("1-2-3");
    assertThat(OperatorSchema.faults(created)).isEmpty();
    created.withObject("/metadata").put("name", "fusewright").remove("ownerReferences");
    assertThat(created).isEqualTo(RunManifest.of(overlay).deployment());
  }

  @Test
  void an_argument_may_hold_quotes_and_backslashes() throws IOException {
    withRealPatches();
    Files.writeString(
        play.resolve("run/options"),
        "# a comment\n\n--modules=[[\"a\\\\b\", \"c\"]]\n  # indented\n--x=$y");

    launch();

    assertThat(Yaml.document(Project.text(play.resolve("created.yaml"))).at("/spec/job/args"))
        .map(JsonNode::asText)
        .containsExactly(
            "run", "--run-id=" + RunManifest.RUN_ID, "--modules=[[\"a\\\\b\", \"c\"]]", "--x=$y");
  }

  /** Patches are laid over files by the real kubectl, which needs no cluster for it. */
  private void withRealPatches() {
    Assumptions.assumeTrue(
        ExternalTool.onPath("kubectl").isPresent(),
        "no kubectl on PATH that lays patches over files");
    patches = true;
  }

  private ExternalTool.Answer launch() {
    return launch(Map.of());
  }

  private ExternalTool.Answer launch(Map<String, String> more) {
    Map<String, String> environment = environment();
    environment.putAll(more);
    return ExternalTool.onPath("bash")
        .orElseThrow()
        .run(play, environment, List.of(script().toString()));
  }

  private ProcessBuilder start() {
    ProcessBuilder builder =
        new ProcessBuilder("bash", script().toString())
            .directory(play.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().putAll(environment());
    return builder;
  }

  private static Path script() {
    return Project.DEPLOY.resolve("kubernetes/base/launch");
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("PATH", play.resolve("bin") + ":" + System.getenv("PATH"));
    if (patches) {
      environment.put("REAL_KUBECTL", ExternalTool.onPath("kubectl").orElseThrow().toString());
    }
    environment.put("PLAY", play.toString());
    environment.put("TMPDIR", play.resolve("tmp").toString());
    environment.put("CONFIGURATION", play.resolve("run").toString());
    environment.put("ARCHIVE", play.resolve("archive").toString());
    environment.put("INTERVAL", "0");
    environment.put("KEEP", "3");
    environment.put("NAMESPACE", "fusewright");
    environment.put("POD_NAME", "launcher-1");
    environment.put("POD_UID", "1-2-3");
    environment.put("JOB_NAME", "fusewright-29000000");
    environment.put("JOB_UID", "01234567-89ab-cdef-0123-456789abcdef");
    return environment;
  }

  private void configuration(String overlay) {
    JsonNode data =
        RunManifest.data(
            Kustomization.render(Project.DEPLOY.resolve("kubernetes").resolve(overlay)));
    data.properties()
        .forEach(
            file -> write(play.resolve("run").resolve(file.getKey()), file.getValue().asText()));
  }

  private void states(String... states) {
    write(play.resolve("states"), String.join("\n", states) + "\n");
  }

  private void log(String line) {
    write(play.resolve("log"), "first\n" + line + "\nlast\n");
  }

  private String asked() {
    Path asked = play.resolve("asked");
    return Files.exists(asked) ? Project.text(asked) : "";
  }

  private List<String> archived() {
    try (var folders = Files.list(play.resolve("archive"))) {
      return folders
          .map(folder -> folder.getFileName().toString())
          .filter(name -> name.startsWith("fusewright-"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
