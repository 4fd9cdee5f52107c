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
import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.text.Printable;
import dev.fusewright.io.Formats;
import dev.fusewright.pipeline.ExampleModels;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged and hostile inputs, of which each once did harm ({@code index.tsv} beside them says what
 * is right): each is refused where it stands, by name, and what is beside it goes on.
 *
 * <p>{@code loop-infinite.onnx} is with the models whose originals cannot be run.
 */
@UsesFlink
@UsesProcesses
final class HostileCasesTest {
  private static final Path CASES = cases();

  @TempDir Path folder;

  private static Path cases() {
    try {
      return Path.of(
          Objects.requireNonNull(HostileCasesTest.class.getResource("/cases/hostile")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path placed(String name) throws IOException {
    return Files.copy(CASES.resolve(name), folder.resolve(name));
  }

  private Answer fuse(String name, Object... further) {
    Path input = CASES.resolve(name);
    Object[] arguments =
        Stream.concat(
                Stream.of("fuse", input, "-o", folder.resolve("fused"), "--json"),
                Stream.of(further))
            .toArray();
    return withoutDefect(Answer.of(arguments));
  }

  private static Answer withoutDefect(Answer answer) {
    assertThat(answer.err() + answer.out())
        .doesNotContain("DEFECT", "defect of fusewright", "\tat ");
    return answer;
  }

  private Answer catalogue(String command, String name) throws IOException {
    Files.copy(ExampleModels.model("mlp_bn"), folder.resolve("m.onnx"));
    Path catalogue = placed("catalogue-" + name + ".jsonl");
    return withoutDefect(
        Answer.of(
            command,
            "--catalogue",
            catalogue,
            "--output",
            folder.resolve("out"),
            "--verify=site",
            "--fetch-timeout=20"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "deep,            'catalogue-deep.jsonl, line 1: expected a JSON object'",
    "long-number,     'catalogue-long-number.jsonl, line 1: expected a JSON object'",
    "file-and-folder, 'line 1 (''a.onnx'') would be published at a.onnx, which is the folder of what line 2'"
  })
  void a_catalogue_without_any_right_line_starts_nothing(String name, String says)
      throws IOException {
    Answer answer = catalogue("run", name);
    assertThat(answer.code()).isEqualTo(ExitCode.USAGE);
    assertThat(answer.err()).contains(says);
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "dev-zero,  0, '/dev/zero: expected a regular file'",
    "long-uri,  3, 'line 4: uri'",
    "s3a-empty, 3, 'line 4: a location of the scheme s3a names no bucket'"
  })
  void a_bad_line_costs_that_line(String name, int fused, String says) throws IOException {
    Answer answer = catalogue("run", name);
    assertThat(answer.code()).as(answer.err()).isEqualTo(ExitCode.REJECTED);
    assertThat(answer.err() + answer.out())
        .contains(
            says,
            "%d fused, 0 with nothing to fuse, 0 unchanged, 0 rejected, 1 failed".formatted(fused));
  }

  @Test
  void external_data_in_a_pipe_is_refused_at_once() throws Exception {
    Path model = placed("external-data-fifo.onnx");
    assertThat(new ProcessBuilder("mkfifo", folder.resolve("fifo").toString()).start().waitFor())
        .isZero();
    Answer answer = Answer.of("fuse", model, "-o", folder.resolve("fused.onnx"));
    assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(answer.err()).contains("initializer 'W'", "found a device, a pipe or a socket");
  }

  @Test
  void the_default_of_a_function_does_not_leave_the_models_folder() {
    Answer answer = fuse("function-default-external-dotdot.onnx");
    assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(answer.err()).contains("expected external data inside the model's folder");
  }

  @Test
  void dilations_for_one_axis_of_two_are_refused_at_their_site_and_the_rest_is_fused()
      throws IOException {
    Answer answer = fuse("inputshapes-dilations-short.onnx");
    JsonNode report = answer.json();
    assertThat(report.at("/refusals").toString()).contains("1 number in dilations, expected 2");
    assertThat(report.at("/dropped")).isEmpty();
    assertThat(report.at("/fusions")).isNotEmpty();
    assertThat(report.at("/equivalence/levels/site/verdict").asText()).isEqualTo("EQUIVALENT");
    // No runner takes the original, so that nobody says whether it is a model at all.
    assertThat(answer.code()).isEqualTo(ExitCode.REJECTED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rev_convbn.onnx", "sitecheck-npe.onnx"})
  void nodes_out_of_order_are_fused_and_proven(String name) throws IOException {
    Answer answer = fuse(name);
    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.json().at("/equivalence/verdict").asText()).isEqualTo("EQUIVALENT");
    assertThat(answer.json().at("/fusions")).hasSize(1);
  }

  @Test
  void a_scalar_before_a_norm_is_refused() throws IOException {
    Answer answer = fuse("layout-batch-norm-rank0.onnx");
    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.json().at("/outcome").asText()).isEqualTo("NOTHING_TO_FUSE");
    assertThat(answer.json().at("/refusals")).isNotEmpty();
  }

  @Test
  void escapes_in_names_are_printed_as_text() {
    Path model = CASES.resolve("names-escape.onnx");
    for (List<Object> command :
        List.<List<Object>>of(
            List.of("inspect", model),
            List.of("show", model),
            List.of("fuse", model, "-o", folder.resolve("fused.onnx")))) {
      Answer answer = Answer.of(command.toArray());
      assertThat(answer.code()).isZero();
      assertThat((answer.out() + answer.err()).codePoints().filter(c -> c != '\n'))
          .allMatch(Printable::isPlain);
    }
  }

  @Test
  void a_tensor_rebuilt_with_seven_arguments_stays_in_the_state_dict() throws IOException {
    Answer answer = fuse("rebuild-7-args.pth", "--modules", "[[\"0.0\",\"0.1\"]]");
    assertThat(answer.code()).as(answer.err()).isZero();
    try (var before = Formats.openStates(CASES.resolve("rebuild-7-args.pth"));
        var after = Formats.openStates(folder.resolve("fused"))) {
      List<String> expected =
          Stream.concat(
                  Stream.of("0.0.weight", "0.0.bias"),
                  before.states().get(0).state().tensors().keySet().stream()
                      .filter(it -> !it.matches("0\\.[01]\\..*")))
              .toList();
      assertThat(after.states().get(0).state().tensors().keySet())
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void an_empty_list_of_certificates_proves_nothing() {
    Answer answer =
        Answer.of(
            "verify",
            ExampleModels.model("mlp_bn"),
            CASES.resolve("rev_convbn.onnx"),
            "--certificates",
            CASES.resolve("verify-certificates-no-fusions.json"));
    assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(answer.out() + answer.err()).doesNotContain("EQUIVALENT").contains("/source/sha256");
  }

  @Test
  void a_receipt_and_a_part_whose_blocks_say_2_GB_are_named_and_the_run_goes_on()
      throws IOException {
    Path models = Files.createDirectory(folder.resolve("zoo"));
    for (String name : List.of("mlp_bn", "nothing_to_fuse")) {
      Files.copy(ExampleModels.model(name), models.resolve(name + ".onnx"));
    }
    Path out = folder.resolve("out");
    Object[] run =
        List.<Object>of("run", "--catalogue", models + "/*.onnx", "--output", out, "--verify=site")
            .toArray();
    assertThat(Answer.of(run).code()).isZero();
    Path part;
    try (Stream<Path> files = Files.walk(out)) {
      part =
          files
              .filter(file -> file.getFileName().toString().startsWith("part-"))
              .findFirst()
              .orElseThrow();
    }
    try (Stream<Path> batches = Files.list(out.resolve("reports/receipts/new"))) {
      for (Path batch : batches.toList()) {
        replace(batch, "receipt-block-2GB.avro");
      }
    }
    Files.createDirectory(out.resolve("reports/ledger"));
    replace(out.resolve("reports/ledger/mlp_bn.avro"), "receipt-block-2GB.avro");
    replace(part, "report-part-block-2GB.avro");

    Answer report = Answer.of("report", out.resolve("reports"), "-o", folder.resolve("audit"));
    assertThat(report.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(report.err()).contains(part.getFileName() + ", byte 12266", "2147483639 bytes");
    Answer again = withoutDefect(Answer.of(run));
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.out() + again.err())
        .contains("1 fused, 1 with nothing to fuse, 0 unchanged, 0 rejected, 0 failed");
  }

  private static void replace(Path file, String by) throws IOException {
    Files.copy(CASES.resolve(by), file, StandardCopyOption.REPLACE_EXISTING);
  }
}
