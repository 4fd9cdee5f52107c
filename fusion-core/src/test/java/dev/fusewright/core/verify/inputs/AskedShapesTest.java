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

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.text.GraphText;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AskedShapesTest {
  /** The shapes of a model's inputs, where what is open is what its layers ask. */
  private static String filled(String graph) {
    ModelGraph model = GraphText.parse(graph);
    List<ValueInfo> inputs = AskedShapes.fill(model.graph().inputs(), ModelFacts.of(model).asked());
    return inputs.stream()
        .map(input -> String.valueOf(input.dims()).replace(" ", ""))
        .collect(Collectors.joining(" "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "float[a,b,c,d] x | y = Conv <group = 2> (x, w4) | [a,6,c,d]",
        "float[a,b,c,d] x | y = ConvTranspose (x, w4) | [a,4,c,d]",
        "float[] x | y = Conv (x, w4) | [?,3,?,?]",
        "float[a,b] x | y = Gemm (x, w2) | [a,6]",
        "float[a,b] x | y = Gemm <transB = 1> (x, w2) | [a,5]",
        "float[a,b] x | y = Gemm <transA = 1> (x, w2) | [6,b]",
        "float[a,b,c] x | y = MatMul (x, w2) | [a,b,6]",
        "float[a,b,c] x | y = BatchNormalization (x, s, s, s, s) | [a,4,c]",
        "float[a,b] x | i = Dropout (x) r = Relu (i) y = Gemm (r, w2) | [a,6]",
        "float[a,b] x | e = Exp (x) y = Gemm (e, w2) | [a,6]"
      })
  void what_is_open_is_what_a_stored_weight_takes(String input, String nodes, String shape) {
    assertThat(filled(graph(input, nodes))).isEqualTo(shape);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "float[a,7] x | y = Gemm (x, w2) | [a,7]", // what the model declares stays
        "float[a,b,c] x | y = Gemm (x, w2) | [a,b,c]", // as does its rank
        "float[] x | y = MatMul (x, w2) | null", // of any rank
        "float[a,b] x | y = Gemm (w2, x) | [a,b]", // a weight that is given at run time
        "float[a,b] x | t = Transpose (x) y = Gemm (t, w2) | [a,b]", // other axes
        "float[a,b] x | f = ConstantOfShape <value = float[1] {2}> (n) "
            + "y = BatchNormalization (x, f, f, f, f) | [a,b]", // whatever it repeats
        "float[a,b] x | y = odd.Gemm (x, w2) | [a,b]" // somebody's own operator
      })
  void what_is_declared_or_not_asked_for_stays_as_it_is(String input, String nodes, String shape) {
    assertThat(filled(graph(input, nodes))).isEqualTo(shape);
  }

  @Test
  void a_name_that_stands_for_an_extent_stands_for_it_in_all_inputs() {
    assertThat(filled(graph("float[n,k] x, float[k,m] z", "h = Gemm (x, w2) y = MatMul (h, z)")))
        .isEqualTo("[n,6] [6,m]");
  }

  private static String graph(String inputs, String nodes) {
    return """
        <ir_version: 8, opset_import: ["" : 17, "odd" : 1]>
        g (%s) => (y)
        <float[4,3,3,3] w4 = fill(1), float[6,5] w2 = fill(1), float[4] s = fill(1), int64[1] n = {4}>
        { %s }
        """
        .formatted(inputs, nodes);
  }
}
