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
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.safetensors.SafetensorsFormat;
import dev.fusewright.pipeline.ExampleModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code diff} of files without a graph, and of one without against one with. */
final class DiffStatesTest {
  private static final Path GRAPH = ExampleModels.model("resnet18");
  private static final String WEIGHT = "layer1.0.conv1.weight";
  private static final String BIAS = "fc.bias";

  @TempDir Path folder;

  private static Map<String, Tensor> parameters(GraphCheckpoint model) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Initializer initializer : model.graph().graph().initializers()) {
      tensors.put(initializer.name(), initializer.tensor());
    }
    return tensors;
  }

  private Path safetensors(String name, Consumer<Map<String, Tensor>> change) throws IOException {
    Path file = folder.resolve(name + ".safetensors");
    try (GraphCheckpoint model = Formats.openGraph(GRAPH)) {
      Map<String, Tensor> tensors = parameters(model);
      change.accept(tensors);
      new SafetensorsFormat().write(StateDict.ofTensors(tensors), Map.of(), file);
    }
    return file;
  }

  private Path same(String name) throws IOException {
    return safetensors(name, tensors -> {});
  }

  /** A bias of which one element is a quarter larger. */
  private static void nudge(Map<String, Tensor> tensors) {
    double[] values = Tensors.doubles(tensors.get(BIAS), Integer.MAX_VALUE);
    float[] moved = new float[values.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = (float) values[i];
    }
    moved[3] += 0.25f;
    tensors.put(BIAS, LiteralTensor.ofFloats(Shape.of(moved.length), moved));
  }

  @Test
  void what_was_added_removed_and_changed_is_named_with_form_and_largest_difference()
      throws IOException {
    Path before = same("before");
    Path after =
        safetensors(
            "after",
            tensors -> {
              tensors.put("extra", tensors.remove(WEIGHT));
              nudge(tensors);
              tensors.put("bn1.bias", LiteralTensor.ofFloats(Shape.of(2), new float[2]));
            });

    Answer words = Answer.of("diff", before, after);
    assertThat(words.code()).as(words.err()).isZero();
    assertThat(words.out())
        .startsWith("parameters: 1 removed, 1 added, 2 changed")
        .contains("- " + WEIGHT, "+ extra")
        .containsPattern("~ fc.bias: differs in 1 of \\d+ elements, by 0.250 at most")
        .containsPattern(
            "~ bn1.bias: is float\\[\\d+\\] in the first and float\\[2\\] in the second");

    JsonNode json = Answer.of("diff", before, after, "--json").json();
    assertThat(json.get("same").asBoolean()).isFalse();
    assertThat(json.at("/parameters/removed/0").asText()).isEqualTo(WEIGHT);
    assertThat(json.at("/parameters/added/0").asText()).isEqualTo("extra");
    assertThat(json.at("/parameters/changed")).hasSize(2);
    assertThat(json.at("/nodes/removed")).isEmpty();
    JsonNode bias =
        json.get("differences").get(0).path("name").asText().equals(BIAS)
            ? json.get("differences").get(0)
            : json.get("differences").get(1);
    assertThat(bias.path("largest").asDouble()).isBetween(0.2499, 0.2501);
    assertThat(bias.path("differing").asLong()).isEqualTo(1);
    assertThat(bias.at("/before/type").asText()).isEqualTo("float");
    assertThat(bias.at("/after/shape")).hasSize(1);
  }

  @Test
  void the_same_tensors_are_the_same_in_words_and_json() throws IOException {
    Answer answer = Answer.of("diff", same("a"), same("b"));

    assertThat(answer.out())
        .isEqualTo(
            "the same parameters: all 102 tensors are the same, bit for bit"
                + System.lineSeparator());
    assertThat(Answer.of("diff", same("a"), same("b"), "--json").json().get("same").asBoolean())
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"torch/c04_prefix_model", "torch/c13_protocol4_legacy", "modules/sequential"})
  void checkpoints_and_whole_modules_are_compared_with_another_format(String name)
      throws IOException {
    Path checkpoint = Path.of("src/test/resources/cases", name + ".t2.pth");
    Path copy = folder.resolve("copy.safetensors");
    Path nudged = folder.resolve("nudged.safetensors");
    try (StateCheckpoint opened = Formats.openStates(checkpoint)) {
      Map<String, Tensor> tensors = new LinkedHashMap<>(opened.states().get(0).state().tensors());
      new SafetensorsFormat().write(StateDict.ofTensors(tensors), Map.of(), copy);
      String last = tensors.keySet().stream().reduce((a, b) -> b).orElseThrow();
      tensors.remove(last);
      new SafetensorsFormat().write(StateDict.ofTensors(tensors), Map.of(), nudged);
    }

    assertThat(Answer.of("diff", checkpoint, copy).out()).contains("the same parameters: all");
    assertThat(Answer.of("diff", checkpoint, nudged).out())
        .contains("parameters: 1 removed, 0 added, 0 changed");
  }

  @Test
  void a_state_dict_is_compared_with_a_graph_of_its_names_in_either_order() throws IOException {
    Path states = safetensors("nudged", DiffStatesTest::nudge);

    assertThat(Answer.of("diff", states, GRAPH).out())
        .startsWith("parameters: 0 removed, 0 added, 1 changed")
        .contains("~ fc.bias");
    assertThat(Answer.of("diff", GRAPH, same("same")).out()).startsWith("the same parameters");
  }

  @Test
  void where_no_name_is_the_same_nothing_can_be_compared_and_that_is_said() throws IOException {
    Path renamed =
        safetensors(
            "renamed",
            tensors -> {
              Map<String, Tensor> others = new LinkedHashMap<>();
              tensors.forEach((name, tensor) -> others.put("other." + name, tensor));
              tensors.clear();
              tensors.putAll(others);
            });

    Answer answer = Answer.of("diff", renamed, GRAPH);

    assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(answer.err())
        .contains("cannot compare", "expected parameters of the same names, found none");
    assertThat(answer.out()).isEmpty();
  }

  @Test
  void a_file_that_is_no_model_is_refused_with_its_name() {
    Answer answer = Answer.of("diff", GRAPH, folder.resolve("none.pth"));

    assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(answer.err()).contains("none.pth");
  }
}
