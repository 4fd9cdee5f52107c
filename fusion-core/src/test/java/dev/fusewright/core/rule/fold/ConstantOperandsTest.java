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

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        "int8[4,3,1,1] u = {1,2,3,4,5,6,7,8,9,10,11,12}, float s = {0.1}|d = DequantizeLinear(u, s) w"
            + " = Mul(d, s)|QUANTIZED",
        "float[4,3,1,1] u = random(1)|w = Relu(u)|COMPUTED",
        "float[4,3,1,1] u = random(1)|r = RandomNormalLike(u) w = Mul(u, r)|COMPUTED",
        "float[4,3,1,1] u = random(1), float[4,3,1,1] k = random(3)|w = Sqrt(u)|NON_FINITE_PARAMETER",
        "float[4,3,1,1] u = random(1), float k = {1e30}|i = Mul(u, k) j = Mul(i, k) i2 = Div(j, k) w"
            + " = Div(i2, k)|NON_FINITE_PARAMETER"
      })
  void what_is_quantized_or_computed_in_another_way_is_refused(
      String constants, String nodes, Reason reason) {
    Fusing.inference(graph(constants, nodes)).refuses("conv-batch-norm", reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "w = Mul(u, k)",
        "w = Add(u, k)",
        "w = Sub(k, u)",
        "w = Div(u, k)",
        "n = Neg(k) w = Abs(n)",
        "r = Reciprocal(k) w = Mul(u, r)",
        "q = Pow(k, two) w = Pow(q, half)",
        "q = Pow(u, two) s = ReduceSum(q, axes) n = Sqrt(s) w = Div(u, n)",
        "s = ReduceSumSquare<axes=[1,2,3]>(u) n = Sqrt(s) w = Div(u, n)",
        "s = ReduceMean<axes=[1]>(u) w = Sub(u, s)",
        "s = ReduceL2<axes=[0]>(u) w = Div(u, s)",
        "s = ReduceL2<axes=[0,1], keepdims=0>(u) w = Div(u, s)",
        "s = ReduceSum(u, axes) w = Expand(s, shape)",
        "s = ReduceSum(u, axes) w = Tile(s, repeats)",
        "s = ReduceSum(u, axes) w = Concat<axis=1>(s, s, s)"
      })
  void arithmetic_on_constants_is_done_before_it_is_folded(String nodes) {
    Fusing.inference(
            graph(
                "float[4,3,1,1] u = random(1), float[4,3,1,1] k = random(3, 0.5, 2.0), int64[3] axes"
                    + " = {1,2,3}, float two = {2.0}, float half = {0.5}, int64[4] shape ="
                    + " {4,3,1,1}, int64[4] repeats = {1,3,1,1}",
                nodes))
        .fuses("conv-batch-norm", "Conv2d", "Conv→y", "BatchNormalization→z");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "w = Expand(u, t)|int64[4] t = {65536,3,1024,1024}",
        "w = Tile(u, t)|int64[4] t = {1,1,1048576,1048576}"
      })
  void a_result_of_any_size_is_not_computed_to_see_how_large_it_is(String node, String constant) {
    Fusing.inference(graph("float[4,3,1,1] u = random(1), " + constant, node))
        .refuses("conv-batch-norm", Reason.COMPUTED);
  }

  @Test
  void an_operand_that_callers_may_override_makes_the_result_theirs() {
    Fusing.inference(
            graph("float[4,3,1,1] u = random(1), float[4,1,1,1] k = random(3)", "w = Mul(u, k)")
                .replace("x) =>", "x, float[4,1,1,1] k) =>"))
        .refuses("conv-batch-norm", Reason.OVERRIDABLE);
  }

  @Test
  void each_node_is_rounded_into_its_own_type() {
    ModelGraph fused =
        Fusing.inference(
                """
                g (float[2,1,4,4] x) => (float[] z)
                <float[1,1,1,1] w = {1.0}, float[1] g = {1.3}, float[1] b = {0.7}, float[1] m = {0.3},
                 float[1] v = {0.39}, float eps = {1e-5}, int64[2] axes = {1,2}>
                {
                  e = Add(v, eps)
                  d = Sqrt(e)
                  s = Div(g, d)
                  ms = Mul(m, s)
                  t = Sub(b, ms)
                  s3 = Unsqueeze(s, axes)
                  t3 = Unsqueeze(t, axes)
                  y = Conv(x, w)
                  p = Mul(y, s3)
                  z = Add(p, t3)
                }
                """)
            .leaves("z = Conv (x, w, w_bias)")
            .fused();

    float scale = 1.3f / (float) Math.sqrt(0.39f + 1e-5f);
    float product = 0.3f * scale;
    assertThat(stored(fused, "w")).isEqualTo(scale);
    assertThat(stored(fused, "w_bias")).isEqualTo(0.7f - product);
  }

  private static float stored(ModelGraph model, String name) {
    return model.graph().initializers().stream()
        .filter(initializer -> initializer.name().equals(name))
        .map(initializer -> (float) Tensors.doubles(initializer.tensor(), 1)[0])
        .findFirst()
        .orElseThrow();
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
