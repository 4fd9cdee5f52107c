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

import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Operators that rearrange elements without looking at them: Transpose, Concat, Slice and the like.
 */
final class Rearrangements {
  static final Map<String, Operator> OPERATORS =
      Map.ofEntries(
          entry("Transpose", one(Rearrangements::transpose)),
          entry("Concat", one(Rearrangements::concat)),
          entry("Split", Rearrangements::split),
          entry("Slice", one(Rearrangements::slice)),
          entry("Expand", one(Rearrangements::expand)),
          entry("Tile", one(Rearrangements::tile)),
          entry("DepthToSpace", one(Rearrangements::depthToSpace)),
          entry("SpaceToDepth", one(Rearrangements::spaceToDepth)));

  private Rearrangements() {}

  private static NdArray transpose(OpCall call) {
    NdArray x = call.input(0);
    int[] permutation = call.ints("perm");
    if (permutation == null) {
      permutation = IntStream.range(0, x.rank()).map(axis -> x.rank() - 1 - axis).toArray();
    }
    if (permutation.length != x.rank()) {
      throw call.invalid("perm %s for %s".formatted(Arrays.toString(permutation), x.shape()));
    }
    return Strided.transposed(x, permutation);
  }

  private static NdArray concat(OpCall call) {
    List<NdArray> parts = call.allInputs();
    // Before operator set 4 the axis may be left out.
    int axis = call.axis(call.integer("axis", 1), parts.get(0).rank());
    return concatenated(call, parts, axis);
  }

  /** Arrays one after the other along an axis. */
  static NdArray concatenated(OpCall call, List<NdArray> parts, int axis) {
    NdArray first = parts.get(0);
    long[] dims = dims(first);
    dims[axis] = 0;
    for (NdArray part : parts) {
      for (int i = 0; i < dims.length; i++) {
        if (part.rank() != dims.length || (i != axis && part.shape().dim(i) != dims[i])) {
          throw call.invalid(
              "%s and %s along axis %d".formatted(first.shape(), part.shape(), axis));
        }
      }
      dims[axis] += part.shape().dim(axis);
    }
    Shape shape = Shape.of(dims);
    int outer = Math.toIntExact(shape.elementCount(0, axis));
    int run = Math.toIntExact(shape.elementCount(axis, dims.length));
    double[] y = Strided.allocate(shape);
    int offset = 0;
    for (NdArray part : parts) {
      int own = Math.toIntExact(part.shape().elementCount(axis, dims.length));
      for (int i = 0; i < outer; i++) {
        System.arraycopy(part.values(), i * own, y, i * run + offset, own);
      }
      offset += own;
    }
    return NdArray.of(first.type(), shape, y);
  }

  private static List<NdArray> split(OpCall call) {
    NdArray x = call.input(0);
    int axis = call.axis(call.integer("axis", 0), x.rank());
    int[] sizes = call.intsOf(1, "split");
    if (sizes == null) {
      int count = (int) call.integer("num_outputs", call.node().outputs().size());
      // The last part is smaller where the axis cannot be divided.
      int size = (x.dim(axis) + count - 1) / count;
      sizes =
          IntStream.range(0, count)
              .map(i -> Math.max(0, Math.min(size, x.dim(axis) - i * size)))
              .toArray();
    }
    if (Arrays.stream(sizes).sum() != x.dim(axis)) {
      throw call.invalid(
          "parts %s of an axis of %d".formatted(Arrays.toString(sizes), x.dim(axis)));
    }
    List<NdArray> parts = new ArrayList<>();
    int start = 0;
    for (int size : sizes) {
      parts.add(Strided.part(x, axis, start, size));
      start += size;
    }
    return parts;
  }

  private static NdArray slice(OpCall call) {
    NdArray x = call.input(0);
    boolean attributes = call.opset() < 10;
    int[] starts = attributes ? call.ints("starts") : OpCall.toInts(call.input(1));
    int[] ends = attributes ? call.ints("ends") : OpCall.toInts(call.input(2));
    int[] given = attributes ? call.ints("axes") : call.intsOf(3, "axes");
    NdArray stated = attributes ? null : call.optional(4);
    if (starts == null || ends == null) {
      throw call.invalid("starts or ends are missing");
    }
    int[] axes =
        given == null ? IntStream.range(0, starts.length).toArray() : call.axes(given, x.rank());
    int[] strides = Strided.strides(x.shape());
    long[] dims = dims(x);
    int from = 0;
    for (int i = 0; i < axes.length; i++) {
      int axis = axes[i];
      int step = stated == null ? 1 : OpCall.toInts(stated)[i];
      if (step == 0) {
        throw call.invalid("a step of 0");
      }
      int size = x.dim(axis);
      // Backwards, one place before the first element is a bound too.
      int low = step > 0 ? 0 : -1;
      int high = step > 0 ? size : size - 1;
      long start = Math.min(Math.max(fromEnd(starts[i], size), 0), high);
      long end = Math.min(Math.max(fromEnd(ends[i], size), low), high);
      dims[axis] = Math.max(0, Math.floorDiv(end - start + step - Integer.signum(step), step));
      from += (int) start * strides[axis];
      strides[axis] *= step;
    }
    Shape shape = Shape.of(dims);
    return NdArray.of(x.type(), shape, Strided.copy(x.values(), from, strides, shape));
  }

  private static long fromEnd(int index, int size) {
    return index < 0 ? (long) index + size : index;
  }

  private static NdArray expand(OpCall call) {
    NdArray x = call.input(0);
    Shape wanted = Shape.of(call.input(1).longs());
    return Broadcast.to(x, Broadcast.common(List.of(x.shape(), wanted)));
  }

  private static NdArray tile(OpCall call) {
    NdArray x = call.input(0);
    int[] repeats = OpCall.toInts(call.input(1));
    if (call.opset() < 6 || repeats.length != x.rank()) {
      throw call.unsupported("repeats " + Arrays.toString(repeats));
    }
    NdArray tiled = x;
    for (int axis = 0; axis < repeats.length; axis++) {
      tiled =
          repeats[axis] == 0
              ? Strided.part(tiled, axis, 0, 0)
              : concatenated(call, java.util.Collections.nCopies(repeats[axis], tiled), axis);
    }
    return tiled;
  }

  private static NdArray depthToSpace(OpCall call) {
    NdArray x = call.input(0);
    long block = call.integer("blocksize", 1);
    long depth = x.shape().dim(1) / (block * block);
    long rows = x.shape().dim(2);
    long columns = x.shape().dim(3);
    boolean depthFirst = call.text("mode", "DCR").equals("DCR");
    NdArray split =
        x.reshaped(
            depthFirst
                ? Shape.of(x.dim(0), block, block, depth, rows, columns)
                : Shape.of(x.dim(0), depth, block, block, rows, columns));
    int[] permutation = depthFirst ? new int[] {0, 3, 4, 1, 5, 2} : new int[] {0, 1, 4, 2, 5, 3};
    return Strided.transposed(split, permutation)
        .reshaped(Shape.of(x.dim(0), depth, rows * block, columns * block));
  }

  private static NdArray spaceToDepth(OpCall call) {
    NdArray x = call.input(0);
    long block = call.integer("blocksize", 1);
    long rows = x.shape().dim(2) / block;
    long columns = x.shape().dim(3) / block;
    NdArray split = x.reshaped(Shape.of(x.dim(0), x.dim(1), rows, block, columns, block));
    boolean depthFirst = call.text("mode", "DCR").equals("DCR");
    int[] permutation = depthFirst ? new int[] {0, 3, 5, 1, 2, 4} : new int[] {0, 1, 3, 5, 2, 4};
    return Strided.transposed(split, permutation)
        .reshaped(Shape.of(x.dim(0), x.dim(1) * block * block, rows, columns));
  }

  private static long[] dims(NdArray array) {
    return array.shape().dims().stream().mapToLong(Long::longValue).toArray();
  }
}
