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
import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.io.Formats;
import dev.fusewright.pipeline.ExampleModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@UsesFlink
@UsesProcesses
final class FusewrightTest {
  @TempDir Path folder;

  @Test
  void fuse_writes_a_proven_model_and_says_so() throws IOException {
    Path fused = folder.resolve("new/folder/fused.onnx");
    Answer answer = Answer.of("fuse", ExampleModels.model("mlp_bn"), "-o", fused);
    assertThat(answer.err()).isEmpty();
    assertThat(answer.code()).isZero();
    assertThat(answer.out()).contains(": fused", "verdict  EQUIVALENT", "written  " + fused);
    assertThat(fused).isRegularFile();
    try (var siblings = Files.list(fused.getParent())) {
      assertThat(siblings).containsExactly(fused);
    }
  }

  @Test
  void fuse_answers_one_json_object_and_nothing_else() throws IOException {
    Path report = folder.resolve("report.json");
    Answer answer =
        Answer.of(
            "fuse",
            ExampleModels.model("conv1d_net"),
            "-o",
            folder.resolve("f.onnx"),
            "--json",
            "--report",
            report);
    assertThat(answer.code()).as(answer.err()).isZero();
    JsonNode json = answer.json();
    assertThat(json.get("outcome").asText()).isEqualTo("FUSED");
    assertThat(json.at("/equivalence/verdict").asText()).isEqualTo("EQUIVALENT");
    assertThat(json.at("/equivalence/levels/model/verdict").asText()).isEqualTo("EQUIVALENT");
    assertThat(json.at("/equivalence/outputs/0/cosine").asDouble()).isGreaterThan(0.999999);
    assertThat(json.at("/run_id").isNull()).isTrue();
    assertThat(new ObjectMapper().readTree(report.toFile())).isEqualTo(json);
  }

  @Test
  void fuse_in_place_replaces_the_model() throws IOException {
    Path model = Files.copy(ExampleModels.model("mlp_bn"), folder.resolve("model.onnx"));
    Answer answer = Answer.of("fuse", model, "--in-place");
    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(Answer.of("inspect", model, "--json").json().get("outcome").asText())
        .isEqualTo("NOTHING_TO_FUSE");
  }

  @Test
  void fuse_refuses_what_would_destroy_the_original_unproven() throws IOException {
    Path model = Files.copy(ExampleModels.model("mlp_bn"), folder.resolve("model.onnx"));
    Answer unproven = Answer.of("fuse", model, "--in-place", "--verify", "none");
    assertThat(unproven.code()).isEqualTo(1);
    assertThat(unproven.err()).contains("--in-place destroys the original");
    Answer itself = Answer.of("fuse", model, "-o", model);
    assertThat(itself.code()).isEqualTo(1);
    assertThat(itself.err()).contains("use --in-place");
    assertThat(model).hasSameBinaryContentAs(ExampleModels.model("mlp_bn"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"fuse", "inspect"})
  void an_unreadable_model_is_exit_code_3_with_its_place(String command) throws IOException {
    Path model = Files.writeString(folder.resolve("broken.onnx"), "no model at all");
    Answer answer =
        command.equals("fuse")
            ? Answer.of("fuse", model, "-o", folder.resolve("out.onnx"))
            : Answer.of("inspect", model);
    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.err()).startsWith("fusewright: cannot read: " + model).contains("byte ");
    assertThat(answer.out()).isEmpty();
    assertThat(folder.resolve("out.onnx")).doesNotExist();
  }

  @Test
  void a_failure_is_json_too_where_that_is_asked_for() throws IOException {
    Answer answer = Answer.of("inspect", folder.resolve("none.onnx"), "--json");
    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.json().get("outcome").asText()).isEqualTo("FAILED");
    assertThat(answer.json().at("/error/stage").asText()).isEqualTo("fetch");
    assertThat(answer.err()).contains("none.onnx: expected a file, found nothing");
  }

  @Test
  void inspect_lists_sites_and_writes_nothing() throws IOException {
    Answer answer = Answer.of("inspect", ExampleModels.model("resnet18_training"));
    assertThat(answer.code()).isZero();
    assertThat(answer.out()).contains("refuse", "TRAINING_MODE");
    Answer json =
        Answer.of("inspect", ExampleModels.model("resnet18"), "--rules", "torch", "--json");
    assertThat(json.json().get("fusions")).hasSize(20);
    assertThat(json.json().get("rules").asText()).isEqualTo("torch");
  }

  @Test
  void verify_tells_equivalent_different_and_unreadable_apart() throws IOException {
    Path original = ExampleModels.model("mlp_bn");
    Path fused = folder.resolve("fused.onnx");
    Answer.of("fuse", original, "-o", fused, "--verify", "none");

    Answer same = Answer.of("verify", original, fused);
    assertThat(same.code()).as(same.err()).isZero();
    assertThat(same.out()).startsWith("EQUIVALENT: ");
    assertThat(
            Answer.of("verify", original, fused, "--json")
                .json()
                .at("/equivalence/verdict")
                .asText())
        .isEqualTo("EQUIVALENT");

    Answer different = Answer.of("verify", scaled("2.0"), scaled("2.001"));
    assertThat(different.code()).as(different.out() + different.err()).isEqualTo(2);
    assertThat(different.out()).startsWith("DIFFERENT: ");

    Answer missing = Answer.of("verify", original, folder.resolve("none.onnx"));
    assertThat(missing.code()).isEqualTo(3);
    assertThat(missing.err()).contains("none.onnx: expected a file, found nothing");
  }

  private Path scaled(String factor) throws IOException {
    Path file = folder.resolve("times" + factor + ".onnx");
    Formats.onnx()
        .write(
            GraphText.parse(
                """
            <ir_version: 8, opset_import: ["" : 13]>
            g (float[1,3,5,5] x) => (float[1,3,5,5] y) <float factor = {%s}> { y = Mul(x, factor) }
            """
                    .formatted(factor)),
            file);
    return file;
  }

  @Test
  void diff_lists_what_a_fold_took_away() throws IOException {
    Path fused = folder.resolve("fused.onnx");
    Answer.of("fuse", ExampleModels.model("conv1d_net"), "-o", fused, "--verify", "none");
    JsonNode diff = Answer.of("diff", ExampleModels.model("conv1d_net"), fused, "--json").json();
    assertThat(diff.get("same").asBoolean()).isFalse();
    assertThat(diff.at("/nodes/removed")).isNotEmpty();
    assertThat(diff.at("/nodes/removed/0").asText()).startsWith("BatchNormalization ");
    assertThat(Answer.of("diff", fused, fused).out()).contains("the same structure");
    assertThat(Answer.of("diff", fused, folder.resolve("none.onnx")).code()).isEqualTo(3);
  }

  @Test
  void a_catalogue_is_written_from_a_glob() throws IOException {
    Path catalogue = folder.resolve("zoo.jsonl");
    assertThat(Answer.of("catalogue", ExampleModels.folder() + "/*.onnx", "-o", catalogue).code())
        .isZero();
    assertThat(Files.readAllLines(catalogue))
        .hasSize(8)
        .allMatch(line -> line.contains("\"size\""));
    Answer none = Answer.of("catalogue", folder + "/*.onnx");
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.err()).contains("found no file that matches");
  }

  @Test
  void rules_are_listed_with_their_algebra() throws IOException {
    assertThat(Answer.of("rules").out()).contains("conv-batch-norm  (inference, torch)");
    JsonNode rules = Answer.of("rules", "--json").json().get("rules");
    assertThat(rules.findValuesAsText("id")).contains("conv-batch-norm").doesNotHaveDuplicates();
    assertThat(rules.findValuesAsText("algebra")).noneMatch(String::isBlank);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "fues",
        "fuse",
        "fuse a.onnx",
        "fuse a.onnx -o b.onnx --in-place",
        "fuse a.onnx -o b.onnx --verify sometimes",
        "fuse a.onnx -o b.onnx --samples 0",
        "fuse a.onnx -o b.onnx --rules conv-bm",
        "inspect a.onnx --inputs melt",
        "inspect a.onnx --mode train",
        "show a.onnx b.onnx",
        "run",
        "run --catalogue a.jsonl",
        "run --catalogue a.jsonl --output o --storage fs.s3a.secret.key=x",
        "run --catalogue a.jsonl --output o --storage fs.s3a.endpoint=http://me:hunter2@store",
        "run --catalogue a.jsonl --output s3a://me:hunter2@zoo/o",
        "run --catalogue a.jsonl --output o --scratch-budget lots",
        "run --catalogue a.jsonl --output o --scratch-budget 0",
        "fuse s3a://me:hunter2@zoo/a.onnx -o b.onnx"
      })
  void wrong_usage_is_exit_code_1_with_a_hint(String line) {
    Answer answer = Answer.of((Object[]) line.split(" "));
    assertThat(answer.code()).isEqualTo(1);
    assertThat(answer.err()).startsWith("fusewright: ").doesNotContain("Exception", "hunter2");
    assertThat(answer.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "run --help",
        "fuse --help",
        "inspect --help",
        "rules --help",
        "--version"
      })
  void help_goes_to_standard_output(String line) {
    Answer answer = Answer.of((Object[]) line.split(" "));
    assertThat(answer.code()).isZero();
    assertThat(answer.out()).contains("fusewright");
    assertThat(answer.err()).isEmpty();
  }

  @Test
  void a_run_with_broken_entries_is_exit_code_2_and_names_them() {
    Answer answer =
        Answer.of(
            "run",
            "--catalogue",
            ExampleModels.folder().resolve("catalogue-broken.jsonl"),
            "--output",
            folder.resolve("out"),
            "--verify",
            "none",
            "--parallelism=2");
    assertThat(answer.code()).as(answer.err()).isEqualTo(2);
    assertThat(answer.out()).contains("10 models in ", "6 fused", "2 failed");
    assertThat(answer.err()).contains("fusewright: truncated: FAILED at read: ", "byte ");
  }

  @Test
  void a_run_that_goes_well_is_exit_code_0() {
    Answer answer =
        Answer.of(
            "run",
            "--catalogue",
            ExampleModels.folder() + "/{mlp_bn,nothing_to_fuse}.onnx",
            "--output",
            folder.resolve("out"),
            "--reports",
            folder.resolve("elsewhere"),
            "--no-copy");
    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(folder.resolve("out/mlp_bn.onnx")).exists();
    assertThat(folder.resolve("out/nothing_to_fuse.onnx")).doesNotExist();
    assertThat(folder.resolve("out/reports")).doesNotExist();
    assertThat(folder.resolve("elsewhere/latest.json")).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--paralelism=2", "--runner=NoSuchRunner", "stray"})
  void an_option_that_nobody_knows_is_exit_code_1(String option) {
    Answer answer =
        Answer.of(
            "run",
            "--catalogue",
            ExampleModels.folder().resolve("catalogue.jsonl"),
            "--output",
            folder.resolve("out"),
            option);
    assertThat(answer.code()).as(answer.err()).isEqualTo(1);
    assertThat(answer.err()).startsWith("fusewright: ");
    assertThat(folder.resolve("out")).doesNotExist();
  }
}
