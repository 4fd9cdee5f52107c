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

import dev.fusewright.core.tensor.Shape;
import java.util.Arrays;

/**
 * A kernel that slides over the spatial axes of {@code [N, C, D1, D2, …]}: what convolutions and
 * pooling share.
 *
 * @param input sizes of the spatial axes
 * @param output sizes of the spatial axes
 * @param begin padding before the first element of each axis, may be negative
 * @param end padding after the last one
 */
record Window(
    int[] kernel,
    int[] strides,
    int[] dilations,
    int[] begin,
    int[] end,
    int[] input,
    int[] output) {

  /**
   * Rounding of the number of output positions: whether a window may reach beyond the padded input.
   */
  enum Rounding {
    FLOOR,
    CEILING
  }

  /**
   * The window that a node's {@code strides}, {@code dilations}, {@code pads} and {@code auto_pad}
   * describe.
   *
   * @param shape of the data, with batch and channels
   */
  static Window of(OpCall call, Shape shape, int[] kernel, Rounding rounding) {
    int spatial = shape.rank() - 2;
    if (spatial < 1 || kernel.length != spatial) {
      throw call.invalid(
          "a kernel of %d axes over data of shape %s".formatted(kernel.length, shape));
    }
    int[] strides = call.ints("strides", spatial, 1);
    int[] dilations = call.ints("dilations", spatial, 1);
    int[] pads = call.ints("pads", 2 * spatial, 0);
    String auto = call.text("auto_pad", "NOTSET");
    int[] begin = new int[spatial];
    int[] end = new int[spatial];
    int[] input = new int[spatial];
    int[] output = new int[spatial];
    for (int axis = 0; axis < spatial; axis++) {
      input[axis] = (int) shape.dim(axis + 2);
      int extent = (kernel[axis] - 1) * dilations[axis] + 1;
      switch (auto) {
        case "NOTSET", "" -> {
          begin[axis] = pads[axis];
          end[axis] = pads[spatial + axis];
        }
        case "VALID" -> {}
        case "SAME_UPPER", "SAME_LOWER" -> {
          int same = ceilDiv(input[axis], strides[axis]);
          int total = Math.max((same - 1) * strides[axis] + extent - input[axis], 0);
          begin[axis] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
          end[axis] = total - begin[axis];
        }
        default -> throw call.invalid("auto_pad = \"" + auto + "\"");
      }
      int room = input[axis] + begin[axis] + end[axis] - extent;
      if (room < 0) {
        throw call.invalid(
            "a kernel that spans %d over an axis of %d".formatted(extent, extent + room));
      }
      output[axis] = room / strides[axis] + 1;
      if (rounding == Rounding.CEILING && room % strides[axis] != 0) {
        // One more window, unless it would begin beyond the input and its leading padding.
        output[axis] += output[axis] * strides[axis] < input[axis] + begin[axis] ? 1 : 0;
      }
    }
    return new Window(kernel, strides, dilations, begin, end, input, output);
  }

  int axes() {
    return kernel.length;
  }

  /** The number of output positions. */
  int outputs() {
    return product(output);
  }

  /** The number of input positions. */
  int inputs() {
    return product(input);
  }

  /** The shape of the result, with batch and channels. */
  Shape outputShape(long batch, long channels) {
    long[] dims = new long[axes() + 2];
    dims[0] = batch;
    dims[1] = channels;
    for (int axis = 0; axis < axes(); axis++) {
      dims[axis + 2] = output[axis];
    }
    return Shape.of(dims);
  }

  /**
   * The same window over three axes, with axes of size 1 in front. A kernel of one element without
   * strides and padding sees no neighbours: its axes become one, so that inner loops are long.
   */
  Window threeAxes() {
    if (axes() > 3) {
      throw new IllegalArgumentException("more than three spatial axes");
    }
    boolean pointwise =
        product(kernel) == 1
            && product(strides) == 1
            && Arrays.equals(input, output)
            && isZero(begin);
    return pointwise
        ? new Window(
            new int[] {1, 1, 1},
            new int[] {1, 1, 1},
            new int[] {1, 1, 1},
            new int[3],
            new int[3],
            new int[] {1, 1, inputs()},
            new int[] {1, 1, inputs()})
        : new Window(
            lead(kernel, 1),
            lead(strides, 1),
            lead(dilations, 1),
            lead(begin, 0),
            lead(end, 0),
            lead(input, 1),
            lead(output, 1));
  }

  /**
   * The first output position along an axis whose window holds the input at kernel position {@code
   * k}.
   */
  int firstOutput(int axis, int k) {
    return Math.max(0, ceilDiv(begin[axis] - k * dilations[axis], strides[axis]));
  }

  /** The position after the last one; not below {@link #firstOutput}. */
  int endOutput(int axis, int k) {
    int last = Math.floorDiv(input[axis] - 1 + begin[axis] - k * dilations[axis], strides[axis]);
    return Math.max(firstOutput(axis, k), Math.min(output[axis], last + 1));
  }

  /** The input position that an output position sees through kernel position {@code k}. */
  int inputAt(int axis, int out, int k) {
    return out * strides[axis] - begin[axis] + k * dilations[axis];
  }

  private static boolean isZero(int[] values) {
    return Arrays.stream(values).allMatch(value -> value == 0);
  }

  private static int[] lead(int[] values, int filler) {
    int[] led = new int[3];
    Arrays.fill(led, filler);
    System.arraycopy(values, 0, led, 3 - values.length, values.length);
    return led;
  }

  private static int ceilDiv(int dividend, int divisor) {
    return -Math.floorDiv(-dividend, divisor);
  }

  static int product(int[] values) {
    return Arrays.stream(values).reduce(1, Math::multiplyExact);
  }
}
