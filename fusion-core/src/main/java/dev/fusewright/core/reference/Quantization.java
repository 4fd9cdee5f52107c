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

import static dev.fusewright.core.reference.Operators.one;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Quantization and dequantization, per tensor or per axis. Rounding to nearest even and saturation
 * are what these operators compute, and are done.
 */
final class Quantization {
  static final Map<String, Operator> OPERATORS =
      Map.of(
          "QuantizeLinear", one(Quantization::quantize),
          "DequantizeLinear", one(Quantization::dequantize),
          "DynamicQuantizeLinear", Quantization::dynamic);

  private Quantization() {}

  private static NdArray quantize(OpCall call) {
    NdArray x = call.input(0);
    NdArray zero = call.optional(2);
    ElementType type = type(call, zero);
    double low = lowest(call, type);
    double high = low + (1L << type.bits()) - 1;
    double[] scales = perElement(call, x, call.input(1));
    double[] zeros = zero == null ? new double[x.size()] : perElement(call, x, zero);
    double[] y = new double[x.size()];
    for (int i = 0; i < y.length; i++) {
      double rounded = Math.rint(x.values()[i] / scales[i]) + zeros[i];
      y[i] = Math.min(Math.max(rounded, low), high);
    }
    return NdArray.of(type, x.shape(), y);
  }

  private static ElementType type(OpCall call, @Nullable NdArray zero) {
    long stated = call.integer("output_dtype", 0);
    if (stated != 0) {
      return Casts.type(call, stated);
    }
    return zero == null ? ElementType.UINT8 : zero.type();
  }

  private static double lowest(OpCall call, ElementType type) {
    return switch (type) {
      case UINT8, UINT16, UINT4, UINT2 -> 0;
      case INT8 -> Byte.MIN_VALUE;
      case INT16 -> Short.MIN_VALUE;
      case INT4 -> -8;
      case INT2 -> -2;
      case UNDEFINED,
          FLOAT,
          INT32,
          INT64,
          STRING,
          BOOL,
          FLOAT16,
          DOUBLE,
          UINT32,
          UINT64,
          COMPLEX64,
          COMPLEX128,
          BFLOAT16,
          FLOAT8E4M3FN,
          FLOAT8E4M3FNUZ,
          FLOAT8E5M2,
          FLOAT8E5M2FNUZ,
          FLOAT4E2M1,
          FLOAT8E8M0 ->
          throw call.unsupported("quantizing to " + type.text());
    };
  }

  /**
   * A parameter for each element of {@code x}: it has one number, or one for each place along the
   * axis.
   */
  private static double[] perElement(OpCall call, NdArray x, NdArray parameter) {
    if (parameter.size() == 1) {
      double[] all = new double[x.size()];
      Arrays.fill(all, parameter.values()[0]);
      return all;
    }
    int axis = call.axis(call.integer("axis", 1), x.rank());
    if (parameter.rank() != 1
        || parameter.size() != x.dim(axis)
        || call.integer("block_size", 0) != 0) {
      throw call.unsupported("a scale of shape %s for %s".formatted(parameter.shape(), x.shape()));
    }
    long[] dims = new long[x.rank()];
    Arrays.fill(dims, 1);
    dims[axis] = parameter.size();
    return Broadcast.to(parameter.reshaped(Shape.of(dims)), x.shape()).values();
  }

  private static NdArray dequantize(OpCall call) {
    NdArray x = call.input(0);
    NdArray zero = call.optional(2);
    double[] scales = perElement(call, x, call.input(1));
    double[] zeros = zero == null ? new double[x.size()] : perElement(call, x, zero);
    double[] y = new double[x.size()];
    for (int i = 0; i < y.length; i++) {
      y[i] = (x.values()[i] - zeros[i]) * scales[i];
    }
    return NdArray.of(call.input(1).type(), x.shape(), y);
  }

  private static List<NdArray> dynamic(OpCall call) {
    NdArray x = call.input(0);
    double low = Math.min(0, Arrays.stream(x.values()).min().orElse(0));
    double high = Math.max(0, Arrays.stream(x.values()).max().orElse(0));
    double scale = (high - low) / 255;
    double zero = scale == 0 ? 0 : Math.min(Math.max(Math.rint(-low / scale), 0), 255);
    NdArray y =
        Activations.mapped(
            x,
            value -> scale == 0 ? 0 : Math.min(Math.max(Math.rint(value / scale) + zero, 0), 255));
    return List.of(
        y.retyped(ElementType.UINT8),
        NdArray.scalar(x.type(), scale),
        NdArray.scalar(ElementType.UINT8, zero));
  }
}
