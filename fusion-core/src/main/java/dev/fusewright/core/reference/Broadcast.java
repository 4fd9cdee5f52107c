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
import java.util.List;

/** Broadcasting as in numpy: axes are aligned at the right, and an axis of size 1 repeats. */
final class Broadcast {
  private Broadcast() {}

  /** The shape that all the arrays broadcast to. */
  static Shape shape(List<NdArray> arrays) {
    return common(arrays.stream().map(NdArray::shape).toList());
  }

  /**
   * The shape that all the shapes broadcast to.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Shape common(List<Shape> shapes) {
    int rank = shapes.stream().mapToInt(Shape::rank).max().orElse(0);
    long[] dims = new long[rank];
    Arrays.fill(dims, 1);
    for (Shape shape : shapes) {
      for (int axis = 0; axis < shape.rank(); axis++) {
        int target = rank - shape.rank() + axis;
        long size = shape.dim(axis);
        if (size != 1 && dims[target] != 1 && dims[target] != size) {
          throw new IllegalArgumentException("shapes do not broadcast: " + shapes);
        }
        dims[target] = size == 1 ? dims[target] : size;
      }
    }
    return Shape.of(dims);
  }

  /** An array repeated to a shape that it broadcasts to; itself if it has that shape. */
  static NdArray to(NdArray array, Shape shape) {
    if (array.shape().equals(shape)) {
      return array;
    }
    int[] own = Strided.strides(array.shape());
    int[] strides = new int[shape.rank()];
    int first = shape.rank() - array.rank();
    for (int axis = 0; axis < array.rank(); axis++) {
      long size = array.shape().dim(axis);
      if (first < 0 || (size != 1 && size != shape.dim(first + axis))) {
        throw new IllegalArgumentException(array.shape() + " does not broadcast to " + shape);
      }
      strides[first + axis] = size == 1 ? 0 : own[axis];
    }
    return NdArray.of(array.type(), shape, Strided.copy(array.values(), 0, strides, shape));
  }

  /**
   * The broadcasting of operator sets before 7: the second operand's axes are those of the first
   * from {@code axis} on, or the last ones; and only if attribute {@code broadcast} says so.
   */
  static NdArray aligned(OpCall call, NdArray first, NdArray second) {
    if (call.opset() >= 7
        || !call.flag("broadcast")
        || first.rank() <= second.rank()
        || second.rank() == 0) {
      return second;
    }
    int axis = call.axis(call.integer("axis", first.rank() - second.rank()), first.rank());
    long[] dims = new long[first.rank()];
    Arrays.fill(dims, 1);
    for (int i = 0; i < second.rank(); i++) {
      dims[axis + i] = second.shape().dim(i);
    }
    return second.reshaped(Shape.of(dims));
  }
}
