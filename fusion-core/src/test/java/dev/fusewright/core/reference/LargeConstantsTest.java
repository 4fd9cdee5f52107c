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
package dev.fusewright.core.reference;

import static dev.fusewright.core.reference.Evaluation.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.testing.TakesLong;
import dev.fusewright.core.text.GraphText;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TakesLong
class LargeConstantsTest {
  private static final long HEAP = Runtime.getRuntime().maxMemory();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<float[1,%1$d] x = fill(2), float[%1$d,%1$d] w = fill(0.5)> { y = MatMul (x, w) }",
        "<float[1,%1$d] x = fill(2), float[%1$d,%1$d] w = fill(0.5)> { y = Gemm (x, w) }",
        "<float[1,%1$d] x = fill(2), float[%1$d,%1$d] w = fill(0.5)> { y = Gemm <transB = 1> (x, w) }",
        "<float[1,%1$d,1] x = fill(2), float[%1$d,%1$d,1] w = fill(0.5)> { y = Conv (x, w) }",
        "<float[1,%1$d] x = fill(2), int64[2] s = {%1$d, %1$d}> { w = ConstantOfShape <value = float[1] {0.5}> (s) y = MatMul (x, w) }"
      })
  void a_weight_larger_than_the_heap_is_read_block_by_block(String text) {
    long side = (long) Math.sqrt(1.01 * HEAP / Double.BYTES);

    NdArray y = answer("g () => (y) " + text.formatted(side));

    assertThat(y.size()).isEqualTo((int) side);
    assertThat(y.values()).containsOnly((double) side);
  }

  @Test
  void a_transposed_kernel_larger_than_the_heap_is_read_block_by_block() {
    long channels = (long) Math.sqrt(1.01 * HEAP / Double.BYTES / 1024);

    NdArray y =
        answer(
            "g () => (y) <float[1,%1$d,1] x = fill(2), float[%1$d,%1$d,1024] w = fill(0.5)> { y = ConvTranspose (x, w) }"
                .formatted(channels));

    assertThat(y.shape()).isEqualTo(Shape.of(1, channels, 1024));
    assertThat(y.values()).containsOnly((double) channels);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x[3,600,1,1]; w[601,600,1,1]; y = Conv (x, w)",
        "x[2,17,5,5]; w[2003,17,3,3]; y = Conv <strides = [2, 2]> (x, w)",
        "x[2,26,3,3]; w[4002,13,3,2]; y = Conv <group = 2, pads = [1, 0, 1, 1]> (x, w)",
        "x[1,8,9,9]; w[4000,8,3,3]; y = Conv (x, w)",
        "x[2,3000,2,3]; w[3000,11,3,3]; y = ConvTranspose <strides = [2, 1]> (x, w)",
        "x[1,700]; w[700,601]; y = Gemm (x, w)",
        "x[5,701]; w[603,701]; y = Gemm <transB = 1, alpha = 0.5> (x, w)",
        "x[701,3]; w[603,701]; y = Gemm <transA = 1, transB = 1> (x, w)",
        "x[700]; w[700,601]; y = MatMul (x, w)",
        "x[2,3,700]; w[700,601]; y = MatMul (x, w)",
        "x[2,3,700]; w[601,700]; t = Transpose (w) y = MatMul (x, t)",
        "x[2,9,700]; w[2,700,301]; y = MatMul (x, w)"
      })
  void a_stored_weight_gives_the_bits_of_one_that_is_held(String example) {
    String[] parts = example.split("; ");
    NdArray x = random(parts[0], 1);
    NdArray w = random(parts[1], 2);
    assertThat(w.size()).as("more than one block").isGreaterThan(1 << 18);
    ModelGraph held = GraphText.parse("g (x, w) => (y) { %s }".formatted(parts[2]));
    Graph graph = held.graph();
    ModelGraph stored =
        held.withGraph(
            new Graph(
                "g",
                graph.nodes(),
                List.of(new Initializer("w", w.toTensor())),
                graph.inputs(),
                graph.outputs()));

    assertThat(ReferenceEvaluator.evaluate(stored, Map.of("x", x)))
        .isEqualTo(ReferenceEvaluator.evaluate(held, Map.of("x", x, "w", w)));
  }

  /** Such as {@code x[2,3]}. */
  private static NdArray random(String declaration, long seed) {
    String dims = declaration.substring(declaration.indexOf('[') + 1, declaration.length() - 1);
    long[] sizes = Arrays.stream(dims.split(",")).mapToLong(Long::parseLong).toArray();
    Shape shape = Shape.of(sizes);
    double[] values =
        new Random(seed).doubles(shape.elementCount(), -1, 1).map(value -> (float) value).toArray();
    return NdArray.of(ElementType.FLOAT, shape, values);
  }

  @Test
  void a_constant_node_is_read_where_it_is_stored() {
    assertThat(
            answer(
                "g () => (y) <float[1, 2] x = {1, 2}> { w = Constant <value = float[2, 1] {3, 4}> () y = MatMul (x, w) }"))
        .isEqualTo(NdArray.of(ElementType.FLOAT, Shape.of(1, 1), 11));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1, 4", "4611686018427387904, 4"})
  void a_constant_of_no_shape_is_refused_where_it_is_made(String shape) {
    assertThatExceptionOfType(ReferenceException.class)
        .isThrownBy(
            () ->
                answer(
                    "g () => (y) <int64[2] s = {%s}> { [made] w = ConstantOfShape (s) y = Neg (w) }"
                        .formatted(shape)))
        .withMessageStartingWith("node 'made' (ConstantOfShape): ");
  }

  @Test
  void what_does_not_fit_into_the_heap_is_refused_by_name() {
    assertThatExceptionOfType(EvaluationMemoryException.class)
        .isThrownBy(
            () ->
                answer(
                    "g () => (y) <float[%d] large = fill(1)> { y = Neg (large) }"
                        .formatted(HEAP / 8)))
        .withMessageStartingWith("the %d elements of 'large', beside 0 MiB".formatted(HEAP / 8));
  }

  @Test
  void what_a_loop_collects_is_refused_when_it_does_not_fit_into_the_heap() {
    String loop =
        """
        g () => (y) <int64 trips = {%d}, bool go = {1}, float[10000] slice = fill(1)>
        { [loop] y = Loop (trips, go) <body = b (i, c) => (c, s) { s = Neg (slice) }> }
        """;

    assertThat(answer(loop.formatted(3)).shape()).isEqualTo(Shape.of(3, 10000));
    assertThatExceptionOfType(EvaluationMemoryException.class)
        .isThrownBy(() -> answer(loop.formatted(HEAP / 80_000)))
        .withMessageContaining(
            "of other values, are more than the %d MiB".formatted((HEAP / 3) >> 20));
  }

  @Test
  void evaluations_that_need_much_of_the_heap_wait_for_each_other() {
    // Each holds a quarter of the heap for a while; together they would need twice what there is.
    String text =
        "g () => (y) <float[%d] large = fill(1)> { n = Neg (large) y = ReduceMax <keepdims = 0> (n) }"
            .formatted(HEAP / Double.BYTES / 8);

    List<NdArray> answers = IntStream.range(0, 8).parallel().mapToObj(i -> answer(text)).toList();

    assertThat(answers).hasSize(8).containsOnly(NdArray.scalar(ElementType.FLOAT, -1));
  }
}
