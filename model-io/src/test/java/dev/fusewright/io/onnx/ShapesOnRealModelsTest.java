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
package dev.fusewright.io.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.fusewright.core.analysis.shape.Basis;
import dev.fusewright.core.analysis.shape.MultiplyAdds;
import dev.fusewright.core.analysis.shape.ShapeInference;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.testing.Python;
import dev.fusewright.io.testing.RealModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shape inference on whole models, against the onnx project's own and against torch's counts. */
@UsesRealModels
@UsesPython
class ShapesOnRealModelsTest {
  @TempDir private Path folder;

  @Test
  void every_rank_and_size_that_onnx_infers_of_a_real_model_is_inferred_too() throws IOException {
    List<Path> models;
    try (Stream<Path> files = Files.walk(RealModels.file(""))) {
      models = files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
    }
    JsonObject inferred = Python.TORCH2.json("infer_shapes.py", models.toArray()).getAsJsonObject();
    List<String> wrong = new ArrayList<>();
    int sizes = 0;
    for (Path model : models) {
      sizes += compare(model, inferred.getAsJsonObject(model.toString()), wrong);
    }

    assertThat(wrong).isEmpty();
    assertThat(models.size()).isGreaterThan(30);
    assertThat(sizes).as("sizes that agree").isGreaterThan(10_000);
  }

  private static int compare(Path file, JsonObject inferred, List<String> wrong) {
    int sizes = 0;
    try (GraphCheckpoint model = Formats.openGraph(file)) {
      // What callers may override is a constant to onnx.
      ShapeInference inference = ShapeInference.of(model.graph().frozen());
      for (Node node : model.graph().graph().nodes()) {
        for (String output : node.outputs()) {
          JsonElement theirs = inferred.get(output);
          if (theirs != null) {
            SymbolicShape ours = inference.of(output).restingOn(Basis.PROMISED);
            sizes += agreeing(ours, theirs.getAsJsonArray());
            if (!agrees(ours, theirs.getAsJsonArray())) {
              wrong.add(
                  "%s: %s '%s' is %s, and onnx says %s"
                      .formatted(file, node.op(), output, ours, theirs));
            }
          }
        }
      }
    }
    return sizes;
  }

  private static boolean agrees(SymbolicShape ours, JsonArray theirs) {
    return ours.rank() == theirs.size() && agreeing(ours, theirs) == numbers(theirs);
  }

  private static int numbers(JsonArray sizes) {
    return (int) sizes.asList().stream().filter(size -> !size.isJsonNull()).count();
  }

  private static int agreeing(SymbolicShape ours, JsonArray theirs) {
    int agreeing = 0;
    for (int axis = 0; axis < theirs.size(); axis++) {
      JsonElement size = theirs.get(axis);
      boolean isSame =
          !size.isJsonNull() && ours.dim(axis).constant().orElse(-1) == size.getAsLong();
      agreeing += isSame ? 1 : 0;
    }
    return agreeing;
  }

  @Test
  void multiply_adds_are_those_that_torch_counts_and_torchvision_publishes() {
    JsonObject counts = Python.TORCH2.json("multiply_adds.py", folder).getAsJsonObject();

    assertThat(counts.keySet()).contains("resnet18", "mobilenet_v2");
    for (Map.Entry<String, JsonElement> counted : counts.entrySet()) {
      JsonObject expected = counted.getValue().getAsJsonObject();
      try (GraphCheckpoint model = Formats.openGraph(folder.resolve(counted.getKey() + ".onnx"))) {
        MultiplyAdds.Count count = MultiplyAdds.of(model.graph()).orElseThrow();
        long perSample = expected.get("multiply_adds").getAsLong();
        assertThat(count.perSample()).as(counted.getKey()).hasValue(perSample);
        assertThat(count.formula()).isEqualTo(perSample + "·batch");
        if (!expected.get("published").isJsonNull()) {
          assertThat(Math.round(perSample / 1e6) / 1e3)
              .isEqualTo(expected.get("published").getAsDouble());
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "s05_light_resnet50/light_resnet50.onnx, 4089184256",
    "s19_torchvision_basic/mobilenet_v2/mobilenet_v2.onnx, 24576512·batch",
    "s01_rfb320/version-RFB-320.onnx, 100418560"
  })
  void real_models_take_as_many_multiply_adds(String model, String formula) {
    try (GraphCheckpoint opened = Formats.openGraph(RealModels.file(model))) {
      assertThat(MultiplyAdds.of(opened.graph()).orElseThrow().formula()).isEqualTo(formula);
    }
  }
}
