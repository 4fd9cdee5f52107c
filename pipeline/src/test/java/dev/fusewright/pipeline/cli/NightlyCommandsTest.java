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
import dev.fusewright.pipeline.ExampleModels;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a scheduled job uses: {@code plan}, {@code run} again and again, {@code retry}. */
@UsesFlink
final class NightlyCommandsTest {
  private static final String NORMS = "/cases/torch/c35_missing_plain.t2.pth";

  @TempDir Path folder;

  @BeforeEach
  void a_zoo() throws IOException {
    for (String model : List.of("mlp_bn", "conv1d_net", "nothing_to_fuse")) {
      Files.copy(ExampleModels.model(model), model(model));
    }
    Files.write(
        folder.resolve("zoo.jsonl"),
        List.of(
            "{\"id\": \"mlp_bn\", \"uri\": \"mlp_bn.onnx\"}",
            "{\"id\": \"conv1d_net\", \"uri\": \"conv1d_net.onnx\"}",
            "{\"id\": \"nothing_to_fuse\", \"uri\": \"nothing_to_fuse.onnx\"}"));
  }

  private Path model(String name) {
    return folder.resolve(name + ".onnx");
  }

  private Answer run(Object... more) {
    return drive("run", more);
  }

  private Answer plan(Object... more) {
    return drive("plan", more);
  }

  private Answer drive(String command, Object... more) {
    Object[] arguments = new Object[5 + more.length];
    arguments[0] = command;
    arguments[1] = "--catalogue=" + folder.resolve("zoo.jsonl");
    arguments[2] = "--output=" + folder.resolve("out");
    arguments[3] = "--verify=none";
    arguments[4] = "--quiet";
    System.arraycopy(more, 0, arguments, 5, more.length);
    return Answer.of(arguments);
  }

  private Map<String, String> reasons(Object... more) throws IOException {
    Object[] arguments = java.util.Arrays.copyOf(more, more.length + 1);
    arguments[more.length] = "--json";
    JsonNode plan = new ObjectMapper().readTree(plan(arguments).out());
    Map<String, String> reasons = new TreeMap<>();
    plan.get("entries")
        .forEach(entry -> reasons.put(entry.get("id").asText(), entry.get("reason").asText()));
    return reasons;
  }

  @Test
  void plan_says_what_the_run_then_does() throws IOException {
    Answer before = plan();
    assertThat(before.code()).as(before.err()).isZero();
    assertThat(before.out())
        .containsPattern("fuse +new +[\\d,]+  mlp_bn")
        .contains("3 entries: 3 to fuse");
    assertThat(folder.resolve("out")).doesNotExist();

    assertThat(run().code()).isZero();
    Files.copy(
        ExampleModels.model("resnet18"), model("mlp_bn"), StandardCopyOption.REPLACE_EXISTING);
    Files.delete(folder.resolve("out/conv1d_net.onnx"));
    assertThat(reasons())
        .containsEntry("mlp_bn", "source_changed")
        .containsEntry("conv1d_net", "output_missing")
        // It was made a moment ago, and then only its content can tell; see FileStates.GRANULARITY.
        .hasEntrySatisfying(
            "nothing_to_fuse", reason -> assertThat(reason).isIn("unchanged", "source_touched"));
    assertThat(reasons("--rules=torch")).containsEntry("nothing_to_fuse", "configuration_changed");
    assertThat(reasons("--force")).containsEntry("nothing_to_fuse", "forced");

    Answer again = run();
    assertThat(again.out()).contains("2 fused, 0 with nothing to fuse, 1 unchanged");
    Files.write(folder.resolve("out/mlp_bn.onnx"), new byte[1]);
    assertThat(reasons()).containsEntry("mlp_bn", "output_changed");
  }

  @Test
  void checkpoints_of_which_no_list_names_the_norms_are_counted_on_the_terminal()
      throws IOException {
    Path norms = folder.resolve("norms.pth");
    try (InputStream content = NightlyCommandsTest.class.getResourceAsStream(NORMS)) {
      Files.copy(Objects.requireNonNull(content), norms);
    }
    String named = "{\"id\": \"%s\", \"uri\": \"norms.pth\"%s}";
    String list = ", \"fuse\": \"[[\\\"conv1\\\", \\\"bn1\\\"]]\"";
    Files.write(
        folder.resolve("zoo.jsonl"),
        List.of(named.formatted("listed", list), named.formatted("unnamed", "")));

    assertThat(run().out())
        .contains("1 fused, 1 with nothing to fuse", "; 1 unnamed: no list names their BatchNorms");
  }

  @Test
  void plan_names_what_would_fail() throws IOException {
    Files.delete(model("mlp_bn"));
    Answer plan = plan();
    assertThat(plan.code()).isEqualTo(2);
    assertThat(plan.out())
        .containsPattern("fail +source_missing +-  mlp_bn")
        .contains(model("mlp_bn") + ": expected a model, found nothing", "1 would fail");
  }

  @Test
  void a_connector_that_throws_costs_the_plan_that_entry() throws IOException {
    Path catalogue = folder.resolve("zoo.jsonl");
    List<String> lines = new ArrayList<>(Files.readAllLines(catalogue));
    lines.add(0, "{\"id\": \"away\", \"uri\": \"ftp://127.0.0.1:1/away.onnx\"}");
    Files.write(catalogue, lines);
    Answer plan = plan();
    assertThat(plan.code()).as(plan.err()).isEqualTo(2);
    assertThat(plan.out())
        .containsPattern("fail +store_failed +-  away")
        .containsPattern("fuse +new +[0-9,]+  mlp_bn")
        .contains("1 would fail");
    assertThat(plan.err()).doesNotContain("defect");
  }

  @Test
  void plan_refuses_a_catalogue_as_the_run_does() throws IOException {
    Files.writeString(
        folder.resolve("zoo.jsonl"),
        "{\"id\": \"a\", \"uri\": \"a\"}\n{\"id\": \"a\", \"uri\": \"b\"}\n");
    Answer plan = plan();
    assertThat(plan.code()).isEqualTo(1);
    assertThat(plan.err()).contains("line 2: id 'a' is taken by line 1").isEqualTo(run().err());
  }

  @Test
  void retry_drives_what_was_not_published_with_the_settings_of_its_run() throws IOException {
    Files.writeString(model("mlp_bn"), "no model");
    assertThat(run("--rules=torch", "--torch-runner=/nowhere/python").code()).isEqualTo(2);
    Path reports = folder.resolve("out/reports");

    Answer still =
        Answer.of("retry", "--reports", reports, "--output", folder.resolve("out"), "-q");
    assertThat(still.code()).isEqualTo(2);
    assertThat(still.out()).contains("1 model in", "1 failed");

    Files.copy(ExampleModels.model("mlp_bn"), model("mlp_bn"), StandardCopyOption.REPLACE_EXISTING);
    Answer retried =
        Answer.of("retry", "--reports", reports, "--output", folder.resolve("out"), "-q");
    assertThat(retried.code()).as(retried.err()).isZero();
    assertThat(retried.out()).contains("1 model in", "1 fused");
    assertThat(folder.resolve("out/mlp_bn.onnx")).exists();
    // All but the program that the run was given: a file in a store does not say what is started.
    assertThat(plan("--rules=torch").out())
        .containsPattern("(skip +unchanged|confirm +source_touched) .* mlp_bn");

    Answer nothing = Answer.of("retry", "--reports", reports, "--output", folder.resolve("out"));
    assertThat(nothing.code()).isZero();
    assertThat(nothing.out()).startsWith("nothing to retry");
  }

  @Test
  void retry_says_what_it_misses() {
    Answer none = Answer.of("retry", "--reports", folder, "--output", folder);
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.err()).contains("expected latest.json, found none");
    Answer other = Answer.of("retry", "--reports", folder, "--run=other", "--output", folder);
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.err()).contains("run=other: expected a run");
  }
}
