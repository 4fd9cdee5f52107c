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
package dev.fusewright.core.tensor;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * ONNX's Transpose: axis {@code i} of this tensor is axis {@code permutation.get(i)} of the source.
 *
 * <p>Reading walks the source with strides, one element at a time unless the innermost axis stays
 * innermost: bounded in memory, slower than a copy.
 */
public record TransposedTensor(Tensor source, List<Integer> permutation) implements Tensor {
  /** Refuses what is no permutation of the source's axes. */
  public TransposedTensor {
    permutation = List.copyOf(permutation);
    int rank = source.shape().rank();
    if (permutation.stream().sorted().distinct().filter(axis -> axis >= 0 && axis < rank).count()
            != rank
        || permutation.size() != rank) {
      throw new IllegalArgumentException(
          permutation + " does not permute the axes of " + source.shape());
    }
  }

  @Override
  public ElementType type() {
    return source.type();
  }

  @Override
  public Shape shape() {
    return new Shape(permutation.stream().map(axis -> source.shape().dim(axis)).toList());
  }

  @Override
  public void read(long offset, ByteBuffer destination) {
    int size = type().bits() / 8;
    Shape shape = shape();
    int rank = shape.rank();
    long[] strides = new long[rank];
    for (int axis = 0; axis < rank; axis++) {
      int from = permutation.get(axis);
      strides[axis] = source.shape().elementCount(from + 1, rank);
    }
    long[] index = new long[rank];
    long rest = offset / size;
    for (int axis = rank - 1; axis >= 0; axis--) {
      index[axis] = rest % shape.dim(axis);
      rest /= shape.dim(axis);
    }
    boolean contiguous = rank > 0 && strides[rank - 1] == 1;
    while (destination.hasRemaining()) {
      long element = 0;
      for (int axis = 0; axis < rank; axis++) {
        element += index[axis] * strides[axis];
      }
      long run =
          contiguous
              ? Math.min(shape.dim(rank - 1) - index[rank - 1], destination.remaining() / size)
              : 1;
      int limit = destination.limit();
      destination.limit(destination.position() + (int) run * size);
      source.read(element * size, destination);
      destination.limit(limit);
      advance(index, shape, run);
    }
  }

  private static void advance(long[] index, Shape shape, long run) {
    int axis = shape.rank() - 1;
    if (axis < 0) {
      return;
    }
    index[axis] += run;
    while (axis > 0 && index[axis] == shape.dim(axis)) {
      index[axis] = 0;
      axis--;
      index[axis]++;
    }
  }
}
