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

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.settings.NearestName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a terminal says: of slips of the pen, of a model, and for shells. */
final class UsageTest {
  private static final Path MODEL = ExampleModels.model("mlp_bn");

  @TempDir Path folder;

  private Answer fuse(Object... more) {
    Object[] words = new Object[more.length + 4];
    words[0] = "fuse";
    words[1] = MODEL;
    words[2] = "-o";
    words[3] = folder.resolve("out.onnx");
    System.arraycopy(more, 0, words, 4, more.length);
    return Answer.of(words);
  }

  private static void assertUsage(Answer answer, String... parts) {
    assertThat(answer.code()).as(answer.err()).isEqualTo(ExitCode.USAGE);
    assertThat(answer.err()).contains(parts);
  }

  @Test
  void an_address_where_a_local_file_is_expected_is_refused_and_its_secret_is_not_repeated() {
    String secret = "s3a://me:hunter2@zoo/file";
    List<Answer> answers =
        List.of(
            fuse("--modules", secret), Answer.of("verify", MODEL, MODEL, "--certificates", secret));
    for (Answer answer : answers) {
      assertUsage(answer, "before an '@'");
      assertThat(answer.err() + answer.out()).doesNotContain("hunter2");
    }
    assertUsage(fuse("--modules", "s3a://zoo/list"), "--modules s3a://zoo/list: no list");
    assertUsage(
        Answer.of("verify", MODEL, MODEL, "--certificates", "s3a://zoo/report"),
        "--certificates s3a://zoo/report: expected a report on this machine");
  }

  @Test
  void a_recipe_rule_or_list_that_is_wrong_on_the_command_line_is_wrong_usage() {
    assertUsage(fuse("--modules", "recipe:resnt"), "no recipe 'resnt'", "Did you mean 'resnet'?");
    assertUsage(fuse("--rules", "conv-batch-nrm"), "Did you mean 'conv-batch-norm'?");
    assertUsage(fuse("--modules", "[[\"a\",]"), "--modules", "line 1, column 8");
    assertUsage(fuse("--outptu", "x"), "--output");
    Path net = ExampleModels.model("conv1d_net");
    assertUsage(Answer.of("show", net, "--around", "/conv1/Conf"), "Did you mean '/conv1/Conv'?");
    assertUsage(
        Answer.of("inspect", net, "--explain", "/conv1/Conf"), "Did you mean '/conv1/Conv'?");
  }

  @Test
  void an_option_that_is_missing_may_be_one_that_was_misspelt() {
    assertUsage(
        Answer.of("run", "--catalog", "zoo.jsonl", "--output", folder),
        "Missing required option: '--catalogue=URI'",
        "For --catalog, did you mean --catalogue?");
    assertThat(Answer.of("run", "--runner=FlinkRunner", "--output", folder).err())
        .contains("Missing required option")
        .doesNotContain("did you mean");
  }

  @Test
  void a_name_that_nothing_is_near_to_has_no_suggestion() {
    assertThat(NearestName.of("yolo", List.of("resnet", "densenet"))).isEmpty();
    assertThat(NearestName.of("resnets", List.of("resnet", "densenet"))).contains("resnet");
  }

  @Test
  void a_pattern_that_the_shell_replaced_is_recognised() {
    Path other = ExampleModels.model("conv1d_net");

    assertUsage(Answer.of("catalogue", MODEL, other), "1 more", "put the pattern in quotes");
    assertUsage(
        Answer.of("run", "--catalogue", MODEL, other, "--output", folder),
        "put the pattern in quotes");
    assertThat(Answer.of("catalogue", MODEL, "--nothing").err()).doesNotContain("quotes");
    assertUsage(
        Answer.of("fuse", MODEL, other, "-o", folder.resolve("x.onnx")),
        "fuse takes no more files, found 1",
        "fusewright run --catalogue '*.onnx'");
  }

  @Test
  void streams_are_refused_in_words() {
    assertUsage(Answer.of("fuse", MODEL, "-o", "-"), "'-' is no place for a model");
    assertUsage(Answer.of("fuse", "-", "-o", folder.resolve("x.onnx")), "'-' is no place");
    assertUsage(Answer.of("inspect", "-"), "'-' is no place");
    assertUsage(Answer.of("diff", "-", MODEL), "'-' is no place");
    assertUsage(Answer.of("verify", MODEL, "-"), "'-' is no place");
  }

  @Test
  void a_name_that_this_locale_cannot_say_is_refused_in_words() {
    assertUsage(Answer.of("inspect", "z\ufffd.onnx"), "U+FFFD", "LC_ALL=C.UTF-8");
    assertUsage(Answer.of("run", "--catalogue", "z\ufffd/*.onnx", "--output", folder), "U+FFFD");
  }

  @Test
  void an_extension_of_another_format_is_refused_unless_it_is_forced() {
    Path other = folder.resolve("out.safetensors");

    assertUsage(
        Answer.of("fuse", MODEL, "-o", other), "expected an extension of an ONNX model (onnx)");
    assertThat(other).doesNotExist();
    assertThat(Answer.of("fuse", MODEL, "-o", other, "--force", "--verify", "site").code())
        .isZero();
    assertThat(
            Answer.of("fuse", MODEL, "-o", folder.resolve("no-extension"), "--verify", "site")
                .code())
        .isZero();
  }

  @Test
  void what_is_not_checked_says_so_with_operators_sizes_and_the_time() {
    Answer answer = fuse("--verify", "none");

    assertThat(answer.code()).isZero();
    assertThat(answer.out())
        .contains("  verdict  NOT_CHECKED: --verify none")
        .containsPattern("(?m)^ +2 → +0  -2  BatchNormalization$")
        .containsPattern("(?m)^  computes [\\d,]+ multiply-adds$")
        .containsPattern("(?m)^  size     .* → .*    elapsed \\d+\\.\\d s$");
  }

  @Test
  void inputs_and_outputs_are_told_with_type_and_shape_by_both_commands() throws IOException {
    for (Answer answer : List.of(fuse("--verify", "none"), Answer.of("inspect", MODEL))) {
      assertThat(answer.out())
          .containsPattern("(?m)^  input    \\S+  float\\[\\w+,\\d+\\]$")
          .containsPattern("(?m)^  output   \\S+  float\\[\\w+,\\d+\\]$")
          .containsPattern("(?m)^  size     .*    elapsed \\d+\\.\\d s$");
    }
    for (Answer answer :
        List.of(fuse("--verify", "none", "--json"), Answer.of("inspect", MODEL, "--json"))) {
      assertThat(answer.json().at("/inputs/0/name").asText()).isNotEmpty();
      assertThat(answer.json().at("/inputs/0/type").asText()).isEqualTo("float");
      assertThat(answer.json().at("/inputs/0/shape")).hasSize(2);
      assertThat(answer.json().at("/outputs")).hasSize(1);
      assertThat(answer.json().at("/before/multiply_adds").isNumber()).isTrue();
      assertThat(answer.json().at("/timings_ms")).isNotEmpty();
    }
  }

  @Test
  void many_models_are_inspected_and_the_worst_of_them_is_the_exit_code() {
    Path none = folder.resolve("none.onnx");
    Answer answer = Answer.of("inspect", MODEL, none, ExampleModels.model("conv1d_net"));

    assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(answer.out()).contains("mlp_bn.onnx: onnx", "conv1d_net.onnx: onnx");
    assertThat(answer.err()).contains("none.onnx");
  }

  @Test
  void the_program_alone_prints_its_help() {
    Answer answer = Answer.of();

    assertThat(answer.code()).isZero();
    assertThat(answer.out()).startsWith("Usage: fusewright").contains("Begin with:");
  }

  @Test
  void the_version_tells_what_the_program_runs_on() {
    assertThat(Answer.of("--version").out().lines())
        .anyMatch(line -> line.matches("fusewright \\d.*"))
        .anyMatch(line -> line.matches("build +[0-9a-f]{16}"))
        .anyMatch(line -> line.matches("Java +17\\..*"))
        .anyMatch(line -> line.matches("ONNX Runtime +\\d.*"))
        .anyMatch(line -> line.matches("Beam +\\d.*"))
        .anyMatch(line -> line.matches("Flink +\\d.*"));
  }

  @Test
  void shells_complete_every_command_and_option() {
    String bash = Answer.of("completion", "bash").out();
    String fish = Answer.of("completion", "fish").out();

    Fusewright.commandLine()
        .getSubcommands()
        .forEach(
            (name, command) -> {
              assertThat(bash).contains(name);
              assertThat(fish).contains("-f -a " + name + " -d ");
              command
                  .getCommandSpec()
                  .options()
                  .forEach(
                      option -> {
                        assertThat(bash).contains(option.longestName());
                        assertThat(fish).contains(" -l " + option.longestName().substring(2));
                      });
            });
    assertThat(fish).contains("-l progress -r -f -a 'auto plain none'");
    assertThat(bash).contains("\"auto\" \"plain\" \"none\"");
    assertUsage(Answer.of("completion", "csh"), "expected bash, zsh or fish");
  }

  @Test
  void failures_of_one_cause_are_said_once_with_a_count() throws IOException {
    JsonNode problems =
        new ObjectMapper()
            .readTree(
                """
                [{"id": "a", "outcome": "FAILED", "stage": "fetch", "message": "/zoo/a.onnx: no such file"},
                 {"id": "b/c", "outcome": "FAILED", "stage": "fetch", "message": "/zoo/b/c.onnx: no such file"},
                 {"id": "d", "outcome": "FAILED", "stage": "read", "message": "/zoo/d.onnx: no such file"},
                 {"id": "e", "outcome": "FAILED", "stage": "fetch", "message": "/zoo/e.onnx: access denied"}]
                """);

    assertThat(ProblemGroups.of(problems))
        .extracting(ProblemGroups.Group::sentence)
        .containsExactly(
            "2 entries: FAILED at fetch: /zoo/a.onnx: no such file (a, b/c)",
            "d: FAILED at read: /zoo/d.onnx: no such file",
            "e: FAILED at fetch: /zoo/e.onnx: access denied");
  }
}
