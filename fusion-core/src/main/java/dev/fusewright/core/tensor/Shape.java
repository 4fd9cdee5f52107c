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

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The sizes of a tensor's axes, outermost first; empty for a scalar.
 *
 * @param dims each at least 0
 */
public record Shape(List<Long> dims) {
  /** The shape of a scalar. */
  public static final Shape SCALAR = new Shape(List.of());

  /** Copies and validates; also refuses a shape with more than {@code Long.MAX_VALUE} elements. */
  public Shape {
    dims = List.copyOf(dims);
    long count = 1;
    for (long dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException("negative dimension in shape " + dims);
      }
      try {
        count = Math.multiplyExact(count, dim);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException("shape " + dims + " has too many elements", e);
      }
    }
  }

  /** A shape with these axes. */
  public static Shape of(long... dims) {
    return new Shape(Arrays.stream(dims).boxed().toList());
  }

  /** The number of axes. */
  public int rank() {
    return dims.size();
  }

  /** The size of one axis. */
  public long dim(int axis) {
    return dims.get(axis);
  }

  /** The product of all dimensions; 1 for a scalar. */
  public long elementCount() {
    return elementCount(0, rank());
  }

  /** The product of the dimensions from axis {@code from} to before axis {@code to}. */
  public long elementCount(int from, int to) {
    long count = 1;
    for (int axis = from; axis < to; axis++) {
      count *= dims.get(axis);
    }
    return count;
  }

  /** Where an element stands, in row-major order: {@code [0,3,1]}. */
  public String position(long element) {
    long[] position = new long[rank()];
    long rest = element;
    for (int axis = rank() - 1; axis >= 0; axis--) {
      position[axis] = rest % dim(axis);
      rest /= dim(axis);
    }
    return Arrays.toString(position).replace(", ", ",");
  }

  /** As in ONNX's text form, {@code 4,3,3,3}. */
  @Override
  public String toString() {
    return dims.stream().map(String::valueOf).collect(Collectors.joining(",", "[", "]"));
  }
}
