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

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelScaledTest {
  @Property
  void every_element_is_multiplied_by_the_factor_of_its_channel(
      @ForAll("weights") Tensor weight,
      @ForAll @IntRange(max = 3) int axis,
      @ForAll @IntRange(min = 1, max = 7) int piece) {
    int chosen = axis % weight.shape().rank();
    checked(weight, ChannelAxis.of(chosen), piece);
  }

  @Property
  void groups_lie_side_by_side_on_axis_0(
      @ForAll @IntRange(min = 1, max = 3) int groups,
      @ForAll @IntRange(min = 1, max = 3) int perGroup,
      @ForAll @IntRange(min = 1, max = 3) int channels,
      @ForAll @IntRange(min = 1, max = 3) int kernel,
      @ForAll @IntRange(min = 1, max = 7) int piece) {
    Shape shape = Shape.of((long) groups * perGroup, channels, kernel);
    checked(SomeTensors.counting(ElementType.FLOAT, shape), new ChannelAxis(1, groups), piece);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4095, 4096, 4097, 5000, 12289})
  void a_chunk_may_end_anywhere(int piece) {
    for (long run : new long[] {1, 3, 63, 64, 65, 4096, 5000}) {
      Shape shape = Shape.of(2, 3, run);
      checked(SomeTensors.counting(ElementType.FLOAT, shape), ChannelAxis.of(1), piece);
      checked(SomeTensors.counting(ElementType.DOUBLE, shape), ChannelAxis.of(0), piece);
    }
  }

  @Test
  void factors_that_are_floats_give_the_product_of_floats() {
    Tensor weight = SomeTensors.counting(ElementType.FLOAT, Shape.of(2, 3));
    double[] factors = {(double) 0.3f, (double) -1e-3f};
    double[] scaled =
        SomeTensors.inPieces(new ChannelScaled(weight, ChannelAxis.of(0), factors), 6);

    double[] values = Tensors.doubles(weight, 6);
    for (int i = 0; i < scaled.length; i++) {
      assertThat((float) scaled[i]).isEqualTo((float) values[i] * (float) factors[i / 3]);
    }
  }

  @Test
  void other_factors_are_rounded_once() {
    Tensor weight = LiteralTensor.ofFloats(Shape.of(1, 1), 41);
    double factor = 1 / 41.0;

    double[] scaled =
        SomeTensors.inPieces(
            new ChannelScaled(weight, ChannelAxis.of(0), new double[] {factor}), 1);

    assertThat(scaled[0]).isEqualTo(1);
    assertThat(41f * (float) factor).as("with a rounded factor").isNotEqualTo(1);
  }

  @Test
  void as_many_factors_as_channels_are_needed() {
    Tensor weight = SomeTensors.counting(ElementType.FLOAT, Shape.of(4, 3, 2));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChannelScaled(weight, new ChannelAxis(1, 2), new double[4]))
        .withMessage("4 factors for the 6 channels of [4,3,2]");
  }

  @Test
  void integers_are_not_scaled() {
    Tensor weight = LiteralTensor.ofLongs(1, 2);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChannelScaled(weight, ChannelAxis.of(0), new double[2]))
        .withMessage("cannot scale int64");
  }

  @Provide
  Arbitrary<Tensor> weights() {
    Arbitrary<ElementType> types =
        Arbitraries.of(
            ElementType.FLOAT, ElementType.DOUBLE, ElementType.FLOAT16, ElementType.BFLOAT16);
    Arbitrary<List<Long>> dims = Arbitraries.longs().between(1, 4).list().ofMinSize(1).ofMaxSize(4);
    return types.flatMap(type -> dims.map(sizes -> SomeTensors.counting(type, new Shape(sizes))));
  }

  /** Against the definition in the Javadoc of {@link ChannelAxis}, index by index. */
  private static void checked(Tensor weight, ChannelAxis axis, int piece) {
    Shape shape = weight.shape();
    double[] factors = new Random(7).doubles(axis.channels(shape), 0.1, 2).toArray();
    checked(weight, axis, piece, factors);
    checked(weight, axis, piece, Arrays.stream(factors).map(factor -> (float) factor).toArray());
  }

  private static void checked(Tensor weight, ChannelAxis axis, int piece, double[] factors) {
    Shape shape = weight.shape();
    double[] values = Tensors.doubles(weight, Integer.MAX_VALUE);
    double[] expected = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      long along = i / shape.elementCount(axis.axis() + 1, shape.rank()) % shape.dim(axis.axis());
      long channel = along;
      if (axis.groups() > 1) {
        long row = i / shape.elementCount(1, shape.rank());
        channel = row / (shape.dim(0) / axis.groups()) * shape.dim(1) + along;
      }
      expected[i] = ElementCodec.of(weight.type()).round(values[i] * factors[(int) channel]);
    }
    assertThat(SomeTensors.inPieces(new ChannelScaled(weight, axis, factors), piece))
        .containsExactly(expected);
  }
}
