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

import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * PyTorch's fake-quantization of a weight: symmetric, signed eight bits, observed once.
 *
 * <p>There are two formulas for the scale. While a model is trained, the fused kernel ({@code
 * fused_moving_avg_obs_fake_quant}) computes it; {@code calculate_qparams}, which a conversion to
 * integers uses, computes another one. Both are here with their bits: the order of operations and
 * where each is rounded is PyTorch's, measured on its CPU build.
 */
public final class FakeQuantizer {
  private static final int LOWEST = -128;
  private static final int HIGHEST = 127;

  /** Scales below this are raised to it, so that their reciprocal stays accurate. */
  private static final float SMALLEST_SCALE = 6.1e-5f;

  /** The scale of a weight of which nothing is known to differ from zero. */
  private static final float FALLBACK_SCALE = 0.1f;

  /** {@code torch.finfo(torch.float32).eps}, the least scale of {@code calculate_qparams}. */
  private static final float LEAST_SCALE = 0x1p-23f;

  private final @Nullable ChannelAxis axis;

  private FakeQuantizer(@Nullable ChannelAxis axis) {
    this.axis = axis;
  }

  /** One scale for each channel. */
  public static FakeQuantizer perChannel(ChannelAxis axis) {
    return new FakeQuantizer(axis);
  }

  /** One scale for the whole weight. */
  public static FakeQuantizer perTensor() {
    return new FakeQuantizer(null);
  }

  /** Whether each channel has its own scale. */
  public boolean isPerChannel() {
    return axis != null;
  }

  /**
   * Smallest and largest values, one pair per scale.
   *
   * @param lowest as many as there are scales
   * @param highest as many as there are scales
   */
  public record Range(float[] lowest, float[] highest) {}

  /**
   * Scales and zero points.
   *
   * @param scale one for each channel, or one
   * @param zeroPoint as many
   */
  public record Parameters(float[] scale, int[] zeroPoint) {
    /** The scales as an operand of QuantizeLinear: {@code [C]}, or a scalar. */
    Shape shape(FakeQuantizer quantizer) {
      return quantizer.isPerChannel() ? Shape.of(scale.length) : Shape.SCALAR;
    }
  }

  /** The range of a float32 weight, read in chunks. */
  public Range observe(Tensor weight) {
    if (weight.type() != ElementType.FLOAT) {
      throw new IllegalArgumentException("only float32 weights are observed, not " + weight.type());
    }
    int scales = axis == null ? 1 : Math.toIntExact(axis.channels(weight.shape()));
    float[] lowest = new float[scales];
    float[] highest = new float[scales];
    Arrays.fill(lowest, Float.POSITIVE_INFINITY);
    Arrays.fill(highest, Float.NEGATIVE_INFINITY);
    Tensors.forEachChunk(
        weight,
        (first, values, count) -> {
          for (int i = 0; i < count; i++) {
            int scale = axis == null ? 0 : axis.channelOf(weight.shape(), first + i);
            lowest[scale] = Math.min(lowest[scale], (float) values[i]);
            highest[scale] = Math.max(highest[scale], (float) values[i]);
          }
        });
    return new Range(lowest, highest);
  }

  /** The parameters with which the fused kernel quantizes while a model is trained. */
  public Parameters whileTraining(Range range) {
    float[] scale = new float[range.lowest().length];
    int[] zeroPoint = new int[scale.length];
    for (int c = 0; c < scale.length; c++) {
      chooseParameters(range.lowest()[c], range.highest()[c], c, scale, zeroPoint);
    }
    return new Parameters(scale, zeroPoint);
  }

  /** {@code ChooseQuantizationParams} of the fused kernel, with {@code preserve_sparsity}. */
  private static void chooseParameters(
      float lowest, float highest, int c, float[] scale, int[] zeroPoint) {
    float min = lowest;
    float max = highest;
    if (min < 0 && max > 0) {
      int symmetricLowest = -((HIGHEST - LOWEST) / 2 + 1);
      int symmetricHighest = (HIGHEST - LOWEST) / 2;
      // In double: torch multiplies what it divided in float.
      double most =
          Math.max(
              Math.abs(min / (float) symmetricLowest), Math.abs(max / (float) symmetricHighest));
      min = (float) (most * symmetricLowest);
      max = (float) (most * symmetricHighest);
    }
    min = Math.min(min, 0f);
    max = Math.max(max, 0f);
    float step = (float) (((double) max - min) / (HIGHEST - LOWEST));
    if (step == 0 || Float.isInfinite(1 / step)) {
      step = FALLBACK_SCALE;
    }
    if (step < SMALLEST_SCALE) {
      step = SMALLEST_SCALE;
    }
    scale[c] = step;
    zeroPoint[c] = lowest < 0 && highest > 0 ? 0 : nudgedZero(min, max, step);
  }

  /** The end of the range at which zero lies in a weight of one sign. */
  private static int nudgedZero(float min, float max, float scale) {
    double fromLowest = LOWEST - min / (double) scale;
    double fromHighest = HIGHEST - max / (double) scale;
    double errorFromLowest = Math.abs(LOWEST) - Math.abs(min / (double) scale);
    double errorFromHighest = Math.abs(HIGHEST) - Math.abs(max / (double) scale);
    double zero = errorFromLowest < errorFromHighest ? fromLowest : fromHighest;
    return (int) Math.max(LOWEST, Math.min(HIGHEST, Math.rint(zero)));
  }

  /** The parameters of {@code calculate_qparams}: always symmetric. */
  public Parameters calculated(Range range) {
    float[] scale = new float[range.lowest().length];
    for (int c = 0; c < scale.length; c++) {
      float most = Math.max(-Math.min(range.lowest()[c], 0f), Math.max(range.highest()[c], 0f));
      scale[c] = Math.max(most / ((HIGHEST - LOWEST) / 2f), LEAST_SCALE);
    }
    return new Parameters(scale, new int[scale.length]);
  }

  /**
   * The weight after quantizing and dequantizing, as PyTorch computes it: multiplied by the
   * reciprocal of the scale, where ONNX's QuantizeLinear divides, so that they may differ by one
   * quantum.
   *
   * @param weight all elements, in order
   */
  public float[] quantized(float[] weight, Shape shape, Parameters parameters) {
    float[] result = new float[weight.length];
    for (int i = 0; i < weight.length; i++) {
      int c = axis == null ? 0 : axis.channelOf(shape, i);
      float scale = parameters.scale()[c];
      int zeroPoint = parameters.zeroPoint()[c];
      double rounded = Math.rint(weight[i] * (1f / scale)) + zeroPoint;
      int quantum = (int) Math.max(LOWEST, Math.min(HIGHEST, rounded));
      result[i] = (quantum - zeroPoint) * scale;
    }
    return result;
  }
}
