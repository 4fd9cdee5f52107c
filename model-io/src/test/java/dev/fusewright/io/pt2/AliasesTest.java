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
package dev.fusewright.io.pt2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.graph.Node;
import dev.fusewright.io.format.GraphCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A value that is written into in place is translated only where nobody could tell. */
final class AliasesTest {
  private static final String RELU =
      "{\"target\": \"torch.ops.aten.relu.default\", \"inputs\": [{\"name\": \"self\", \"arg\":"
          + " {\"as_tensor\": {\"name\": \"batch_norm\"}}, \"kind\": 1}], \"outputs\":"
          + " [{\"as_tensor\": {\"name\": \"relu\"}}], ";

  private static final String END = "null, \"name\": \"relu\"}";
  private static final String VALUES = "\"tensor_values\": {";
  private static final String FURTHER = value("r") + value("d");

  @TempDir Path folder;
  private Map<String, byte[]> functional = Map.of();

  @BeforeEach
  void read() throws IOException {
    functional = Programs.records("functional.pt2", folder);
  }

  private static String value(String name) {
    return "\"%s\": {\"dtype\": 7, \"sizes\": [{\"as_int\": 2}, {\"as_int\": 6}], \"strides\": [{\"as_int\": 6}, {\"as_int\": 1}]}, "
        .formatted(name);
  }

  private static String node(String target, String output, String... inputs) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < inputs.length; i++) {
      text.append(i == 0 ? "" : ", ")
          .append(
              "{\"name\": \"%s\", \"arg\": {\"as_tensor\": {\"name\": \"%s\"}}, \"kind\": 1}"
                  .formatted(i == 0 ? "self" : "other", inputs[i]));
    }
    return "{\"target\": \"%s\", \"inputs\": [%s], \"outputs\": [{\"as_tensor\": {\"name\": \"%s\"}}], \"metadata\": {}, \"is_hop_single_tensor_return\": null, \"name\": \"%s\"}"
        .formatted(target, text, output, output);
  }

  /** The operators of a conv, a norm, and what is put in the place of the relu behind them. */
  private List<String> operators(String... instead) throws IOException {
    String program = new String(functional.get(Programs.PROGRAM), UTF_8);
    int start = program.indexOf(RELU);
    int end = program.indexOf(END, start) + END.length();
    String whole = program.substring(start, end);
    Map<String, byte[]> changed = Programs.with(functional, whole, String.join(", ", instead));
    Path file =
        Programs.write(
            folder.resolve("program.pt2"), Programs.with(changed, VALUES, VALUES + FURTHER));
    try (GraphCheckpoint model = new Pt2Format().open(file)) {
      return model.graph().graph().nodes().stream().map(Node::op).map(String::valueOf).toList();
    }
  }

  @Test
  void written_into_and_only_read_behind_is_as_good_as_new() throws IOException {
    assertThat(operators(node("torch.ops.aten.relu_.default", "relu", "batch_norm")))
        .containsExactly("Conv", "BatchNormalization", "Relu");
  }

  @Test
  void the_old_name_that_is_read_once_more_would_show_what_was_written() throws IOException {
    assertThat(
            operators(
                node("torch.ops.aten.relu_.default", "r", "batch_norm"),
                node("torch.ops.aten.add.Tensor", "relu", "r", "batch_norm")))
        .containsExactly(
            "Conv", "aten.batch_norm.default", "aten.relu_.default", "aten.add.Tensor");
  }

  @Test
  void the_same_without_writing_is_plain() throws IOException {
    assertThat(
            operators(
                node("torch.ops.aten.sigmoid.default", "r", "batch_norm"),
                node("torch.ops.aten.mul.Tensor", "relu", "r", "batch_norm")))
        .containsExactly("Conv", "BatchNormalization", "Sigmoid", "Mul");
  }

  @Test
  void a_view_that_is_read_once_more_would_show_what_was_written() throws IOException {
    assertThat(
            operators(
                node("torch.ops.aten.detach.default", "d", "batch_norm"),
                node("torch.ops.aten.relu_.default", "r", "batch_norm"),
                node("torch.ops.aten.add.Tensor", "relu", "r", "d")))
        .containsExactly(
            "Conv",
            "aten.batch_norm.default",
            "aten.detach.default",
            "aten.relu_.default",
            "aten.add.Tensor");
  }

  @Test
  void a_copy_that_is_written_into_stays_a_copy() throws IOException {
    assertThat(
            operators(
                node("torch.ops.aten.clone.default", "d", "batch_norm"),
                node("torch.ops.aten.relu_.default", "r", "d"),
                node("torch.ops.aten.add.Tensor", "relu", "r", "batch_norm")))
        .containsExactly("Conv", "BatchNormalization", "aten.clone.default", "Relu", "Add");
  }

  @Test
  void a_copy_of_what_nobody_writes_into_is_the_value_itself() throws IOException {
    assertThat(
            operators(
                node("torch.ops.aten.clone.default", "d", "batch_norm"),
                node("torch.ops.aten.relu.default", "relu", "d")))
        .containsExactly("Conv", "BatchNormalization", "Identity", "Relu");
  }

  @Test
  void an_operator_of_somebody_else_may_write_into_what_it_reads() throws IOException {
    assertThat(
            operators(
                node("torch.ops.mine.scale.default", "r", "batch_norm"),
                node("torch.ops.aten.add.Tensor", "relu", "r", "batch_norm")))
        .containsExactly(
            "Conv", "aten.batch_norm.default", "mine.scale.default", "aten.add.Tensor");
  }

  @Test
  void a_parameter_that_is_written_into_is_no_constant() throws IOException {
    assertThat(
            operators(
                node("torch.ops.aten.mul_.Tensor", "r", "p_g", "p_g"),
                node("torch.ops.aten.relu.default", "relu", "batch_norm")))
        .contains("torch.export.MutatedBuffer", "aten.batch_norm.default");
  }
}
