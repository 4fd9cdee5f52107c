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
package dev.fusewright.io.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.verify.Evaluation;
import dev.fusewright.core.verify.ModelRunException;
import dev.fusewright.core.verify.ModelSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the rule {@code relu-clip} relies on: ONNX Runtime treats NaN alike in both forms. */
@UsesProcesses
class ReluClipNanTest {
  private static final double[] VALUES = {
    Double.NaN, -3, -0.0, 0, 0.5, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 7, Double.NaN
  };

  @TempDir Path folder;

  private double[] answer(ElementType type, String nodes)
      throws IOException, ModelRunException {
    Path file =
        TextModel.write(
            folder.resolve("model.onnx"),
            """
            <ir_version: 8, opset_import: ["": 13]>
            clip (%1$s[9] x) => (%1$s[9] y)
            <%1$s low = {-1}, %1$s zero = {0}, %1$s high = {6}>
            { %2$s }
            """
                .formatted(type.text(), nodes));
    try (RunnerPool pool = new RunnerPool(RunnerOptions.forProcesses(1));
        ModelSession session = pool.model(file).open(Evaluation.PLAIN)) {
      Tensor given = LiteralTensor.ofDoubles(type, Shape.of(VALUES.length), VALUES);
      return Tensors.doubles(
          session.run(Map.of("x", given), List.of("y")).get("y"), VALUES.length);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"FLOAT", "DOUBLE"})
  void a_clip_passes_nan_on_as_a_relu_before_it_does(ElementType type) throws Exception {
    double[] two = answer(type, "r = Relu(x) y = Clip(r, low, high)");
    double[] one = answer(type, "y = Clip(x, zero, high)");

    assertThat(two).hasSameSizeAs(one);
    for (int i = 0; i < one.length; i++) {
      // Either zero will do: 0 and −0 are the same number.
      assertThat(two[i] == one[i] || (Double.isNaN(two[i]) && Double.isNaN(one[i])))
          .as("%s: %s and %s", VALUES[i], two[i], one[i])
          .isTrue();
    }
    assertThat(one[0]).isNaN();
  }
}
