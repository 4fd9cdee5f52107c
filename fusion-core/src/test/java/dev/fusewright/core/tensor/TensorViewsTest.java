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
package dev.fusewright.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tensors that are views of others. */
class TensorViewsTest {
  @Property
  void a_transposed_tensor_has_each_element_at_its_permuted_index(
      @ForAll("transposed") TransposedTensor view, @ForAll @IntRange(min = 1, max = 9) int piece) {
    Tensor source = view.source();
    double[] values = Tensors.doubles(source, Integer.MAX_VALUE);
    double[] expected = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      long at = 0;
      for (int axis = 0; axis < view.shape().rank(); axis++) {
        int from = view.permutation().get(axis);
        long index =
            i
                / source.shape().elementCount(from + 1, source.shape().rank())
                % source.shape().dim(from);
        at += index * view.shape().elementCount(axis + 1, view.shape().rank());
      }
      expected[(int) at] = values[i];
    }

    assertThat(SomeTensors.inPieces(view, piece)).containsExactly(expected);
  }

  @Provide
  Arbitrary<TransposedTensor> transposed() {
    return Arbitraries.longs()
        .between(1, 4)
        .list()
        .ofMinSize(1)
        .ofMaxSize(4)
        .flatMap(
            dims -> {
              List<Integer> axes =
                  java.util.stream.IntStream.range(0, dims.size()).boxed().toList();
              Tensor source = SomeTensors.counting(ElementType.FLOAT, new Shape(dims));
              return Combinators.combine(Arbitraries.just(source), Arbitraries.shuffle(axes))
                  .as(TransposedTensor::new);
            });
  }

  @Test
  void a_permutation_names_every_axis_once() {
    Tensor source = SomeTensors.counting(ElementType.FLOAT, Shape.of(2, 3));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TransposedTensor(source, List.of(0, 0)));
    assertThatIllegalArgumentException().isThrownBy(() -> new TransposedTensor(source, List.of(0)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TransposedTensor(source, List.of(1, 2)))
        .withMessage("[1, 2] does not permute the axes of [2,3]");
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16", "INT32"})
  void a_cast_rounds_every_element_once(ElementType type) {
    Tensor source = SomeTensors.counting(ElementType.DOUBLE, Shape.of(100, 101));
    double[] values = Tensors.doubles(source, Integer.MAX_VALUE);
    double[] expected = java.util.Arrays.stream(values).map(ElementCodec.of(type)::round).toArray();

    for (int piece : new int[] {1, 4096, 4097, 10100}) {
      assertThat(SomeTensors.inPieces(new CastTensor(source, type), piece))
          .containsExactly(expected);
    }
  }

  @Test
  void a_cast_reads_a_source_with_larger_and_smaller_elements() {
    Tensor halves = LiteralTensor.ofDoubles(ElementType.FLOAT16, Shape.of(3), 1.5, -2, 65504);

    assertThat(SomeTensors.inPieces(new CastTensor(halves, ElementType.DOUBLE), 2))
        .containsExactly(1.5, -2, 65504);
  }

  @Test
  void a_reshaped_tensor_keeps_the_order_and_the_number_of_its_elements() {
    Tensor source = SomeTensors.counting(ElementType.FLOAT, Shape.of(2, 3));

    assertThat(SomeTensors.inPieces(new ReshapedTensor(source, Shape.of(3, 2)), 4))
        .containsExactly(Tensors.doubles(source, 6));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ReshapedTensor(source, Shape.of(5)))
        .withMessage("cannot reshape [2,3] to [5]");
  }

  @Test
  void a_filled_tensor_is_read_from_any_offset() {
    Tensor filled = new FilledTensor(ElementType.FLOAT16, Shape.of(10), 1.5);

    assertThat(SomeTensors.inPieces(filled, 3)).containsOnly(1.5);
  }

  @Test
  void a_shape_with_too_many_elements_is_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Shape.of(1L << 40, 1L << 40))
        .withMessage("shape [1099511627776, 1099511627776] has too many elements");
  }
}
