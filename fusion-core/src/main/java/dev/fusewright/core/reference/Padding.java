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

import dev.fusewright.core.tensor.Shape;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pad: its amounts are attributes before operator set 11, inputs from there on. */
final class Padding {
  static final Map<String, Operator> OPERATORS = Map.of("Pad", one(Padding::pad));

  private static final int OUTSIDE = -1;

  private Padding() {}

  private static NdArray pad(OpCall call) {
    NdArray x = call.input(0);
    int[] begin = new int[x.rank()];
    int[] end = new int[x.rank()];
    amounts(call, x.rank(), begin, end);
    long[] dims = new long[x.rank()];
    int[][] sources = new int[x.rank()][];
    for (int axis = 0; axis < x.rank(); axis++) {
      dims[axis] = begin[axis] + x.shape().dim(axis) + end[axis];
      if (dims[axis] < 0) {
        throw call.invalid("axis %d is cropped to less than nothing".formatted(axis));
      }
      sources[axis] = new int[(int) dims[axis]];
      for (int i = 0; i < sources[axis].length; i++) {
        sources[axis][i] = source(call, i - begin[axis], x.dim(axis));
      }
    }
    Shape shape = Shape.of(dims);
    double fill = fill(call);
    int[] strides = Strided.strides(x.shape());
    int[] none = new int[x.rank()];
    int[] index = new int[x.rank()];
    double[] y = Strided.allocate(shape);
    for (int i = 0; i < y.length; i++) {
      int from = 0;
      for (int axis = 0; axis < index.length && from != OUTSIDE; axis++) {
        int source = sources[axis][index[axis]];
        from = source == OUTSIDE ? OUTSIDE : from + source * strides[axis];
      }
      y[i] = from == OUTSIDE ? fill : x.values()[from];
      Strided.advance(index, none, shape);
    }
    return NdArray.of(x.type(), shape, y);
  }

  /** Where along an axis the element comes from that the padded array has at {@code at}. */
  private static int source(OpCall call, int at, int size) {
    if (at >= 0 && at < size) {
      return at;
    }
    String mode = call.text("mode", "constant");
    return switch (mode) {
      case "constant" -> OUTSIDE;
      case "edge" -> Math.min(Math.max(at, 0), size - 1);
      case "wrap" -> Math.floorMod(at, size);
      case "reflect" -> {
        int period = Math.max(1, 2 * (size - 1));
        int folded = Math.floorMod(at, period);
        yield folded < size ? folded : period - folded;
      }
      default -> throw call.unsupported("mode = \"" + mode + "\"");
    };
  }

  private static void amounts(OpCall call, int rank, int[] begin, int[] end) {
    // The very first version calls the attribute differently.
    int[] pads = call.opset() < 2 ? call.ints("paddings") : call.intsOf(1, "pads");
    @Nullable NdArray chosen = call.optional(3);
    int[] axes = chosen == null ? null : call.axes(OpCall.toInts(chosen), rank);
    int count = axes == null ? rank : axes.length;
    if (pads == null || pads.length != 2 * count) {
      throw call.invalid("pads need two numbers for each of %d axes".formatted(count));
    }
    for (int i = 0; i < count; i++) {
      int axis = axes == null ? i : axes[i];
      begin[axis] = pads[i];
      end[axis] = pads[count + i];
    }
  }

  private static double fill(OpCall call) {
    if (call.opset() < 11) {
      return call.real("value", 0);
    }
    @Nullable NdArray value = call.optional(2);
    return value == null || value.size() == 0 ? 0 : value.values()[0];
  }
}
