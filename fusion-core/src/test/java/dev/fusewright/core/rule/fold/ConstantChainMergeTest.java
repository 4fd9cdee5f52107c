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
import org.junit.jupiter.params.provider.ValueSource;

class ConstantChainMergeTest {
  private static String graph(String outputs, String first, String second) {
    return """
    <ir_version: 8, opset_import: ["" : 13]>
    g (float[N,4,5] x) => (%s)
    <float two = {2}, float half = {0.5}, float[4,1] rows = {1,2,3,4},
     float[5] columns = {1,2,3,4,5}, float[4,5] all = random(1, 0.5, 2.0),
     float big = {2097152}, float huge = {1e38}, float minus = {-2.001}, float infinite = {Infinity}, float tiny = {1e-38}>
    {
      s = Sigmoid(x)
      [first] y = %s
      [second] z = %s
    }
    """
        .formatted(outputs, first, second);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Mul(s, two)     | Mul(y, half)",
        "Mul(two, s)     | Mul(rows, y)",
        "Mul(s, columns) | Mul(y, two)",
        "Mul(s, all)     | Mul(y, rows)"
      })
  void two_muls_become_one(String first, String second) {
    Fusing.inference(graph("float[N,4,5] z", first, second).replace("half = {0.5}", "half = {3}"))
        .fuses("mul-mul", "Mul", "first", "second");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"Add(s, two) | Add(y, half)", "Add(rows, s) | Add(y, all)"})
  void two_adds_become_one(String first, String second) {
    Fusing.inference(graph("float[N,4,5] z", first, second))
        .fuses("add-add", "Add", "first", "second");
  }

  @Test
  void three_become_one() {
    Fusing.inference(
            graph("float[N,4,5] z", "Mul(s, two)", "Mul(m, rows)")
                .replace("[second]", "m = Mul(y, two)  [second]"))
        .leaves("s = Sigmoid (x)", "[second] z = Mul (s, rows)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Mul(s, two)  | Add(y, half)",
        "Mul(s, two)  | Mul(y, y)",
        "Mul(s, s)    | Mul(y, two)",
        "Mul(s, two)  | Mul(y, x)",
        "Mul(s, big)  | Mul(y, half)",
        "Mul(s, two)  | Mul(y, tiny)",
        "Add(s, two)  | Add(y, minus)"
      })
  void others_and_what_overflows_between_or_cancels_out_stay(String first, String second) {
    Fusing.inference(graph("float[N,4,5] z", first, second)).leavesItAlone();
  }

  @Test
  void constants_that_would_make_a_larger_one_stay() {
    Fusing.inference(graph("float[N,4,5] z", "Mul(s, rows)", "Mul(y, columns)"))
        .refuses("mul-mul", Reason.BROADCAST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"float[4,1] x", "float[5] x"})
  void constants_that_enlarge_the_value_stay(String input) {
    Fusing.inference(
            graph("float[] z", "Mul(s, two)", "Mul(y, all)").replace("float[N,4,5] x", input))
        .refuses("mul-mul", Reason.BROADCAST);
  }

  @Test
  void what_overflows_or_is_no_number_stays() {
    Fusing.inference(
            graph("float[N,4,5] z", "Add(s, huge)", "Add(y, huge)").replace("{1e38}", "{3e38}"))
        .refuses("add-add", Reason.NON_FINITE_RESULT);
    Fusing.inference(graph("float[N,4,5] z", "Add(s, infinite)", "Add(y, two)"))
        .refuses("add-add", Reason.NON_FINITE_PARAMETER);
  }

  @Test
  void what_is_subnormal_in_its_type_stays() {
    Fusing.inference(
            """
            <ir_version: 8, opset_import: ["" : 13]>
            g (float16[N,4] x) => (float16[] z)
            <float16 a = {0.00003}, float16 b = {0.00002}>
            {
              s = Sigmoid(x)
              y = Add(s, a)
              z = Add(y, b)
            }
            """)
        .refuses("add-add", Reason.SUBNORMAL_RESULT);
  }

  @ParameterizedTest
  @CsvSource({"60000.0, 0.001", "0.00001, 60000.0", "30.0, 2.0"})
  void factors_near_the_end_of_a_narrow_type_stay(String first, String second) {
    Fusing.inference(
            """
            <ir_version: 8, opset_import: ["" : 13]>
            g (float16[N,4] x) => (float16[] z)
            <float16 a = {%s}, float16 b = {%s}>
            {
              s = Sigmoid(x)
              y = Mul(s, a)
              z = Mul(y, b)
            }
            """
                .formatted(first, second))
        .leavesItAlone();
  }

  /** Each step loses few bits of a float's twenty-four; together they round x away. */
  @Test
  void sums_that_cancel_out_little_by_little_stay() {
    Fusing.inference(
            graph("float[N,4,5] z", "Add(s, big)", "Add(m, b)")
                .replace(
                    "big = {2097152}",
                    "big = {33554432}, float a = {-31457280}, float b = {1966080}")
                .replace("[second]", "m = Add(y, a)  [second]"))
        .leavesItAlone();
  }

  @Test
  void what_lies_between_may_have_no_other_reader() {
    Fusing.inference(graph("float[N,4,5] z, float[N,4,5] y", "Mul(s, two)", "Mul(y, rows)"))
        .refuses("mul-mul", Reason.GRAPH_OUTPUT);
    Fusing.inference(
            graph("float[N,4,5] z, float[N,4,5] t", "Mul(s, two)", "Mul(y, rows)")
                .replace("[second]", "t = Tanh(y)  [second]"))
        .refuses("mul-mul", Reason.OTHER_USES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"two", "rows"})
  void a_constant_that_a_caller_may_override_stays(String overridden) {
    String input = overridden.equals("two") ? "float two" : "float[4,1] rows";
    Fusing.inference(
            graph("float[N,4,5] z", "Mul(s, two)", "Mul(y, rows)")
                .replace("float[N,4,5] x)", "float[N,4,5] x, " + input + ")"))
        .refuses("mul-mul", Reason.OVERRIDABLE);
  }

  @Test
  void before_opset_7_it_is_left_alone() {
    Fusing.inference(
            graph("float[N,4,5] z", "Mul<broadcast=1>(s, two)", "Mul<broadcast=1>(y, two)")
                .replace(": 13", ": 6"))
        .leavesItAlone();
  }
}
