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
package dev.fusewright.core.analysis.shape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.text.GraphText;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MultiplyAddsTest {
  private static Optional<MultiplyAdds.Count> count(String text) {
    return MultiplyAdds.of(
        GraphText.parse("<ir_version: 8, opset_import: [\"\" : 13, \"my\" : 1]> " + text));
  }

  private static Optional<MultiplyAdds.Count> count(String inputs, String nodes) {
    return count(
        """
        g (%s) => (float[] y)
        <float[4,3,3,3] w = random(1), float[2,2,3,3] grouped = random(1),
         float[3,4,2,2] wt = random(1), float[5,7] m = random(1), float[7] b = random(1)>
        { %s }
        """
            .formatted(inputs, nodes));
  }

  /** The counts are those of torch.utils.flop_counter, halved. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "float[1,3,8,8] x|y = Conv(x, w)|3888",
        "float[2,3,8,8] x|y = Conv<strides=[2,2], pads=[1,1,1,1]>(x, w)|3456",
        "float[1,4,8,8] x|y = Conv<group=2>(x, grouped)|1296",
        "float[1,3,8,8] x|y = ConvTranspose<strides=[2,2]>(x, wt)|3072",
        "float[6,5] x|y = Gemm(x, m, b)|210",
        "float[7,6] x|y = Gemm<transA=1, transB=1>(x, m)|210",
        "float[2,6,5] x|y = MatMul(x, m)|420",
        "float[5] x|y = MatMul(x, m)|35",
        "float[2,3] x|y = Relu(x)|0",
        "float[6,5] x|a = Gemm(x, m, b) y = MatMul(x, m)|420"
      })
  void each_operator_is_counted_as_torch_counts_it(String inputs, String nodes, long expected) {
    MultiplyAdds.Count count = count(inputs, nodes).orElseThrow();

    assertThat(count.perSample()).hasValue(expected);
    assertThat(count.formula()).isEqualTo(Long.toString(expected));
    assertThat(count.isOpen()).isFalse();
  }

  @Test
  void an_open_batch_counts_as_one_and_stands_in_the_formula() {
    MultiplyAdds.Count count = count("float[N,3,8,8] x", "y = Conv(x, w)").orElseThrow();

    assertThat(count).isEqualTo(new MultiplyAdds.Count(OptionalLong.of(3888), "3888·N"));
    assertThat(count.isOpen()).isTrue();
    assertThat(count("float[?,5] x", "y = MatMul(x, m)").orElseThrow().formula())
        .isEqualTo("35·x#0");
  }

  @Test
  void other_open_sizes_leave_a_formula_alone() {
    MultiplyAdds.Count count = count("float[N,S,5] x", "y = MatMul(x, m)").orElseThrow();

    assertThat(count).isEqualTo(new MultiplyAdds.Count(OptionalLong.empty(), "35·N·S"));
  }

  @Test
  void what_is_not_known_is_not_counted() {
    assertThat(count("float[] x", "y = Conv(x, w)")).isEmpty();
    assertThat(count("float[1,3,8,8] x", "a = Foo(x) y = Conv(a, w)")).isEmpty();
    assertThat(count("float[1,3,8,8] x", "y = Conv(x, w) a = Foo(x)")).isPresent();
  }

  @Test
  void a_function_counts_as_often_as_it_is_called() {
    String text =
        """
        g (float[N,5] x) => (float[] y) <float[5,5] m = random(1)>
        { a = my.Twice(x, m) y = my.Twice(a, m) }
        <domain: "my", opset_import: ["" : 13]>
        Twice (a, w) => (r) { b = MatMul(a, w) r = MatMul(b, w) }
        """;

    assertThat(count(text).orElseThrow().formula()).isEqualTo("100·N");
  }

  @ParameterizedTest
  @CsvSource({"five, 250·N", "n, ''"})
  void a_body_counts_as_often_as_it_is_run(String trips, String formula) {
    String text =
        """
        g (float[N,5] x, int64 n) => (float[] y)
        <float[5,5] m = random(1), int64 five = {5}>
        {
          y, all = Loop<body = b (int64 i, bool k, float[] s) => (bool kk, float[] t, float[] o) {
            kk = Identity(k) a = MatMul(s, m) t = MatMul(a, m) o = Relu(a)
          }>(%s, , x)
        }
        """
            .formatted(trips);

    assertThat(count(text).map(MultiplyAdds.Count::formula).orElse("")).isEqualTo(formula);
  }

  @Test
  void two_branches_count_where_they_take_the_same() {
    String text =
        """
        g (float[N,5] x, bool c) => (float[] y) <float[5,5] m = random(1)>
        {
          y = If<then_branch = a () => (float[] p) { p = MatMul(x, m) },
                 else_branch = b () => (float[] q) { r = MatMul(x, m) q = %s(r) }>(c)
        }
        """;

    assertThat(count(text.formatted("Relu")).orElseThrow().formula()).isEqualTo("25·N");
    assertThat(count(text.formatted("Relu").replace("q = Relu(r)", "q = MatMul(r, m)"))).isEmpty();
  }
}
