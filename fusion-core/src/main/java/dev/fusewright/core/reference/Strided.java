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

/**
 * Copies of arrays along strides: what Transpose, Slice, Expand and broadcasting have in common.
 */
final class Strided {
  /** 2 GiB of doubles, or an eighth of the heap. */
  private static final long MAX_ELEMENTS =
      Math.min(1L << 28, Runtime.getRuntime().maxMemory() / 8 / Double.BYTES);

  private Strided() {}

  /** Zeros for every element of a shape. */
  static double[] allocate(Shape shape) {
    if (shape.elementCount() > MAX_ELEMENTS) {
      throw new IllegalArgumentException("a value of shape " + shape + " is too large to evaluate");
    }
    return new double[(int) shape.elementCount()];
  }

  /** How far apart neighbours along each axis lie, in row-major order. */
  static int[] strides(Shape shape) {
    int[] strides = new int[shape.rank()];
    int stride = 1;
    for (int axis = strides.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= (int) shape.dim(axis);
    }
    return strides;
  }

  /** The elements {@code source[start + Σ index·stride]} for every index of {@code shape}. */
  static double[] copy(double[] source, int start, int[] strides, Shape shape) {
    double[] result = allocate(shape);
    if (result.length == 0) {
      return result;
    }
    if (shape.rank() == 0) {
      result[0] = source[start];
      return result;
    }
    int last = shape.rank() - 1;
    int width = (int) shape.dim(last);
    int step = strides[last];
    int[] index = new int[last];
    int from = start;
    for (int to = 0; to < result.length; to += width) {
      if (step == 1) {
        System.arraycopy(source, from, result, to, width);
      } else {
        for (int i = 0, at = from; i < width; i++, at += step) {
          result[to + i] = source[at];
        }
      }
      from += advance(index, strides, shape);
    }
    return result;
  }

  /** Moves an index one step on, and returns how far its element has moved. */
  static int advance(int[] index, int[] strides, Shape shape) {
    int moved = 0;
    for (int axis = index.length - 1; axis >= 0; axis--) {
      moved += strides[axis];
      if (++index[axis] < shape.dim(axis)) {
        return moved;
      }
      moved -= index[axis] * strides[axis];
      index[axis] = 0;
    }
    return moved;
  }

  /** ONNX's Transpose. */
  static NdArray transposed(NdArray array, int[] permutation) {
    int[] strides = strides(array.shape());
    int[] permuted = new int[strides.length];
    long[] dims = new long[strides.length];
    for (int axis = 0; axis < strides.length; axis++) {
      permuted[axis] = strides[permutation[axis]];
      dims[axis] = array.shape().dim(permutation[axis]);
    }
    Shape shape = Shape.of(dims);
    return NdArray.of(array.type(), shape, copy(array.values(), 0, permuted, shape));
  }

  /** The part from {@code start} of {@code size} along one axis. */
  static NdArray part(NdArray array, int axis, int start, int size) {
    long[] dims = array.shape().dims().stream().mapToLong(Long::longValue).toArray();
    dims[axis] = size;
    int[] strides = strides(array.shape());
    Shape shape = Shape.of(dims);
    return NdArray.of(
        array.type(), shape, copy(array.values(), start * strides[axis], strides, shape));
  }
}
