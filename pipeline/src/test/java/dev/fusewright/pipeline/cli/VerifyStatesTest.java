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

import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.safetensors.SafetensorsFormat;
import dev.fusewright.pipeline.ExampleModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** State dicts against state dicts, and against graphs whose parameters have their names. */
final class VerifyStatesTest {
  private static final Path GRAPH = ExampleModels.model("resnet18");
  private static final String WEIGHT = "layer1.0.conv1.weight";

  @TempDir Path folder;
  private Path original;

  @BeforeEach
  void the_parameters_of_a_graph_are_a_state_dict() throws IOException {
    original = states("original", tensors -> {});
  }

  private Path states(String name, Consumer<Map<String, Tensor>> change) throws IOException {
    Path file = folder.resolve(name + ".safetensors");
    try (GraphCheckpoint model = Formats.openGraph(GRAPH)) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (Initializer initializer : model.graph().graph().initializers()) {
        tensors.put(initializer.name(), initializer.tensor());
      }
      change.accept(tensors);
      new SafetensorsFormat().write(StateDict.ofTensors(tensors), Map.of("by", name), file);
    }
    return file;
  }

  /** The first float that stands behind some text of a file is 0.25 larger. */
  private Path altered(Path file, long offset) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = Math.toIntExact(offset);
    floats.putFloat(at, floats.getFloat(at) + 0.25f);
    return Files.write(folder.resolve("altered.safetensors"), bytes);
  }

  /** Offset of the first byte of the tensors. */
  private static long data(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return 8 + ByteBuffer.wrap(in.readNBytes(8)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }
  }

  @Test
  void state_dicts_are_equivalent_where_every_tensor_is_whatever_stands_beside_them()
      throws IOException {
    Answer answer = Answer.of("verify", original, states("copy", tensors -> {}));

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.out())
        .startsWith("EQUIVALENT: structure")
        .contains("all 102 tensors are the same, bit for bit");
  }

  @Test
  void one_element_that_differs_is_named_with_its_tensor_and_by_how_much() throws IOException {
    Answer answer = Answer.of("verify", original, altered(original, data(original)));

    assertThat(answer.code()).isEqualTo(ExitCode.REJECTED);
    assertThat(answer.out())
        .startsWith("DIFFERENT")
        .containsPattern("1 of 102 tensors differ: '.*' differs in 1 of \\d+ elements, by 0.25");
  }

  @Test
  void a_tensor_that_is_missing_makes_state_dicts_different() throws IOException {
    Path other = states("fewer", tensors -> tensors.remove(WEIGHT));

    Answer answer = Answer.of("verify", original, other);

    assertThat(answer.code()).isEqualTo(ExitCode.REJECTED);
    assertThat(answer.out()).contains("1 only in the first: " + WEIGHT);
  }

  @Test
  void a_fused_candidate_is_held_against_its_original_by_a_list_or_a_graph() throws IOException {
    Path fused = folder.resolve("fused.safetensors");
    assertThat(Answer.of("fuse", original, "-o", fused, "--modules", "recipe:resnet18").code())
        .isZero();

    Answer bare = Answer.of("verify", original, fused);
    Answer listed = Answer.of("verify", original, fused, "--modules", "recipe:resnet18");
    Answer shown =
        Answer.of("verify", original, fused, "--modules", "recipe:resnet18", "--graph", GRAPH);

    assertThat(bare.code()).isEqualTo(ExitCode.REJECTED);
    assertThat(listed.code()).as(listed.out() + listed.err()).isZero();
    assertThat(listed.out()).startsWith("AS_LISTED");
    assertThat(shown.code()).as(shown.out() + shown.err()).isZero();
    assertThat(shown.out()).startsWith("EQUIVALENT");
  }

  @Test
  void a_folded_value_that_is_off_is_different_whoever_names_the_pairs() throws IOException {
    Path fused = folder.resolve("fused.safetensors");
    assertThat(Answer.of("fuse", original, "-o", fused, "--modules", "recipe:resnet18").code())
        .isZero();
    Path wrong = altered(fused, data(fused));

    Answer listed = Answer.of("verify", original, wrong, "--modules", "recipe:resnet18");

    assertThat(listed.code()).as(listed.out()).isEqualTo(ExitCode.REJECTED);
    assertThat(listed.out()).startsWith("DIFFERENT");
  }

  @Test
  void a_state_dict_and_a_graph_of_the_same_parameters_are_as_listed_and_no_more() {
    Answer answer = Answer.of("verify", original, GRAPH);

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.out())
        .startsWith("AS_LISTED")
        .contains("the graph computes with its parameters what the modules of the state dict do");
    assertThat(Answer.of("verify", GRAPH, original).out()).startsWith("AS_LISTED");
  }

  @Test
  void a_graph_with_another_value_under_a_name_is_different() throws IOException {
    Answer answer = Answer.of("verify", altered(original, data(original)), GRAPH);

    assertThat(answer.code()).isEqualTo(ExitCode.REJECTED);
    assertThat(answer.out()).startsWith("DIFFERENT").contains("1 of 102 tensors differ");
  }

  @Test
  void names_without_a_counterpart_in_a_graph_prove_nothing() throws IOException {
    Path renamed = states("renamed", tensors -> tensors.put("other", tensors.remove(WEIGHT)));

    Answer answer = Answer.of("verify", renamed, GRAPH);

    assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(answer.out()).startsWith("INCONCLUSIVE").contains("others have no counterpart");
  }
}
