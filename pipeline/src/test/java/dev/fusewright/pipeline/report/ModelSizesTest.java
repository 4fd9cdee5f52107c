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
package dev.fusewright.pipeline.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.text.GraphText;
import dev.fusewright.report.ModelSize;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelSizesTest {
  /** A formula stands only where it says more than the number. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "'float[2,5]', 70, null",
        "'float[N,5]', 35, 35·N",
        "'float[N,S,5]', null, 35·N·S",
        "'float[]', null, null"
      })
  void multiply_adds_are_a_number_a_formula_or_not_known(
      String input, Long multiplyAdds, String formula) {
    ModelSize size =
        ModelSizes.of(
            GraphText.parse(
                "g (%s x) => (float[] y) <float[5,7] w = random(1)> { y = MatMul(x, w) }"
                    .formatted(input)),
            100);

    assertThat(size.getMultiplyAdds()).isEqualTo(multiplyAdds);
    assertThat(size.getMultiplyAddsFormula()).isEqualTo(formula);
    assertThat(size.getNodes()).isEqualTo(1);
    assertThat(size.getParameters()).isEqualTo(35);
  }
}
