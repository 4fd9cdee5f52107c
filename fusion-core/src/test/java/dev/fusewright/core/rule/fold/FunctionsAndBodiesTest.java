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

import dev.fusewright.core.graph.Function;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.text.GraphText;
import org.junit.jupiter.api.Test;

/** Rules in the bodies of If and Loop, and in model-local functions. */
class FunctionsAndBodiesTest {
  /** What nobody read to begin with is not ours to take away. */
  private static final String UNREAD = "q";

  private static final String CONSTANTS =
      """
      <float[2,3,1,1] w = random(1), float[2] p = random(2), float[2] q = random(5), float[2] var = random(3, 0.1, 2.0)>
      """;

  @Test
  void a_body_with_its_own_parameters_is_folded_in_place() {
    Fusing.inference(
            """
            g (float[1,3,4,4] x, bool c) => (float[] z)
            {
              [if] z = If(c) <
                then_branch = t () => (float[] n)
                  <float[2,3,1,1] w = random(1), float[2] p = random(2), float[2] var = random(3, 0.1, 2.0)>
                  { m = Conv(x, w) n = BatchNormalization(m, p, p, p, var) },
                else_branch = e () => (float[] o)
                  <float[2,3,1,1] u = random(4)>
                  { o = Conv(x, u) }>
            }
            """)
        .fuses("conv-batch-norm", "Conv2d", "Conv→m", "BatchNormalization→n");
  }

  @Test
  void a_body_copies_what_it_takes_from_outside() {
    var fusing =
        Fusing.inference(
            "g (float[1,3,4,4] x, bool c) => (float[] z, float[] y)"
                + CONSTANTS
                + """
                {
                  y = Conv(x, w)
                  z = If(c) <
                    then_branch = t () => (float[] n) { m = Conv(x, w) n = BatchNormalization(m, p, p, p, var) },
                    else_branch = e () => (float[] o) { o = Conv(x, w) }>
                }
                """);

    fusing
        .fuses("conv-batch-norm", "Conv2d", "Conv→m", "BatchNormalization→n")
        .notes("'w' stays as it is where it comes from, and was copied as 'w_1'")
        .keepsInitializers("w", UNREAD);
  }

  @Test
  void what_a_body_reads_of_a_site_is_a_reader_too() {
    Fusing.inference(
            "g (float[1,3,4,4] x, bool c) => (float[] z, float[] u)"
                + CONSTANTS
                + """
                {
                  y = Conv(x, w)
                  z = BatchNormalization(y, p, p, p, var)
                  u = If(c) <
                    then_branch = t () => (float[] a) { a = Abs(y) },
                    else_branch = e () => (float[] b) { b = Neg(x) }>
                }
                """)
        .refuses("conv-batch-norm", Reason.OTHER_USES);
  }

  @Test
  void an_inner_value_that_is_the_output_of_a_body_stays() {
    Fusing.inference(
            "g (float[1,3,4,4] x, bool c) => (float[] z, float[] u)"
                + CONSTANTS
                + """
                {
                  z, u = If(c) <
                    then_branch = t () => (float[] n, float[] m) { m = Conv(x, w) n = BatchNormalization(m, p, p, p, var) },
                    else_branch = e () => (float[] o, float[] v) { o = Conv(x, w) v = Abs(o) }>
                }
                """)
        .refuses("conv-batch-norm", Reason.GRAPH_OUTPUT);
  }

  @Test
  void a_parameter_that_a_loop_carries_is_not_constant_though_it_begins_as_one() {
    Fusing.inference(
            """
            g (float[1,2,4] x) => (float[] z)
            <int64 n = {2}, bool go = {1}, float[2,2,1] w = random(1), float[2] p = random(2), float[2] var = random(3, 0.1, 2.0)>
            {
              z, last = Loop(n, go, x, w) <body = b (int64 i, bool c, float[1,2,4] s, float[2,2,1] v) => (bool d, float[] t, float[] v2)
                { d = Identity(c) m = Conv(s, v) t = BatchNormalization(m, p, p, p, var) v2 = Neg(v) }>
            }
            """)
        .says("conv-batch-norm", Reason.RUNTIME_INPUT);
  }

  private static String function(String calls) {
    return """
    <ir_version: 8, opset_import: ["" : 15, "my" : 1]>
    g (float[1,3,4,4] x) => (float[] z)
    %s
    {
      %s
    }
    <domain: "my", opset_import: ["" : 15]>
    CB (x, w, p, var) => (z)
    {
      y = Conv(x, w)
      z = BatchNormalization(y, p, p, p, var)
    }
    """
        .formatted(CONSTANTS, calls);
  }

  @Test
  void a_function_is_folded_where_all_calls_pass_the_same_parameters() {
    var fusing =
        Fusing.inference(
            function(
                "[a] u = my.CB(x, w, p, var) s = Sigmoid(x) [b] v = my.CB(s, w, p, var) z = Add(u,"
                    + " v)"));

    fusing
        .fuses("conv-batch-norm", "Conv2d", "Conv→y", "BatchNormalization→z")
        .leaves("[a] u = my.CB (x)", "s = Sigmoid (x)", "[b] v = my.CB (s)", "z = Add (u, v)")
        .keepsInitializers(UNREAD);
    Function function = fusing.fused().functions().get(0);
    assertThat(function.body().inputs()).hasSize(4);
    assertThat(function.body().nodes())
        .extracting(node -> node.op().type())
        .containsExactly("Constant", "Constant", "Conv");
  }

  @Test
  void a_function_that_is_given_a_computed_parameter_stays() {
    Fusing.inference(function("r = Relu(p) z = my.CB(x, w, r, var)"))
        .refuses("conv-batch-norm", Reason.COMPUTED);
  }

  @Test
  void a_parameter_that_the_caller_uses_elsewhere_stays_there() {
    Fusing.inference(function("u = my.CB(x, w, p, var) v = Conv(x, w) z = Add(u, v)"))
        .fuses("conv-batch-norm", "Conv2d", "Conv→y", "BatchNormalization→z")
        .leaves("u = my.CB (x)", "v = Conv (x, w)", "z = Add (u, v)")
        .keepsInitializers("w", UNREAD);
  }

  @Test
  void a_function_that_is_called_by_a_function_knows_what_its_caller_passes_on() {
    String nested =
        function("z = my.Outer(x, w, p, var)")
            + """
            <domain: "my", opset_import: ["" : 15, "my" : 1]>
            Outer (a, b, c, d) => (e)
            {
              e = my.CB(a, b, c, d)
            }
            """;

    Fusing.inference(nested)
        .fuses("conv-batch-norm", "Conv2d", "Conv→y", "BatchNormalization→z")
        .leaves("z = my.Outer (x)")
        .keepsInitializers(UNREAD);
  }

  @Test
  void parameters_in_constant_nodes_of_the_function_are_replaced_there() {
    var fusing =
        Fusing.inference(
            """
            <ir_version: 8, opset_import: ["" : 15, "my" : 1]>
            g (float[1,2,3] x) => (float[] z)
            {
              z = my.CB(x)
            }
            <domain: "my", opset_import: ["" : 15]>
            CB (x) => (z)
            {
              w = Constant<value = float[1,2,1] {0.5, -1.0}>()
              p = Constant<value = float[1] {0.25}>()
              y = Conv(x, w)
              z = BatchNormalization(y, p, p, p, p)
            }
            """);

    fusing.fuses("conv-batch-norm", "Conv1d", "Conv→y", "BatchNormalization→z");
    assertThat(fusing.fused().functions().get(0).body().nodes())
        .extracting(node -> node.op().type())
        .containsExactly("Constant", "Constant", "Conv");
  }

  @Test
  void an_attribute_that_the_call_passes_is_not_guessed() {
    Fusing.inference(
            """
            <ir_version: 8, opset_import: ["" : 15, "my" : 1]>
            g (float[1,2,3] x) => (float[] z)
            {
              z = my.CB<eps = 0.5>(x)
            }
            <domain: "my", opset_import: ["" : 15]>
            CB <eps> (x) => (z)
            {
              w = Constant<value = float[1,2,1] {0.5, -1.0}>()
              p = Constant<value = float[1] {0.25}>()
              y = Conv(x, w)
              z = BatchNormalization<epsilon: float = @eps>(y, p, p, p, p)
            }
            """)
        .refuses("conv-batch-norm", Reason.UNSUPPORTED_ATTRIBUTE);
  }

  @Test
  void each_function_has_its_own_opset() {
    Fusing.inference(
            function("z = my.CB(x, w, p, var)")
                .replace(
                    "<domain: \"my\", opset_import: [\"\" : 15]>",
                    "<domain: \"my\", opset_import: [\"\" : 6]>"))
        .refuses("conv-batch-norm", Reason.TRAINING_MODE);
    assertThat(GraphText.parse(function("z = my.CB(x, w, p, var)")).functions()).hasSize(1);
  }
}
