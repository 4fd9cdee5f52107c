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

import static dev.fusewright.core.reference.Evaluation.floats;
import static dev.fusewright.core.reference.Evaluation.node;
import static dev.fusewright.core.reference.Evaluation.shape;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvolutionsTest {
  private static final String ROW =
      "float[1,1,5] x = {1, 2, 3, 4, 5}, float[1,1,3] w = {1, 10, 100}";

  @Test
  void a_kernel_is_not_flipped_and_a_bias_is_added() {
    NdArray y = node(13, ROW + ", float[1] b = {0.5}", "y = Conv (x, w, b)");

    assertThat(y).isEqualTo(floats(shape(1, 1, 3), 321.5, 432.5, 543.5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          NOTSET     | 210, 432, 54
          SAME_UPPER | 210, 432, 54
          SAME_LOWER | 210, 432, 54
          VALID      | 321, 543
          """)
  void padding_may_be_computed(String auto, String expected) {
    String pads = auto.equals("NOTSET") ? "pads = [1, 1]" : "auto_pad = \"" + auto + "\"";
    NdArray y = node(13, ROW, "y = Conv <strides = [2], " + pads + "> (x, w)");

    assertThat(y.values()).containsExactly(Evaluation.numbers(expected));
  }

  @Test
  void uneven_padding_goes_to_the_end_or_the_beginning() {
    String even = "float[1,1,4] x = {1, 2, 3, 4}, float[1,1,2] w = {1, 10}";

    assertThat(node(13, even, "y = Conv <auto_pad = \"SAME_UPPER\"> (x, w)").values())
        .containsExactly(21, 32, 43, 4);
    assertThat(node(13, even, "y = Conv <auto_pad = \"SAME_LOWER\"> (x, w)").values())
        .containsExactly(10, 21, 32, 43);
  }

  @Test
  void a_dilated_kernel_skips_elements() {
    assertThat(node(13, ROW, "y = Conv <dilations = [2]> (x, w)").values()).containsExactly(531);
  }

  @Test
  void groups_see_their_own_channels() {
    NdArray y =
        node(
            13,
            "float[1,4,1] x = {1, 2, 3, 4}, float[2,2,1] w = {1, 10, 100, 1000}",
            "y = Conv <group = 2> (x, w)");

    assertThat(y).isEqualTo(floats(shape(1, 2, 1), 21, 4300));
  }

  @Test
  void a_transposed_convolution_spreads_each_element() {
    String two = "float[1,1,2] x = {1, 2}, float[1,1,3] w = {1, 10, 100}";

    assertThat(node(13, two, "y = ConvTranspose (x, w)").values()).containsExactly(1, 12, 120, 200);
    assertThat(node(13, two, "y = ConvTranspose <strides = [2]> (x, w)").values())
        .containsExactly(1, 10, 102, 20, 200);
    assertThat(
            node(13, two, "y = ConvTranspose <strides = [2], output_padding = [1]> (x, w)")
                .values())
        .containsExactly(1, 10, 102, 20, 200, 0);
    assertThat(node(13, two, "y = ConvTranspose <strides = [2], pads = [1, 1]> (x, w)").values())
        .containsExactly(10, 102, 20);
    assertThat(
            node(13, two, "y = ConvTranspose <strides = [2], output_shape = [4]> (x, w)").values())
        .as("what is too much goes at the beginning")
        .containsExactly(10, 102, 20, 200);
    assertThat(
            node(13, two, "y = ConvTranspose <strides = [2], auto_pad = \"SAME_UPPER\"> (x, w)")
                .values())
        .as("or at the end")
        .containsExactly(1, 10, 102, 20);
  }

  @Test
  void groups_of_a_transposed_convolution_make_their_own_channels() {
    NdArray y =
        node(
            13,
            "float[1,2,1] x = {2, 3}, float[2,2,1] w = {1, 10, 100, 1000}, float[4] b = {1, 1, 1, 1}",
            "y = ConvTranspose <group = 2> (x, w, b)");

    assertThat(y).isEqualTo(floats(shape(1, 4, 1), 3, 21, 301, 3001));
  }

  /** Against the definition, an index at a time. */
  @Property(tries = 100)
  void a_convolution_is_its_definition(
      @ForAll @IntRange(min = 1, max = 3) int axes,
      @ForAll @IntRange(min = 1, max = 2) int group,
      @ForAll @IntRange(min = 1, max = 3) int kernel,
      @ForAll @IntRange(min = 1, max = 3) int stride,
      @ForAll @IntRange(min = 1, max = 2) int dilation,
      @ForAll @IntRange(max = 2) int begin,
      @ForAll @IntRange(max = 2) int end,
      @ForAll long seed) {
    Site site = new Site(axes, group, kernel, stride, dilation, begin, end);
    NdArray x = random(seed, shape(site.sizes(2, 2L * group, 5)));
    NdArray w = random(seed + 1, shape(site.sizes(3L * group, 2, kernel)));

    NdArray y = site.evaluated(OpKind.CONV, x, w);

    double[] expected = new double[y.size()];
    for (int n = 0; n < 2; n++) {
      for (int m = 0; m < 3 * group; m++) {
        for (int c = 0; c < 2; c++) {
          for (long[] out : indices(site.spatial(y))) {
            for (long[] k : indices(site.spatial(w))) {
              long[] in = site.seen(out, k);
              if (inside(in, site.spatial(x))) {
                expected[at(y, n, m, out)] += at(x, n, m / 3 * 2 + c, in, w, m, c, k);
              }
            }
          }
        }
      }
    }
    assertThat(y.values()).containsExactly(expected, within(1e-12));
  }

  /** &lt;conv(x), y&gt; = &lt;x, convTranspose(y)&gt; is what transposed means. */
  @Property(tries = 100)
  void a_transposed_convolution_is_the_transpose_of_a_convolution(
      @ForAll @IntRange(min = 1, max = 3) int axes,
      @ForAll @IntRange(min = 1, max = 2) int group,
      @ForAll @IntRange(min = 1, max = 3) int kernel,
      @ForAll @IntRange(min = 1, max = 3) int stride,
      @ForAll @IntRange(min = 1, max = 2) int dilation,
      @ForAll @IntRange(max = 1) int begin,
      @ForAll @IntRange(max = 1) int end,
      @ForAll long seed) {
    Site site = new Site(axes, group, kernel, stride, dilation, begin, end);
    NdArray small = random(seed, shape(site.sizes(2, 3L * group, 4)));
    NdArray w = random(seed + 1, shape(site.sizes(3L * group, 2, kernel)));

    NdArray spread = site.evaluated(OpKind.CONV_TRANSPOSE, small, w);
    if (spread.size() == 0) {
      return;
    }
    NdArray large = random(seed + 2, spread.shape());
    NdArray gathered = site.evaluated(OpKind.CONV, large, w);

    assertThat(gathered.shape()).isEqualTo(small.shape());
    assertThat(product(gathered, small)).isCloseTo(product(large, spread), within(1e-9));
  }

  @Test
  void what_does_not_fit_is_refused() {
    assertThatExceptionOfType(ReferenceException.class)
        .isThrownBy(
            () ->
                node(
                    13,
                    "float[1,3,4] x = fill(1), float[2,2,1] w = fill(1)",
                    "[c] y = Conv (x, w)"))
        .withMessage(
            "node 'c' (Conv): weight [2,2,1] and group = 1 do not fit data of shape [1,3,4]");
    assertThatExceptionOfType(ReferenceException.class)
        .isThrownBy(
            () ->
                node(
                    13,
                    "float[1,1,2] x = fill(1), float[1,1,3] w = fill(1)",
                    "[c] y = Conv (x, w)"))
        .withMessage("node 'c' (Conv): a kernel that spans 3 over an axis of 2");
    assertThatExceptionOfType(ReferenceException.class)
        .isThrownBy(() -> node(13, ROW + ", float[2] b = {1, 2}", "[c] y = Conv (x, w, b)"))
        .withMessage("node 'c' (Conv): the bias has the shape [2], expected [1]");
    assertThatExceptionOfType(UnsupportedOperatorException.class)
        .isThrownBy(
            () ->
                node(
                    13,
                    "float[1,1,2,2,2,2] x = fill(1), float[1,1,1,1,1,1] w = fill(1)",
                    "[c] y = Conv (x, w)"))
        .withMessage("node 'c' (Conv): data of shape [1,1,2,2,2,2]");
  }

  /** The same numbers for every spatial axis. */
  private record Site(
      int axes, int group, int kernel, int stride, int dilation, int begin, int end) {
    NdArray evaluated(OpKind op, NdArray x, NdArray w) {
      Map<String, Attribute> attributes =
          Map.of(
              "group",
              new Attribute.Int(group),
              "strides",
              repeated(stride, axes),
              "dilations",
              repeated(dilation, axes),
              "pads",
              new Attribute.Ints(
                  LongStream.range(0, 2L * axes)
                      .map(i -> i < axes ? begin : end)
                      .boxed()
                      .toList()));
      Node node = new Node(0, "", op, List.of("x", "w"), List.of("y"), attributes);
      Graph graph =
          new Graph("g", List.of(node), List.of(), List.of(), List.of(ValueInfo.untyped("y")));
      return new ReferenceEvaluator(Map.of("", 13L), List.of())
          .outputs(graph, Map.of("x", x, "w", w))
          .values()
          .iterator()
          .next();
    }

    private static Attribute repeated(long value, int count) {
      return new Attribute.Ints(java.util.Collections.nCopies(count, value));
    }

    long[] sizes(long first, long second, long spatial) {
      long[] sizes = new long[axes + 2];
      Arrays.fill(sizes, spatial);
      sizes[0] = first;
      sizes[1] = second;
      return sizes;
    }

    long[] spatial(NdArray array) {
      return array.shape().dims().stream().skip(2).mapToLong(Long::longValue).toArray();
    }

    long[] seen(long[] out, long[] k) {
      long[] in = new long[axes];
      for (int axis = 0; axis < axes; axis++) {
        in[axis] = out[axis] * stride - begin + k[axis] * dilation;
      }
      return in;
    }
  }

  private static List<long[]> indices(long[] sizes) {
    List<long[]> all = new java.util.ArrayList<>();
    long count = Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    for (long i = 0; i < count; i++) {
      long[] index = new long[sizes.length];
      long rest = i;
      for (int axis = sizes.length - 1; axis >= 0; axis--) {
        index[axis] = rest % sizes[axis];
        rest /= sizes[axis];
      }
      all.add(index);
    }
    return all;
  }

  private static boolean inside(long[] index, long[] sizes) {
    for (int axis = 0; axis < sizes.length; axis++) {
      if (index[axis] < 0 || index[axis] >= sizes[axis]) {
        return false;
      }
    }
    return true;
  }

  private static int at(NdArray array, long first, long second, long[] spatial) {
    long offset = first * array.shape().dim(1) + second;
    for (int axis = 0; axis < spatial.length; axis++) {
      offset = offset * array.shape().dim(axis + 2) + spatial[axis];
    }
    return (int) offset;
  }

  private static double at(NdArray x, int n, int c, long[] in, NdArray w, int m, int wc, long[] k) {
    return x.values()[at(x, n, c, in)] * w.values()[at(w, m, wc, k)];
  }

  private static double product(NdArray a, NdArray b) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      sum += a.values()[i] * b.values()[i];
    }
    return sum;
  }

  private static NdArray random(long seed, Shape shape) {
    return NdArray.of(
        ElementType.FLOAT, shape, new Random(seed).doubles(shape.elementCount(), -1, 1).toArray());
  }
}
