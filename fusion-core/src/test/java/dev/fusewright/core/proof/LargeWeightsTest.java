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
package dev.fusewright.core.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verdict.Verdict;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights of several chunks with one element, or a row of them, for each pair of channels. */
final class LargeWeightsTest {
  private static final String NORM = "y = BatchNormalization (t, s, b, m, v)";

  private static FusionPlan plan(String input, String weight, String layer) {
    return new FusionEngine(Rules.inference())
        .plan(
            GraphText.parse(
                """
                <ir_version: 8, opset_import: ["" : 17]>
                g (float[%s] x) => (float[] y)
                <float[%s] w = random(3), float[300] s = random(4, 0.5, 2), float[300] b = random(5),
                 float[300] m = random(6), float[300] v = random(7, 0.5, 2)>
                { t = %s %s }
                """
                    .formatted(input, weight, layer, NORM)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1,200     | 300,200     | Gemm <transB = 1> (x, w)
          1,200     | 200,300     | Gemm (x, w)
          1,200,2,2 | 300,200,1,1 | Conv (x, w)
          1,400,2,2 | 300,200,1,1 | Conv <group = 2> (x, w)
          1,200,2,2 | 200,150,1,1 | ConvTranspose <group = 2> (x, w)
          1,100,4,4 | 300,100,1,3 | Conv (x, w)
          1,200,2,2 | 200,150,1,2 | ConvTranspose <group = 2> (x, w)
          """)
  void every_element_is_held_against_the_factor_of_its_own_channel(
      String input, String weight, String layer) {
    FusionPlan plan = plan(input, weight, layer);
    ModelGraph fused = plan.apply();

    assertThat(FusionProof.of(plan, fused, 1).certificate().verdict())
        .isEqualTo(Verdict.EQUIVALENT);
    for (int element : new int[] {0, 199, 200, 16_383, 16_384, 29_999}) {
      FusionProof proof = FusionProof.of(plan, with(fused, element), 1);

      assertThat(proof.certificate().verdict()).isEqualTo(Verdict.DIFFERENT);
      assertThat(proof.certificate().reason()).contains("weight[%d] of".formatted(element));
    }
  }

  /** The model with one element of its weight a little larger. */
  private static ModelGraph with(ModelGraph model, int element) {
    return model.withGraph(
        model
            .graph()
            .withInitializers(
                model.graph().initializers().stream()
                    .map(
                        it ->
                            it.tensor().shape().elementCount() < 30_000
                                ? it
                                : new Initializer(it.name(), altered(it.tensor(), element)))
                    .toList()));
  }

  private static Tensor altered(Tensor tensor, int element) {
    ByteBuffer bytes = ByteBuffer.allocate((int) tensor.byteCount()).order(ByteOrder.LITTLE_ENDIAN);
    tensor.read(0, bytes);
    int at = element * Float.BYTES;
    bytes.putFloat(at, bytes.getFloat(at) * 1.0001f);
    return new StoredTensor(
        tensor.type(),
        tensor.shape(),
        (offset, out) -> out.put(bytes.array(), (int) offset, out.remaining()));
  }
}
