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
package dev.fusewright.core.rule.qat;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The golden file holds bit patterns that real PyTorch computed, for channels that are zero, of one
 * sign, and tiny.
 */
class FakeQuantizerTest {
  private record Golden(
      long[] shape, @SerializedName("w_bits") long[] weight, Map<String, Result> results) {}

  private record Result(
      @SerializedName("scale_bits") long[] scale,
      @SerializedName("zero_point") int[] zeroPoint,
      @SerializedName("calculate_qparams_scale_bits") long[] calculatedScale,
      @SerializedName("calculate_qparams_zero_point") int[] calculatedZeroPoint,
      @SerializedName("out_bits") long[] output) {}

  private static Golden golden() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            FakeQuantizerTest.class.getResourceAsStream(
                "/golden/torch/golden_fakequant_float32_bits.json"))) {
      return new Gson().fromJson(new InputStreamReader(in, StandardCharsets.UTF_8), Golden.class);
    }
  }

  private static FakeQuantizer quantizer(String name) {
    return name.contains("per_channel")
        ? FakeQuantizer.perChannel(ChannelAxis.of(0))
        : FakeQuantizer.perTensor();
  }

  private static float[] floats(long[] bits) {
    float[] floats = new float[bits.length];
    for (int i = 0; i < bits.length; i++) {
      floats[i] = Float.intBitsToFloat((int) bits[i]);
    }
    return floats;
  }

  private static long[] bits(float[] floats) {
    long[] bits = new long[floats.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Integer.toUnsignedLong(Float.floatToRawIntBits(floats[i]));
    }
    return bits;
  }

  @ParameterizedTest
  @CsvSource({
    "default_fused_per_channel_wt_fake_quant, true",
    "default_fused_wt_fake_quant, true",
    "default_per_channel_weight_fake_quant, false",
    "default_weight_fake_quant, false",
  })
  void number_42_scale_zero_point_and_output_have_the_bits_that_torch_computes(
      String name, boolean isFused) throws IOException {
    Golden golden = golden();
    Result expected = Objects.requireNonNull(golden.results().get(name));
    FakeQuantizer quantizer = quantizer(name);
    float[] weight = floats(golden.weight());
    Shape shape = Shape.of(golden.shape());

    FakeQuantizer.Range range = quantizer.observe(LiteralTensor.ofFloats(shape, weight));
    FakeQuantizer.Parameters used =
        isFused ? quantizer.whileTraining(range) : quantizer.calculated(range);
    FakeQuantizer.Parameters calculated = quantizer.calculated(range);

    assertThat(bits(used.scale())).as("scale").containsExactly(expected.scale());
    assertThat(used.zeroPoint()).as("zero point").containsExactly(expected.zeroPoint());
    assertThat(bits(calculated.scale())).containsExactly(expected.calculatedScale());
    assertThat(calculated.zeroPoint()).containsExactly(expected.calculatedZeroPoint());
    assertThat(bits(quantizer.quantized(weight, shape, used)))
        .as("output")
        .containsExactly(expected.output());
  }

  @ParameterizedTest
  @CsvSource({
    "per_channel, true, 0",
    "per_tensor, true, 0",
    "per_channel, false, 1",
    "per_tensor, false, 0"
  })
  void number_42_dividing_as_QuantizeLinear_does_moves_elements_by_one_quantum_at_most(
      String name, boolean isFused, int moved) throws IOException {
    Golden golden = golden();
    FakeQuantizer quantizer = quantizer(name);
    float[] weight = floats(golden.weight());
    Shape shape = Shape.of(golden.shape());
    FakeQuantizer.Range range = quantizer.observe(LiteralTensor.ofFloats(shape, weight));
    FakeQuantizer.Parameters parameters =
        isFused ? quantizer.whileTraining(range) : quantizer.calculated(range);
    float[] torch = quantizer.quantized(weight, shape, parameters);

    int differing = 0;
    for (int i = 0; i < weight.length; i++) {
      int c = quantizer.isPerChannel() ? ChannelAxis.of(0).channelOf(shape, i) : 0;
      float scale = parameters.scale()[c];
      int zero = parameters.zeroPoint()[c];
      double quantum = Math.max(-128, Math.min(127, Math.rint(weight[i] / scale) + zero)) - zero;
      double steps = Math.abs(quantum - torch[i] / scale);
      assertThat(steps).isLessThan(1.5);
      differing += steps > 0.5 ? 1 : 0;
    }
    assertThat(differing).isEqualTo(moved);
  }

  @Test
  void the_two_formulas_differ_so_the_comparison_can_fail() throws IOException {
    Map<String, Result> results = golden().results();
    assertThat(
            Arrays.equals(
                Objects.requireNonNull(results.get("default_fused_wt_fake_quant")).scale(),
                Objects.requireNonNull(results.get("default_weight_fake_quant")).scale()))
        .isFalse();
  }
}
