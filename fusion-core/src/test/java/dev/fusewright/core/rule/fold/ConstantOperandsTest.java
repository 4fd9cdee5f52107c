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
package dev.fusewright.core.rule.fold;

import dev.fusewright.core.plan.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In which ways a weight may come to its layer. */
class ConstantOperandsTest {
  private static String graph(String constants, String nodes) {
    return """
    g (float[2,3,4,4] x) => (float[] z)
    <float[4] p = random(2), float[4] v = random(4, 0.1, 2.0), %s>
    {
      %s
      y = Conv(x, w)
      z = BatchNormalization(y, p, p, p, v)
    }
    """
        .formatted(constants, nodes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "float[4,3,1,1] u = random(1)|w = Identity(u)",
        "float[12] u = random(1), int64[4] t = {4,-1,1,1}|w = Reshape(u, t)",
        "float[3,4,1,1] u = random(1)|w = Transpose<perm=[1,0,2,3]>(u)",
        "float[4,3] u = random(1), int64[2] t = {-1,2}|w = Unsqueeze(u, t)",
        "float[1,4,3,1,1] u = random(1), int64[1] t = {0}|w = Squeeze(u, t)",
        "double[4,3,1,1] u = random(1)|w = Cast<to=1>(u)",
        "int64[4] t = {4,3,1,1}|w = ConstantOfShape<value = float[1] {0.5}>(t)",
        "float[4,3,1,1] u = random(1), float[4,1,1,1] k = random(3)|w = Mul(u, k)",
        "float[4,3,1,1] u = random(1), float[4,1,1,1] k = random(3)|i = Identity(u) j = Mul(k, i) w"
            + " = Identity(j)"
      })
  void a_weight_that_is_derived_from_constants_is_one(String constants, String nodes) {
    Fusing.inference(graph(constants, nodes))
        .fuses("conv-batch-norm", "Conv2d", "Conv→y", "BatchNormalization→z");
  }

  @Test
  void a_weight_in_a_constant_node_is_replaced_there() {
    Fusing.inference(
            graph(
                "float[1] unused = {1.0}",
                "[held] w = Constant<value = float[4,3,1,1]"
                    + " {1.0,2.0,3.0,4.0,5.0,6.0,7.0,8.0,9.0,10.0,11.0,12.0}>()"))
        .leavesOperators("Constant", "Conv")
        .keepsInitializers("unused", "w_bias");
  }

  @Test
  void a_transposed_weight_is_scaled_before_it_is_transposed() {
    Fusing.inference(graph("float[3,4,1,1] u = random(1)", "w = Transpose<perm=[1,0,2,3]>(u)"))
        .leavesOperators("Transpose", "Conv")
        .keepsInitializers("u", "w_bias");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "int8[4,3,1,1] u = {1,2,3,4,5,6,7,8,9,10,11,12}, float s = {0.1}|w = DequantizeLinear(u,"
            + " s)|QUANTIZED",
        "float[4,3,1,1] u = random(1)|w = Relu(u)|COMPUTED",
        "float[4,3,1,1] u = random(1), float[4,3,1,1] k = random(3)|w = Mul(u, k)|COMPUTED"
      })
  void what_is_quantized_or_computed_in_another_way_is_refused(
      String constants, String nodes, Reason reason) {
    Fusing.inference(graph(constants, nodes)).refuses("conv-batch-norm", reason);
  }

  @Test
  void operands_that_make_no_sense_are_refused_and_do_no_harm() {
    Fusing.inference(graph("float[3,4,1,1] u = random(1)", "w = Transpose<perm=[1,0,2,9]>(u)"))
        .refuses("conv-batch-norm", Reason.COMPUTED);
    Fusing.inference(graph("int64[2] t = {-4, 9223372036854775807}", "w = ConstantOfShape(t)"))
        .refuses("conv-batch-norm", Reason.COMPUTED);
    Fusing.inference(
            graph("float[12] u = random(1), float[4] t = {4.0,3.0,1.0,1.0}", "w = Reshape(u, t)"))
        .refuses("conv-batch-norm", Reason.COMPUTED);
  }
}
