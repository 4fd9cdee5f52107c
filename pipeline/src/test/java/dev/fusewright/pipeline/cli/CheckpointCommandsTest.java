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
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.safetensors.SafetensorsFormat;
import dev.fusewright.pipeline.ExampleModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on a checkpoint: the parameters of an example, as a safetensors file. */
@UsesProcesses
final class CheckpointCommandsTest {
  private static final Path GRAPH = ExampleModels.model("resnet18");

  @TempDir Path folder;
  private Path checkpoint;

  @BeforeEach
  void writeCheckpoint() throws IOException {
    checkpoint = folder.resolve("resnet18.safetensors");
    try (GraphCheckpoint model = Formats.openGraph(GRAPH)) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (Initializer initializer : model.graph().graph().initializers()) {
        tensors.put(initializer.name(), initializer.tensor());
      }
      new SafetensorsFormat()
          .write(StateDict.ofTensors(tensors), Map.of("metadata.author", "somebody"), checkpoint);
    }
  }

  @Test
  void a_companion_graph_names_the_pairs_and_is_run_as_the_proof() throws IOException {
    Path fused = folder.resolve("fused.safetensors");
    Answer answer = Answer.of("fuse", checkpoint, "-o", fused, "--graph", GRAPH);

    assertThat(answer.err()).isEmpty();
    assertThat(answer.code()).isZero();
    assertThat(answer.out())
        .contains(
            "fused    20 sites: 20 Conv2d",
            "tensors  102 → 42",
            "verdict  EQUIVALENT",
            "output: error ",
            "written  " + fused)
        .doesNotContain("nodes");
    JsonNode json = Answer.of("fuse", checkpoint, "-o", fused, "--graph", GRAPH, "--json").json();
    assertThat(json.at("/equivalence/levels/model/verdict").asText()).isEqualTo("EQUIVALENT");
    assertThat(json.at("/equivalence/sites")).hasSize(20);
    assertThat(json.at("/rules").asText()).isEqualTo("torch");
    assertThat(json.at("/before/tensors").asInt()).isEqualTo(102);
  }

  @Test
  void modules_for_training_are_prepared_and_what_the_format_cannot_hold_is_named() {
    Path prepared = folder.resolve("prepared.safetensors");
    Answer answer =
        Answer.of(
            "fuse",
            checkpoint,
            "-o",
            prepared,
            "--modules",
            "recipe:resnet18",
            "--graph",
            GRAPH,
            "--mode",
            "qat",
            "--qat-prepare",
            "qnnpack");

    assertThat(answer.err()).isEmpty();
    assertThat(answer.code()).isZero();
    assertThat(answer.out())
        .contains("verdict  AS_LISTED", "beside   not in the output: _metadata (");
    try (StateCheckpoint written = Formats.openStates(prepared)) {
      assertThat(written.states().get(0).state().entries())
          .containsKeys("conv1.bn.running_mean", "layer1.0.conv2.weight_fake_quant.scale");
    }
  }

  @Test
  void a_node_is_explained_on_the_graph_that_is_given_and_otherwise_there_is_none()
      throws IOException {
    String node = firstConv();
    Answer alone =
        Answer.of("inspect", checkpoint, "--modules", "recipe:resnet18", "--explain", node);
    Answer unnamed = Answer.of("inspect", checkpoint, "--explain", node);
    Answer beside = Answer.of("inspect", checkpoint, "--graph", GRAPH, "--explain", node, "--json");

    assertThat(alone.code()).isEqualTo(1);
    assertThat(alone.err()).contains("is a state dict, which has no graph; give one with --graph");
    assertThat(unnamed.err()).contains("which has no graph");
    assertThat(beside.code()).as(beside.err()).isZero();
    assertThat(beside.json().at("/format").asText()).isEqualTo("safetensors");
    assertThat(beside.json().get("explanations").findValuesAsText("status")).contains("fired");
  }

  private static String firstConv() {
    try (GraphCheckpoint model = Formats.openGraph(GRAPH)) {
      return model.graph().graph().nodes().stream()
          .filter(node -> node.is(OpKind.CONV))
          .findFirst()
          .orElseThrow()
          .label();
    }
  }

  @Test
  void without_a_name_for_anything_inspect_says_what_there_is_and_what_could_be_named() {
    Answer answer = Answer.of("inspect", checkpoint);

    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.out()).contains("safetensors", "tensors  102    parameters 178,");
    assertThat(answer.err()).contains("give a module list, a recipe or an ONNX graph");
  }

  @Test
  void a_misspelt_recipe_is_answered_with_the_right_name() {
    Answer answer = Answer.of("inspect", checkpoint, "--modules", "recipe:ResNet-18");

    assertThat(answer.code()).isEqualTo(ExitCode.USAGE);
    assertThat(answer.err()).contains("there is no recipe 'ResNet-18', but 'resnet18'");
  }

  @Test
  void an_eps_that_the_graph_contradicts_is_refused() {
    Answer answer =
        Answer.of(
            "fuse", checkpoint, "-o", folder.resolve("f"), "--graph", GRAPH, "--eps", "0.001");

    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.err()).contains("eps is asked to be 0.001, and the graph says");
    assertThat(folder.resolve("f")).doesNotExist();
  }

  @Test
  void a_checkpoint_is_equivalent_to_itself() {
    Answer answer = Answer.of("verify", checkpoint, checkpoint);

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.out()).startsWith("EQUIVALENT: structure");
  }
}
