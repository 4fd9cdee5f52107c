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

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.verify.Comparison;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InputGeneratorTest {
  private static final InputGenerator PROBE =
      new InputGenerator(7, Map.of("tokens", 10L), Map.of());

  private static ValueInfo value(String name, ElementType type, Object... dims) {
    List<Dim> all =
        Arrays.stream(dims)
            .map(
                dim ->
                    dim instanceof Integer size ? Dim.of(size) : new Dim.Symbolic(dim.toString()))
            .toList();
    return new ValueInfo(name, type, all);
  }

  private static double[] values(ValueInfo input, InputFamily family) {
    DimSizes sizes = DimSizes.proposals(List.of(input)).get(0);
    Tensor tensor = PROBE.inputs(List.of(input), sizes, family, 1).get(input.name());
    assertThat(tensor.type()).isEqualTo(input.type());
    return Tensors.doubles(tensor, 1 << 20);
  }

  @Test
  void each_family_is_what_its_name_says() {
    ValueInfo image = value("x", ElementType.FLOAT, 1, 3, 32, 32);
    assertThat(Arrays.stream(values(image, InputFamily.NORMAL)).average().orElseThrow())
        .isBetween(-0.1, 0.1);
    assertThat(Arrays.stream(values(image, InputFamily.SHIFTED_UP)).average().orElseThrow())
        .isBetween(2.9, 3.1);
    assertThat(Arrays.stream(values(image, InputFamily.SHIFTED_DOWN)).average().orElseThrow())
        .isBetween(-3.1, -2.9);
    assertThat(Arrays.stream(values(image, InputFamily.UNIFORM)).allMatch(v -> v >= 0 && v <= 1))
        .isTrue();
    assertThat(Arrays.stream(values(image, InputFamily.NEGATIVE)).allMatch(v -> v >= -1 && v <= 0))
        .isTrue();
    assertThat(values(image, InputFamily.ZEROS)).containsOnly(0);
    assertThat(Arrays.stream(values(image, InputFamily.LARGE)).map(Math::abs).max().orElseThrow())
        .isGreaterThan(500);
    assertThat(Arrays.stream(values(image, InputFamily.SMALL)).map(Math::abs).max().orElseThrow())
        .isLessThan(0.1);
    assertThat(Arrays.stream(values(image, InputFamily.IMPULSES)).filter(v -> v != 0).count())
        .isEqualTo(3 * 4);
    assertThat(
            Arrays.stream(values(image, InputFamily.PIXELS))
                .allMatch(v -> v == Math.rint(v) && v >= 0 && v < 256))
        .isTrue();
    assertThat(values(image, InputFamily.BLOCKS)).contains(2, -2);
  }

  @Test
  void the_same_seed_gives_the_same_values_and_other_samples_others() {
    List<ValueInfo> inputs = List.of(value("x", ElementType.FLOAT, 2, 2));
    DimSizes sizes = DimSizes.proposals(inputs).get(0);
    Map<String, Tensor> one = PROBE.inputs(inputs, sizes, InputFamily.NORMAL, 1);
    assertThat(PROBE.inputs(inputs, sizes, InputFamily.NORMAL, 1)).isEqualTo(one);
    assertThat(PROBE.inputs(inputs, sizes, InputFamily.NORMAL, 2)).isNotEqualTo(one);
    assertThat(
            new InputGenerator(8, Map.of(), Map.of()).inputs(inputs, sizes, InputFamily.NORMAL, 1))
        .isNotEqualTo(one);
    // The first draw of seed 7, which no change of Java or of this code may alter unnoticed.
    assertThat(Tensors.doubles(one.get("x"), 4)[0]).isEqualTo(0.3802219331264496);
  }

  @Test
  void integers_stay_below_what_they_index() {
    assertThat(
            Arrays.stream(values(value("tokens", ElementType.INT64, 100), InputFamily.NORMAL))
                .allMatch(v -> v >= 0 && v < 10))
        .isTrue();
    assertThat(values(value("mask", ElementType.INT64, 100), InputFamily.NORMAL))
        .containsOnly(0, 1);
    assertThat(values(value("flag", ElementType.BOOL, 100), InputFamily.NORMAL)).containsOnly(0, 1);
    assertThat(
            Arrays.stream(values(value("image", ElementType.UINT8, 1000), InputFamily.NORMAL))
                .anyMatch(v -> v > 200))
        .isTrue();
  }

  @Test
  void what_has_a_range_never_leaves_it_whatever_the_family() {
    InputGenerator ranged =
        new InputGenerator(
            7,
            Map.of("n", 1000L),
            Map.of(
                "x", new InputHint(null, new InputHint.Range(0, 1)),
                "n", new InputHint(null, new InputHint.Range(3, 5))));
    List<ValueInfo> inputs =
        List.of(value("x", ElementType.FLOAT, 1, 3, 16, 16), value("n", ElementType.INT64, 1, 100));
    DimSizes sizes = DimSizes.proposals(inputs).get(0);
    for (InputFamily family : InputFamily.values()) {
      Map<String, Tensor> made = ranged.inputs(inputs, sizes, family, 1);
      for (Map<String, Tensor> moved : List.of(made, ranged.nudged(made), ranged.disturbed(made))) {
        assertThat(Arrays.stream(Tensors.doubles(moved.get("x"), 1 << 20)).boxed())
            .as("%s", family)
            .allMatch(v -> v >= 0 && v <= 1);
        assertThat(Arrays.stream(Tensors.doubles(moved.get("n"), 1 << 20)).boxed())
            .as("%s", family)
            .allMatch(v -> v == 3 || v == 4 || v == 5);
      }
    }
    assertThat(Tensors.doubles(ranged.inputs(inputs, sizes, InputFamily.NORMAL, 1).get("n"), 100))
        .contains(3, 4, 5);
  }

  @Test
  void a_shape_that_the_user_gives_holds_for_its_names_in_all_inputs() {
    List<ValueInfo> inputs =
        List.of(
            value("image", ElementType.FLOAT, "N", 3, "H", "W"),
            value("mask", ElementType.FLOAT, "N", "H", "W"),
            value("extra", ElementType.FLOAT, "N", "L"));
    List<ValueInfo> hinted =
        HintedInputs.of(inputs, Map.of("image", new InputHint(List.of(4L, 3L, 48L, 80L), null)));
    DimSizes sizes = DimSizes.proposals(hinted).get(0);
    assertThat(sizes.shape(hinted.get(0))).isEqualTo(Shape.of(4, 3, 48, 80));
    assertThat(sizes.shape(hinted.get(1))).isEqualTo(Shape.of(4, 48, 80));
    assertThat(sizes.shape(hinted.get(2))).isEqualTo(Shape.of(4, 16));
  }

  @Test
  void a_nudge_is_one_ulp_and_a_disturbance_three_percent() {
    List<ValueInfo> inputs =
        List.of(value("x", ElementType.FLOAT16, 1000), value("n", ElementType.INT64, 10));
    Map<String, Tensor> x =
        PROBE.inputs(inputs, DimSizes.proposals(inputs).get(0), InputFamily.NORMAL, 1);
    Map<String, Tensor> nudged = PROBE.nudged(x);
    assertThat(Comparison.of(x.get("x"), nudged.get("x"), 0).ulpHistogram()).startsWith(0L, 1000L);
    assertThat(nudged.get("n")).isEqualTo(x.get("n"));
    assertThat(Comparison.of(x.get("x"), PROBE.disturbed(x).get("x"), 0).snrDb())
        .isBetween(29.0, 31.0);
  }

  @Test
  void equal_names_get_equal_sizes_and_the_batch_is_one_first_and_two_then() {
    ValueInfo image = value("image", ElementType.FLOAT, "N", 3, "H", "W");
    ValueInfo mask = value("mask", ElementType.FLOAT, "N", "H", "W");
    List<ValueInfo> inputs = List.of(image, mask);
    DimSizes first = DimSizes.proposals(inputs).get(0);
    assertThat(first.shape(image)).isEqualTo(Shape.of(1, 3, 64, 64));
    assertThat(first.shape(mask)).isEqualTo(Shape.of(1, 64, 64));
    DimSizes second = DimSizes.alternatives(inputs, first).get(0);
    assertThat(second.shape(image)).isEqualTo(Shape.of(2, 3, 96, 96));
    assertThat(second.shape(mask)).isEqualTo(Shape.of(2, 96, 96));
  }

  @Test
  void where_nothing_is_open_there_is_one_proposal_and_no_alternative() {
    List<ValueInfo> inputs = List.of(value("x", ElementType.FLOAT, 1, 3, 8, 8));
    List<DimSizes> proposals = DimSizes.proposals(inputs);
    assertThat(proposals).hasSize(1);
    assertThat(DimSizes.alternatives(inputs, proposals.get(0))).isEmpty();
  }

  @Test
  void a_page_is_mostly_light_with_dark_glyphs_and_the_same_in_every_channel() {
    double[] page = values(value("x", ElementType.FLOAT, 1, 3, 64, 64), InputFamily.GLYPHS);
    double ink = Arrays.stream(page).filter(v -> v < 0.5).count() / (double) page.length;
    assertThat(ink).isBetween(0.1, 0.4);
    assertThat(Arrays.copyOf(page, 64 * 64))
        .isEqualTo(Arrays.copyOfRange(page, 64 * 64, 2 * 64 * 64));
    double[] last = values(value("x", ElementType.FLOAT, 1, 64, 64, 3), InputFamily.GLYPHS);
    assertThat(last[0]).isEqualTo(last[1]).isEqualTo(last[2]);
    assertThat(Arrays.copyOf(last, 3 * 64)).contains(page[0]);
  }

  @Test
  void a_page_comes_in_four_ranges_of_values() {
    ValueInfo image = value("x", ElementType.FLOAT, 1, 3, 64, 64);
    assertThat(range(values(image, InputFamily.GLYPHS))).isEqualTo("0.1 to 0.95");
    assertThat(range(values(image, InputFamily.GLYPHS_IN_BYTES))).isEqualTo("26.0 to 242.0");
    assertThat(range(values(image, InputFamily.GLYPHS_SIGNED))).isEqualTo("-0.8 to 0.9");
    assertThat(Arrays.stream(values(image, InputFamily.GLYPHS_NORMALIZED)).min().orElseThrow())
        .isCloseTo((0.1 - 0.485) / 0.229, org.assertj.core.data.Offset.offset(1e-6));
    assertThat(values(value("bytes", ElementType.UINT8, 1, 3, 64, 64), InputFamily.GLYPHS))
        .containsOnly(26, 242);
  }

  private static String range(double[] values) {
    return (float) Arrays.stream(values).min().orElseThrow()
        + " to "
        + (float) Arrays.stream(values).max().orElseThrow();
  }

  @Test
  void a_photograph_changes_little_from_pixel_to_pixel_and_much_over_the_picture() {
    double[] picture =
        values(value("x", ElementType.FLOAT, 1, 1, 128, 128), InputFamily.PHOTOGRAPH);
    double near = 0;
    double far = 0;
    for (int i = 0; i + 64 < picture.length; i++) {
      near += Math.abs(picture[i] - picture[i + 1]);
      far += Math.abs(picture[i] - picture[i + 64]);
    }
    assertThat(Arrays.stream(picture).allMatch(v -> v >= 0 && v <= 1)).isTrue();
    assertThat(near).isLessThan(far / 4);
  }

  @Test
  void signals_run_along_the_last_axis() {
    ValueInfo signal = value("x", ElementType.FLOAT, 1, 4, 64);
    double[] steps = values(signal, InputFamily.STEPS);
    assertThat(Arrays.stream(steps, 0, 64).distinct().count()).isEqualTo(8);
    double[] sines = values(signal, InputFamily.SINES);
    assertThat(Arrays.stream(sines).allMatch(v -> Math.abs(v) <= 1)).isTrue();
    assertThat(Arrays.stream(sines, 0, 64).distinct().count()).isGreaterThan(32);
  }

  @Test
  void low_tokens_are_frequent_and_all_stay_below_the_size_of_their_table() {
    double[] tokens = values(value("tokens", ElementType.INT64, 1000), InputFamily.TOKENS);
    assertThat(Arrays.stream(tokens).allMatch(v -> v >= 0 && v < 10)).isTrue();
    assertThat(Arrays.stream(tokens).filter(v -> v == 0).count())
        .isGreaterThan(2 * Arrays.stream(tokens).filter(v -> v == 5).count());
    assertThat(
            Arrays.stream(values(value("n", ElementType.INT64, 1000), InputFamily.TOKENS))
                .max()
                .orElseThrow())
        .isBetween(64.0, 127.0);
  }

  @Test
  void a_model_is_offered_the_kinds_that_its_inputs_can_be() {
    assertThat(adapted(value("x", ElementType.FLOAT, 1, 3, 64, 64)))
        .contains(InputFamily.GLYPHS, InputFamily.PHOTOGRAPH)
        .doesNotContain(InputFamily.STEPS, InputFamily.TOKENS);
    assertThat(adapted(value("x", ElementType.FLOAT, 1, 4, 64)))
        .contains(InputFamily.STEPS, InputFamily.SINES)
        .doesNotContain(InputFamily.GLYPHS);
    assertThat(adapted(value("tokens", ElementType.INT64, 1, 16)))
        .contains(InputFamily.TOKENS)
        .doesNotContain(InputFamily.STEPS, InputFamily.GLYPHS);
  }

  private static List<InputFamily> adapted(ValueInfo input) {
    return InputFamily.adapted(List.of(input), DimSizes.proposals(List.of(input)).get(0));
  }

  @Test
  void more_elements_than_can_be_counted_are_many_and_no_error() {
    long most = Long.MAX_VALUE;
    for (List<Dim> dims :
        List.of(List.of(Dim.of(2), Dim.of(most)), List.of(Dim.of(most), Dim.of(most), Dim.of(0)))) {
      ValueInfo input = new ValueInfo("x", ElementType.FLOAT, dims);
      assertThat(DimSizes.proposals(List.of(input)).get(0).elements(input)).isGreaterThan(1e18);
    }
    ValueInfo empty = value("x", ElementType.FLOAT, 2, 0);
    assertThat(DimSizes.proposals(List.of(empty)).get(0).elements(empty)).isZero();
  }
}
