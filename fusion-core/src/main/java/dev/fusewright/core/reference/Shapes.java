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

/**
 * Operators that change the shape alone (Reshape, Flatten, Squeeze), and those that only read it.
 */
final class Shapes {
  static final Map<String, Operator> OPERATORS =
      Map.ofEntries(
          entry("Identity", one(call -> call.input(0))),
          entry("Dropout", Shapes::dropout),
          entry("Reshape", one(Shapes::reshape)),
          entry("Flatten", one(Shapes::flatten)),
          entry("Squeeze", one(Shapes::squeeze)),
          entry("Unsqueeze", one(Shapes::unsqueeze)),
          entry("Shape", one(Shapes::shape)),
          entry("Size", one(call -> NdArray.scalar(ElementType.INT64, call.input(0).size()))));

  private Shapes() {}

  /** Outside training nothing is dropped, and the mask says so. */
  private static List<NdArray> dropout(OpCall call) {
    NdArray x = call.input(0);
    NdArray training = call.optional(2);
    boolean trains =
        call.opset() >= 12
            ? training != null && training.values()[0] != 0
            : call.opset() < 7 && !call.flag("is_test");
    if (trains) {
      throw call.unsupported("dropping elements at random");
    }
    ElementType maskType = call.opset() >= 10 ? ElementType.BOOL : x.type();
    return List.of(x, Activations.mapped(x, value -> 1).retyped(maskType));
  }

  private static NdArray reshape(OpCall call) {
    NdArray x = call.input(0);
    int[] wanted = call.opset() < 5 ? call.ints("shape") : OpCall.toInts(call.input(1));
    if (wanted == null) {
      throw call.invalid("shape is missing");
    }
    long[] dims = Arrays.stream(wanted).asLongStream().toArray();
    long known = 1;
    int open = -1;
    for (int axis = 0; axis < dims.length; axis++) {
      if (dims[axis] == 0 && !call.flag("allowzero")) {
        dims[axis] = x.shape().dim(axis);
      }
      if (dims[axis] == -1) {
        if (open >= 0) {
          throw call.invalid("two axes of unknown size in " + Arrays.toString(wanted));
        }
        open = axis;
      } else {
        known *= dims[axis];
      }
    }
    if (open >= 0) {
      dims[open] = known == 0 ? 0 : x.size() / known;
    }
    Shape shape = Shape.of(dims);
    if (shape.elementCount() != x.size()) {
      throw call.invalid("%s cannot become %s".formatted(x.shape(), Arrays.toString(wanted)));
    }
    return x.reshaped(shape);
  }

  private static NdArray flatten(OpCall call) {
    NdArray x = call.input(0);
    long axis = call.integer("axis", 1);
    // Unlike other axes, this one may be the rank.
    int split = axis == x.rank() ? x.rank() : call.axis(axis, x.rank());
    return x.reshaped(
        Shape.of(x.shape().elementCount(0, split), x.shape().elementCount(split, x.rank())));
  }

  private static NdArray squeeze(OpCall call) {
    NdArray x = call.input(0);
    int[] given = call.opset() < 13 ? call.ints("axes") : call.intsOf(1, "axes");
    int[] axes = given == null ? null : call.axes(given, x.rank());
    List<Long> dims = new ArrayList<>();
    for (int axis = 0; axis < x.rank(); axis++) {
      int current = axis;
      boolean goes =
          axes == null
              ? x.shape().dim(axis) == 1
              : Arrays.stream(axes).anyMatch(one -> one == current);
      if (goes && x.shape().dim(axis) != 1) {
        throw call.invalid("axis %d of %s is not 1".formatted(axis, x.shape()));
      }
      if (!goes) {
        dims.add(x.shape().dim(axis));
      }
    }
    return x.reshaped(new Shape(dims));
  }

  private static NdArray unsqueeze(OpCall call) {
    NdArray x = call.input(0);
    int[] given = call.opset() < 13 ? call.ints("axes") : call.intsOf(1, "axes");
    if (given == null) {
      throw call.invalid("axes are missing");
    }
    int rank = x.rank() + given.length;
    int[] axes = call.axes(given, rank);
    Arrays.sort(axes);
    List<Long> dims = new ArrayList<>(x.shape().dims());
    for (int axis : axes) {
      dims.add(axis, 1L);
    }
    return x.reshaped(new Shape(dims));
  }

  private static NdArray shape(OpCall call) {
    NdArray x = call.input(0);
    int from = bound(call.integer("start", 0), x.rank());
    int to = bound(call.integer("end", x.rank()), x.rank());
    long[] dims = x.shape().dims().stream().mapToLong(Long::longValue).toArray();
    return NdArray.ofLongs(Arrays.copyOfRange(dims, from, Math.max(from, to)));
  }

  private static int bound(long index, int rank) {
    return (int) Math.min(Math.max(index < 0 ? index + rank : index, 0), rank);
  }
}
