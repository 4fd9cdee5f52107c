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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;

/** Reductions along axes. */
final class Reductions {
  static final Map<String, Operator> OPERATORS =
      Map.ofEntries(
          entry("ReduceSum", reduce(Kind.SUM)),
          entry("ReduceMean", reduce(Kind.MEAN)),
          entry("ReduceMax", reduce(Kind.MAX)),
          entry("ReduceMin", reduce(Kind.MIN)),
          entry("ReduceProd", reduce(Kind.PROD)),
          entry("ReduceL1", reduce(Kind.L1)),
          entry("ReduceL2", reduce(Kind.L2)),
          entry("ReduceLogSum", reduce(Kind.LOG_SUM)),
          entry("ReduceLogSumExp", reduce(Kind.LOG_SUM_EXP)),
          entry("ReduceSumSquare", reduce(Kind.SUM_SQUARE)),
          entry("ArgMax", one(call -> extreme(call, (value, best) -> value > best))),
          entry("ArgMin", one(call -> extreme(call, (value, best) -> value < best))),
          entry("CumSum", one(Reductions::cumulativeSum)),
          entry("TopK", Reductions::topK));

  /** Kind of reduction. */
  enum Kind {
    SUM(0, Double::sum),
    MEAN(0, Double::sum),
    MAX(Double.NEGATIVE_INFINITY, Math::max),
    MIN(Double.POSITIVE_INFINITY, Math::min),
    PROD(1, (sum, value) -> sum * value),
    L1(0, (sum, value) -> sum + Math.abs(value)),
    L2(0, (sum, value) -> sum + value * value),
    LOG_SUM(0, Double::sum),
    LOG_SUM_EXP(0, (sum, value) -> sum + Math.exp(value)),
    SUM_SQUARE(0, (sum, value) -> sum + value * value);

    private final double start;
    private final DoubleBinaryOperator step;

    Kind(double start, DoubleBinaryOperator step) {
      this.start = start;
      this.step = step;
    }

    private double finish(double total, double count) {
      return switch (this) {
        case SUM, MAX, MIN, PROD, L1, SUM_SQUARE -> total;
        case MEAN -> total / count;
        case L2 -> Math.sqrt(total);
        case LOG_SUM, LOG_SUM_EXP -> Math.log(total);
      };
    }
  }

  /** Order of ArgMax and ArgMin: whether an element takes the place of the best one so far. */
  @FunctionalInterface
  private interface Better {
    boolean test(double value, double best);
  }

  private Reductions() {}

  private static Operator reduce(Kind kind) {
    return one(
        call -> {
          NdArray x = call.input(0);
          int[] axes = call.intsOf(1, "axes");
          if (axes == null || axes.length == 0) {
            if (call.flag("noop_with_empty_axes")) {
              return x;
            }
            axes = IntStream.range(0, x.rank()).toArray();
          }
          axes = call.axes(axes, x.rank());
          boolean extreme = kind == Kind.MAX || kind == Kind.MIN;
          if (x.size() == 0 && extreme && !x.type().isFoldable()) {
            throw call.unsupported("the extreme of no integers");
          }
          NdArray result = reduced(x, axes, kind);
          if (Casts.isInteger(x.type())) {
            result = Activations.mapped(result, Casts::truncated);
          }
          return call.integer("keepdims", 1) != 0 ? result : without(result, axes);
        });
  }

  private static NdArray without(NdArray array, int[] axes) {
    List<Long> dims = new ArrayList<>();
    for (int axis = 0; axis < array.rank(); axis++) {
      int current = axis;
      if (Arrays.stream(axes).noneMatch(reduced -> reduced == current)) {
        dims.add(array.shape().dim(axis));
      }
    }
    return array.reshaped(new Shape(dims));
  }

  /**
   * Reduces an array; the axes stay, with size 1.
   *
   * @param axes from 0
   */
  static NdArray reduced(NdArray x, int[] axes, Kind kind) {
    long[] dims = x.shape().dims().stream().mapToLong(Long::longValue).toArray();
    double count = 1;
    for (int axis : axes) {
      count *= dims[axis];
      dims[axis] = 1;
    }
    Shape shape = Shape.of(dims);
    int[] strides = Strided.strides(shape);
    for (int axis : axes) {
      strides[axis] = 0;
    }
    double[] result = Strided.allocate(shape);
    Arrays.fill(result, kind.start);
    int[] index = new int[x.rank()];
    int at = 0;
    for (double value : x.values()) {
      result[at] = kind.step.applyAsDouble(result[at], value);
      at += Strided.advance(index, strides, x.shape());
    }
    for (int i = 0; i < result.length; i++) {
      result[i] = kind.finish(result[i], count);
    }
    return NdArray.of(x.type(), shape, result);
  }

  private static NdArray extreme(OpCall call, Better better) {
    NdArray x = call.input(0);
    int axis = call.axis(call.integer("axis", 0), x.rank());
    boolean last = call.flag("select_last_index");
    int size = x.dim(axis);
    int step = Math.toIntExact(x.shape().elementCount(axis + 1, x.rank()));
    int outer = Math.toIntExact(x.shape().elementCount(0, axis));
    double[] result = new double[outer * step];
    for (int i = 0; i < result.length; i++) {
      int start = i / step * size * step + i % step;
      double best = x.values()[start];
      for (int k = 1; k < size; k++) {
        double value = x.values()[start + k * step];
        if (better.test(value, best) || (last && value == best)) {
          best = value;
          result[i] = k;
        }
      }
    }
    long[] dims = x.shape().dims().stream().mapToLong(Long::longValue).toArray();
    dims[axis] = 1;
    NdArray kept = NdArray.of(ElementType.INT64, Shape.of(dims), result);
    return call.integer("keepdims", 1) != 0 ? kept : without(kept, new int[] {axis});
  }

  private static NdArray cumulativeSum(OpCall call) {
    NdArray x = call.input(0);
    int axis = call.axis((long) call.input(1).values()[0], x.rank());
    boolean exclusive = call.flag("exclusive");
    boolean reverse = call.flag("reverse");
    int size = x.dim(axis);
    int step = Math.toIntExact(x.shape().elementCount(axis + 1, x.rank()));
    double[] result = new double[x.size()];
    for (int lane = 0; lane < x.size() / Math.max(size, 1); lane++) {
      int start = lane / step * size * step + lane % step;
      double sum = 0;
      for (int k = 0; k < size; k++) {
        int at = start + (reverse ? size - 1 - k : k) * step;
        double after = sum + x.values()[at];
        result[at] = exclusive ? sum : after;
        sum = after;
      }
    }
    return NdArray.of(x.type(), x.shape(), result);
  }

  private static List<NdArray> topK(OpCall call) {
    NdArray x = call.input(0);
    int axis = call.axis(call.integer("axis", -1), x.rank());
    int k = (int) (call.opset() < 10 ? call.integer("k", 0) : (long) call.input(1).values()[0]);
    boolean largest = call.opset() < 11 || call.integer("largest", 1) != 0;
    int size = x.dim(axis);
    if (k < 0 || k > size) {
      throw call.invalid("k = %d of %d elements".formatted(k, size));
    }
    int step = Math.toIntExact(x.shape().elementCount(axis + 1, x.rank()));
    long[] dims = x.shape().dims().stream().mapToLong(Long::longValue).toArray();
    dims[axis] = k;
    Shape shape = Shape.of(dims);
    double[] values = Strided.allocate(shape);
    double[] indices = Strided.allocate(shape);
    for (int lane = 0; lane < x.size() / Math.max(size, 1); lane++) {
      int start = lane / step * size * step + lane % step;
      // The sort is stable, so that the first of equal elements wins, as ONNX wants.
      List<Integer> order =
          IntStream.range(0, size)
              .boxed()
              .sorted(
                  (a, b) -> {
                    int compared =
                        Double.compare(x.values()[start + a * step], x.values()[start + b * step]);
                    return largest ? -compared : compared;
                  })
              .toList();
      for (int i = 0; i < k; i++) {
        int at = lane / step * k * step + lane % step + i * step;
        values[at] = x.values()[start + order.get(i) * step];
        indices[at] = order.get(i);
      }
    }
    return List.of(
        NdArray.of(x.type(), shape, values), NdArray.of(ElementType.INT64, shape, indices));
  }
}
