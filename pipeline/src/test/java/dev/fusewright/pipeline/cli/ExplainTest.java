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
import dev.fusewright.core.text.GraphText;
import dev.fusewright.io.Formats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code inspect --explain} and {@code --verbose}. */
final class ExplainTest {
  private static final String NET =
      """
      <ir_version: 8, opset_import: ["" : 13]>
      g (float[1,3,4,4] x) => (float[1,4,4,4] z)
      <float[4,3,1,1] w = random(1), float[4] p = random(2), float[4] v = random(3, 0.1, 2.0), float[4,4,1,1] u = random(4)>
      {
        [conv] a = Conv(x, w)
        [bn] b = BatchNormalization(a, p, p, p, v)
        [relu] r = Relu(b)
        [late] c = Conv(r, u)
        [norm] d = BatchNormalization(c, p, p, p, v)
        z = Add(c, d)
      }
      """;

  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void writeModel() throws IOException {
    model = folder.resolve("net.onnx");
    Formats.onnx().write(GraphText.parse(NET), model);
  }

  private static JsonNode of(Answer answer, String rule) throws IOException {
    for (JsonNode explanation : answer.json().get("explanations")) {
      if (explanation.get("rule").asText().equals(rule)) {
        return explanation;
      }
    }
    throw new AssertionError("no explanation of " + rule + ": " + answer.out());
  }

  @Test
  void each_rule_has_a_line_that_says_what_it_made_of_the_node() {
    Answer answer = Answer.of("inspect", model, "--explain", "conv");

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.out().lines().toList())
        .startsWith("conv:")
        .anyMatch(
            line ->
                line.matches(" *conv-batch-norm +fired +conv \\+ bn \\+ relu: became ConvReLU2d"))
        .anyMatch(
            line ->
                line.matches(
                    " *conv-elementwise +no match +the output of 'conv' is read by Relu 'relu', expected Add, Sub, Mul or Div"))
        .anyMatch(line -> line.matches(" *dropout +no match +Conv 'conv' has no part in Dropout"));
    assertThat(answer.err()).isEmpty();
  }

  @Test
  void a_refusal_has_its_reason_and_its_nodes() throws IOException {
    Answer answer = Answer.of("inspect", model, "--explain", "norm", "--json");

    JsonNode refused = of(answer, "conv-batch-norm");
    assertThat(refused.get("status").asText()).isEqualTo("refused");
    assertThat(refused.get("reason").asText()).isEqualTo("OTHER_USES");
    assertThat(refused.get("nodes")).extracting(JsonNode::asText).containsExactly("late", "norm");
    assertThat(refused.get("message").asText()).contains("'c' has 2 readers");
    assertThat(answer.json().get("outcome").asText()).as("the report is there too").isNotEmpty();
  }

  @Test
  void a_node_that_went_into_another_says_into_which() throws IOException {
    JsonNode taken =
        of(Answer.of("inspect", model, "--explain", "bn", "--json"), "batch-norm-relu");

    assertThat(taken.get("status").asText()).isEqualTo("taken");
    assertThat(taken.get("message").asText()).contains("conv-batch-norm has taken 'bn' already");
  }

  @Test
  void a_value_stands_for_the_node_that_computes_it() throws IOException {
    assertThat(of(Answer.of("inspect", model, "--explain", "a", "--json"), "conv-batch-norm"))
        .isEqualTo(
            of(Answer.of("inspect", model, "--explain", "conv", "--json"), "conv-batch-norm"));
  }

  @Test
  void the_rules_are_those_that_are_asked_for() throws IOException {
    Answer torch = Answer.of("inspect", model, "--explain", "conv", "--rules", "torch", "--json");
    Answer qat = Answer.of("inspect", model, "--explain", "conv", "--mode", "qat", "--json");

    assertThat(torch.json().get("explanations").findValuesAsText("rule"))
        .contains("conv-batch-norm")
        .doesNotContain("conv-elementwise");
    assertThat(of(qat, "qat-conv-bn-relu").get("status").asText()).isEqualTo("fired");
  }

  @Test
  void a_report_without_the_question_has_no_explanations() throws IOException {
    assertThat(Answer.of("inspect", model, "--json").json().has("explanations")).isFalse();
  }

  @Test
  void a_node_that_is_not_there_is_wrong_usage() {
    Answer answer = Answer.of("inspect", model, "--explain", "nobody");

    assertThat(answer.code()).isEqualTo(1);
    assertThat(answer.err()).contains("no node of", "'nobody'", "fusewright show");
    assertThat(answer.out()).isEmpty();
  }

  @Test
  void verbose_says_how_often_each_rule_was_tried_and_how_it_ended() {
    Answer answer = Answer.of("inspect", model, "--verbose");

    List<String[]> rows = new ArrayList<>();
    answer
        .err()
        .lines()
        .filter(line -> line.matches("[a-z-]+ +[0-9].*"))
        .forEach(line -> rows.add(line.split(" +")));
    assertThat(answer.err()).contains("tries", "matches", "refused", "passed", "applied", "ms");
    assertThat(rows).isNotEmpty();
    for (String[] row : rows) {
      assertThat(Long.parseLong(row[1])).as(row[0]).isPositive();
      assertThat(Long.parseLong(row[2]))
          .as(row[0])
          .isEqualTo(Long.parseLong(row[3]) + Long.parseLong(row[4]) + Long.parseLong(row[5]));
    }
    assertThat(Answer.of("inspect", model).err()).isEmpty();
  }

  @Test
  void verbose_has_the_table_for_fuse_too() {
    Answer answer =
        Answer.of("fuse", model, "-o", folder.resolve("f.onnx"), "--verify", "none", "--verbose");

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.err()).containsPattern("conv-batch-norm +3 +3 +2 +0 +1 ");
  }

  @Test
  void an_unreadable_model_is_what_it_is_without_the_question() throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.onnx"), "no model at all");
    Answer answer = Answer.of("inspect", broken, "--explain", "conv");

    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.err()).contains("cannot read").doesNotContain("--explain");
  }
}
