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
import static java.util.Map.entry;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Pooling over windows, and over all spatial axes at once. */
final class Pooling {
  static final Map<String, Operator> OPERATORS =
      Map.ofEntries(
          entry("MaxPool", Pooling::max),
          entry("AveragePool", one(Pooling::average)),
          entry("LpPool", one(Pooling::lp)),
          entry("GlobalAveragePool", one(call -> global(call, Reductions.Kind.MEAN))),
          entry("GlobalMaxPool", one(call -> global(call, Reductions.Kind.MAX))));

  /**
   * The part of the input below one window: visits the elements inside the input, and counts
   * places.
   */
  private static final class View {
    private final Window window;
    private final int[] at;
    private final int[] index;

    View(Window window) {
      this.window = window;
      at = new int[window.axes()];
      index = new int[window.axes()];
    }

    /** Receives the offset of an element within its channel. */
    @FunctionalInterface
    interface Visitor {
      void visit(int offset);
    }

    /** Visits what the window at output position {@code position} sees, in row-major order. */
    void forEach(int position, Visitor visitor) {
      place(position);
      for (int k = 0; k < Window.product(window.kernel()); k++) {
        int offset = offset(k);
        if (offset >= 0) {
          visitor.visit(offset);
        }
      }
    }

    /** How many places of the window lie inside the input and its padding. */
    int padded(int position) {
      place(position);
      int count = 1;
      for (int axis = 0; axis < at.length; axis++) {
        int inside = 0;
        for (int k = 0; k < window.kernel()[axis]; k++) {
          int in = window.inputAt(axis, at[axis], k);
          inside +=
              in >= -window.begin()[axis] && in < window.input()[axis] + window.end()[axis] ? 1 : 0;
        }
        count *= inside;
      }
      return count;
    }

    private void place(int position) {
      unravel(position, window.output(), at);
    }

    private int offset(int k) {
      unravel(k, window.kernel(), index);
      int offset = 0;
      for (int axis = 0; axis < at.length; axis++) {
        int in = window.inputAt(axis, at[axis], index[axis]);
        if (in < 0 || in >= window.input()[axis]) {
          return -1;
        }
        offset = offset * window.input()[axis] + in;
      }
      return offset;
    }

    private static void unravel(int position, int[] sizes, int[] into) {
      int rest = position;
      for (int axis = sizes.length - 1; axis >= 0; axis--) {
        into[axis] = rest % sizes[axis];
        rest /= sizes[axis];
      }
    }
  }

  private Pooling() {}

  private static Window window(OpCall call, NdArray x) {
    int[] kernel = call.ints("kernel_shape");
    if (kernel == null) {
      throw call.invalid("kernel_shape is missing");
    }
    Window.Rounding rounding =
        call.flag("ceil_mode") ? Window.Rounding.CEILING : Window.Rounding.FLOOR;
    Window window = Window.of(call, x.shape(), kernel, rounding);
    double outputs = (double) x.dim(0) * x.dim(1) * window.outputs();
    call.spend(outputs * Window.product(kernel));
    return window;
  }

  private static List<NdArray> max(OpCall call) {
    NdArray x = call.input(0);
    Window window = window(call, x);
    View view = new View(window);
    Shape shape = window.outputShape(x.dim(0), x.dim(1));
    double[] y = Strided.allocate(shape);
    double[] indices = new double[y.length];
    Arrays.fill(y, Double.NEGATIVE_INFINITY);
    for (int i = 0; i < y.length; i++) {
      int to = i;
      int channel = i / window.outputs() * window.inputs();
      view.forEach(
          i % window.outputs(),
          offset -> {
            double value = x.values()[channel + offset];
            if (value > y[to] || Double.isNaN(value)) {
              y[to] = value;
              indices[to] = channel + offset;
            }
          });
    }
    if (call.wants(1) && call.flag("storage_order")) {
      throw call.unsupported("indices in column-major order");
    }
    return List.of(NdArray.of(x.type(), shape, y), NdArray.of(ElementType.INT64, shape, indices));
  }

  private static NdArray average(OpCall call) {
    NdArray x = call.input(0);
    Window window = window(call, x);
    View view = new View(window);
    boolean withPadding = call.flag("count_include_pad");
    Shape shape = window.outputShape(x.dim(0), x.dim(1));
    double[] y = Strided.allocate(shape);
    for (int i = 0; i < y.length; i++) {
      int position = i % window.outputs();
      int channel = i / window.outputs() * window.inputs();
      double[] sumAndCount = new double[2];
      view.forEach(
          position,
          offset -> {
            sumAndCount[0] += x.values()[channel + offset];
            sumAndCount[1]++;
          });
      y[i] = sumAndCount[0] / (withPadding ? view.padded(position) : sumAndCount[1]);
    }
    return NdArray.of(x.type(), shape, y);
  }

  private static NdArray lp(OpCall call) {
    NdArray x = call.input(0);
    Window window = window(call, x);
    View view = new View(window);
    double p = call.integer("p", 2);
    Shape shape = window.outputShape(x.dim(0), x.dim(1));
    double[] y = Strided.allocate(shape);
    for (int i = 0; i < y.length; i++) {
      int channel = i / window.outputs() * window.inputs();
      double[] sum = new double[1];
      view.forEach(
          i % window.outputs(),
          offset -> sum[0] += Math.pow(Math.abs(x.values()[channel + offset]), p));
      y[i] = Math.pow(sum[0], 1 / p);
    }
    return NdArray.of(x.type(), shape, y);
  }

  private static NdArray global(OpCall call, Reductions.Kind kind) {
    NdArray x = call.input(0);
    return Reductions.reduced(x, IntStream.range(2, x.rank()).toArray(), kind);
  }
}
