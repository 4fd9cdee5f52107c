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
package dev.fusewright.core.verify.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.text.GraphText;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CoarsestTypesTest {
  private static Map<String, ElementType> coarsest(String graph) {
    return ModelFacts.of(GraphText.parse(graph)).coarsest();
  }

  @Test
  void arithmetic_in_float16_makes_an_output_in_float_no_more_exact() {
    assertThat(
            coarsest(
                """
                g (float[N,3] x) => (float[] z)
                <float16[3,4] w = random(1)>
                { h = Cast <to = 10> (x) y = MatMul(h, w) z = Cast <to = 1> (y) }
                """))
        .containsExactly(Map.entry("z", ElementType.FLOAT16));
  }

  @Test
  void a_constant_that_is_stored_in_float16_and_only_cast_is_exact() {
    assertThat(
            coarsest(
                """
                g (float[N,3] x) => (float[] z)
                <float16[3,4] w = random(1), int64[2] s = {3, 4}>
                { r = Reshape(w, s) v = Cast <to = 1> (r) z = MatMul(x, v) }
                """))
        .containsExactly(Map.entry("z", ElementType.FLOAT));
  }

  @Test
  void what_does_not_reach_an_output_does_not_loosen_it() {
    assertThat(
            coarsest(
                """
                g (float[N,3] x, float16[N,3] h) => (float[] z, float16[] y)
                <float16 one = {1.0}>
                { z = Relu(x) y = Mul(h, one) }
                """))
        .isEqualTo(Map.of("z", ElementType.FLOAT, "y", ElementType.FLOAT16));
  }

  @Test
  void arithmetic_in_a_body_and_behind_a_reshape_counts() {
    assertThat(
            coarsest(
                """
                g (bool c, float16[N,3] h) => (float[] z)
                <int64[1] flat = {-1}>
                {
                  r = Reshape(h, flat)
                  y = If (c) <
                    then_branch = a () => (float16[] u) { u = Relu(r) },
                    else_branch = b () => (float16[] v) { v = Neg(r) }>
                  z = Cast <to = 1> (y)
                }
                """))
        .containsExactly(Map.entry("z", ElementType.FLOAT16));
  }
}
