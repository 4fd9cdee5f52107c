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
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import com.google.gson.reflect.TypeToken;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The golden file holds bit patterns that real PyTorch computed. */
class TorchArithmeticTest {
  /**
   * One layer and what {@code fuse_conv_bn_weights} or {@code fuse_linear_bn_weights} made of it.
   */
  private record Case(
      String kind,
      long[] shape,
      boolean transpose,
      double eps,
      long[] weight,
      long @Nullable [] bias,
      @SerializedName("running_mean") long[] mean,
      @SerializedName("running_var") long[] variance,
      long @Nullable [] gamma,
      long @Nullable [] beta,
      @SerializedName("fused_weight") long[] fusedWeight,
      @SerializedName("fused_bias") long[] fusedBias) {

    int channels() {
      return mean.length;
    }

    BatchNorm norm() {
      return new BatchNorm(
          gamma == null ? filled(1) : doubles(gamma),
          beta == null ? filled(0) : doubles(beta),
          doubles(mean),
          doubles(variance),
          eps,
          ElementType.FLOAT);
    }

    double[] layerBias() {
      return bias == null ? filled(0) : doubles(bias);
    }

    private double[] filled(double value) {
      double[] values = new double[channels()];
      Arrays.fill(values, value);
      return values;
    }

    LayerKind layerKind() {
      return kind.equals("linear") ? LayerKind.LINEAR : LayerKind.CONV;
    }
  }

  private static double[] doubles(long[] bits) {
    return Arrays.stream(bits).mapToDouble(b -> Float.intBitsToFloat((int) b)).toArray();
  }

  private static List<Case> cases() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            TorchArithmeticTest.class.getResourceAsStream(
                "/golden/torch/golden_fuse_float32_bits.json"))) {
      return new Gson()
          .fromJson(
              new InputStreamReader(in, StandardCharsets.UTF_8),
              new TypeToken<List<Case>>() {}.getType());
    }
  }

  @Test
  void the_golden_file_holds_44_cases() throws IOException {
    assertThat(cases()).hasSize(44);
  }

  @TestFactory
  Stream<DynamicTest> weights_and_biases_have_the_bits_that_torch_computes() throws IOException {
    List<Case> cases = cases();
    return IntStream.range(0, cases.size())
        .mapToObj(i -> dynamicTest(i + " " + cases.get(i).kind(), () -> check(cases.get(i))));
  }

  private static void check(Case golden) {
    double[] scale = FoldArithmetic.TORCH.scale(golden.norm(), ElementType.FLOAT);
    double[] bias =
        FoldArithmetic.TORCH.bias(
            golden.norm(), golden.layerBias(), golden.layerKind(), ElementType.FLOAT);

    assertThat(
            bits(
                new ChannelScaled(
                    weight(golden), ChannelAxis.of(golden.transpose() ? 1 : 0), scale)))
        .as("weight")
        .containsExactly(golden.fusedWeight());
    assertThat(Arrays.stream(bias).mapToLong(TorchArithmeticTest::bits).toArray())
        .as("bias")
        .containsExactly(golden.fusedBias());
  }

  @Test
  void float64_rounded_once_has_other_bits_so_the_comparison_can_fail() throws IOException {
    long differing =
        cases().stream()
            .filter(
                golden -> {
                  double[] scale = FoldArithmetic.EXACT.scale(golden.norm(), ElementType.FLOAT);
                  return !Arrays.equals(
                      bits(
                          new ChannelScaled(
                              weight(golden), ChannelAxis.of(golden.transpose() ? 1 : 0), scale)),
                      golden.fusedWeight());
                })
            .count();

    assertThat(differing).isGreaterThan(20);
  }

  private static LiteralTensor weight(Case golden) {
    ByteBuffer bytes =
        ByteBuffer.allocate(golden.weight().length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (long bits : golden.weight()) {
      bytes.putInt((int) bits);
    }
    return LiteralTensor.ofBytes(ElementType.FLOAT, Shape.of(golden.shape()), bytes.array());
  }

  private static long[] bits(ChannelScaled tensor) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(tensor.byteCount())).order(ByteOrder.LITTLE_ENDIAN);
    tensor.read(0, bytes);
    bytes.flip();
    long[] bits = new long[bytes.remaining() / 4];
    Arrays.setAll(bits, i -> Integer.toUnsignedLong(bytes.getInt(4 * i)));
    return bits;
  }

  private static long bits(double value) {
    return Integer.toUnsignedLong(Float.floatToRawIntBits((float) value));
  }
}
