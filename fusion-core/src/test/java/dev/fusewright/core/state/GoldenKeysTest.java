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
package dev.fusewright.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys, shapes, dtypes and versions of every stage are those that torch 1.13 wrote. */
final class GoldenKeysTest {
  private static final String BLOCK =
      "[[\"conv1\", \"bn1\", \"relu\"], [\"conv2\", \"bn2\"], [\"downsample.0\", \"downsample.1\"]]";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Conv1d+BN1d",
        "Conv1d+BN1d+ReLU",
        "Conv1d+ReLU",
        "Conv2d(bias)+BN2d",
        "Conv2d(nobias)+BN2d",
        "Conv2d+BN2d+ReLU",
        "Conv2d+ReLU",
        "Conv3d+BN3d",
        "Conv3d+BN3d+ReLU",
        "Conv3d+ReLU",
        "Linear+BN1d",
        "Linear(nobias)+BN1d",
        "Linear+ReLU",
        "BN2d+ReLU",
        "BN3d+ReLU"
      })
  void each_sequence_has_torchs_keys_at_every_stage(String sequence) throws IOException {
    JsonObject golden = golden("each_fused_type").getAsJsonObject(sequence);
    String list =
        sequence.chars().filter(c -> c == '+').count() == 2
            ? "[\"0\", \"1\", \"2\"]"
            : "[\"0\", \"1\"]";

    assertStages(golden, list, DefaultQatConfig.FBGEMM);
  }

  @ParameterizedTest
  @CsvSource({
    "resnet18_basicblock_downsample, FBGEMM",
    "resnet18_basicblock_downsample_fbgemm_v0, FBGEMM_V0",
    "resnet18_basicblock_downsample_qnnpack, QNNPACK"
  })
  void a_block_has_torchs_keys_with_every_backend(String name, DefaultQatConfig backend)
      throws IOException {
    assertStages(golden(name), BLOCK, backend);
  }

  @Test
  void blocks_of_several_forms_have_torchs_keys() throws IOException {
    assertStages(
        golden("resnet18_basicblock_no_downsample"),
        "[[\"conv1\", \"bn1\", \"relu\"], [\"conv2\", \"bn2\"]]",
        DefaultQatConfig.FBGEMM);
    assertStages(
        golden("mobilenetv2_invertedresidual_t1"),
        "[[\"conv.0.0\", \"conv.0.1\", \"conv.0.2\"], [\"conv.1\", \"conv.2\"]]",
        DefaultQatConfig.FBGEMM);
    assertStages(
        golden("mobilenetv2_invertedresidual_t6_res"),
        "[[\"conv.0.0\", \"conv.0.1\", \"conv.0.2\"], [\"conv.1.0\", \"conv.1.1\", \"conv.1.2\"], [\"conv.2\", \"conv.3\"]]",
        DefaultQatConfig.FBGEMM);
  }

  @ParameterizedTest
  @CsvSource({
    "resnet18_full, resnet18, 122, 42, 122, 479",
    "mobilenetv2_full, mobilenet_v2, 314, 106, 314, 1182"
  })
  void a_whole_model_has_torchs_keys_by_its_recipe(
      String name, String recipe, int before, int eval, int qat, int prepared) throws IOException {
    JsonObject golden = golden(name);
    StateDict original = state(golden.getAsJsonObject("1_before"));
    StateFusionRequest request = StateFusionRequest.eval(ModuleList.recipe(recipe));

    assertThat(original.entries()).hasSize(before);
    assertThat(assertStage(golden, "2_fused_eval", original, request).entries()).hasSize(eval);
    assertThat(assertStage(golden, "3_fused_qat", original, request.at(StateStage.QAT)).entries())
        .hasSize(qat);
    assertThat(
            assertStage(golden, "4_prepare_qat", original, request.at(StateStage.PREPARED))
                .entries())
        .hasSize(prepared);
  }

  private static void assertStages(JsonObject golden, String list, DefaultQatConfig backend) {
    StateDict original = state(golden.getAsJsonObject("1_before"));
    StateFusionRequest request = StateFusionRequest.eval(ModuleList.parse(list)).on(backend);
    assertStage(golden, "2_fused_eval", original, request);
    assertStage(golden, "3_fused_qat", original, request.at(StateStage.QAT));
    assertStage(golden, "4_prepare_qat", original, request.at(StateStage.PREPARED));
  }

  private static StateDict assertStage(
      JsonObject golden, String stage, StateDict original, StateFusionRequest request) {
    StateDict fused = FusedState.of(original, request).state();
    JsonObject expected = golden.getAsJsonObject(stage);
    assertThat(keys(fused)).as("keys of %s", stage).containsExactlyElementsOf(keys(expected));
    Map<String, Long> versions = new LinkedHashMap<>();
    expected
        .getAsJsonObject("versions")
        .asMap()
        .forEach((module, version) -> versions.put(module, version.getAsLong()));
    assertThat(fused.versions()).as("versions of %s", stage).containsExactlyEntriesOf(versions);
    return fused;
  }

  private static List<String> keys(StateDict state) {
    List<String> keys = new ArrayList<>();
    state
        .tensors()
        .forEach((name, tensor) -> keys.add(name + " " + tensor.type().text() + tensor.shape()));
    return keys;
  }

  private static List<String> keys(JsonObject stage) {
    List<String> keys = new ArrayList<>();
    for (JsonElement key : stage.getAsJsonArray("keys")) {
      JsonArray parts = key.getAsJsonArray();
      keys.add(parts.get(0).getAsString() + " " + type(parts).text() + shape(parts));
    }
    return keys;
  }

  private static StateDict state(JsonObject stage) {
    Map<String, StateEntry> entries = new LinkedHashMap<>();
    for (JsonElement key : stage.getAsJsonArray("keys")) {
      JsonArray parts = key.getAsJsonArray();
      Tensor tensor = new FilledTensor(type(parts), shape(parts), 1);
      entries.put(parts.get(0).getAsString(), new StateEntry.Parameter(tensor));
    }
    Map<String, Long> versions = new LinkedHashMap<>();
    stage
        .getAsJsonObject("versions")
        .asMap()
        .forEach((module, version) -> versions.put(module, version.getAsLong()));
    return new StateDict(entries, versions);
  }

  private static ElementType type(JsonArray key) {
    String dtype = key.get(2).getAsString();
    return dtype.equals("float32") ? ElementType.FLOAT : ElementType.ofText(dtype).orElseThrow();
  }

  private static Shape shape(JsonArray key) {
    return new Shape(
        key.get(1).getAsJsonArray().asList().stream().map(JsonElement::getAsLong).toList());
  }

  private static JsonObject golden(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            GoldenKeysTest.class.getResourceAsStream("/golden/torch/keys_" + name + ".json"),
            name)) {
      return JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8))
          .getAsJsonObject();
    }
  }
}
