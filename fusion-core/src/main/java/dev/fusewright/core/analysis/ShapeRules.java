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
package dev.fusewright.core.analysis;

import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The static shapes that ONNX's reshaping operators give; null where the operand does not fit the
 * shape.
 */
public final class ShapeRules {
  private ShapeRules() {}

  /** A shape of these sizes; null where there is none, or none that fits into an address space. */
  static @Nullable Shape of(long... dims) {
    try {
      return Shape.of(dims);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Reshape: 0 copies a dimension unless {@code allowZero}, one −1 takes what remains. */
  public static @Nullable Shape reshape(Shape source, long[] target, boolean allowZero) {
    List<Long> dims = new ArrayList<>();
    int open = -1;
    long known = 1;
    for (int axis = 0; axis < target.length; axis++) {
      long dim = target[axis];
      if (dim == 0 && !allowZero) {
        if (axis >= source.rank()) {
          return null;
        }
        dim = source.dim(axis);
      }
      if (dim == -1 && open < 0) {
        open = axis;
      } else if (dim < 0) {
        return null;
      } else {
        known = known == 0 || dim == 0 ? 0 : multiplied(known, dim);
      }
      dims.add(dim);
    }
    if (open >= 0) {
      if (known == 0 || source.elementCount() % known != 0) {
        return null;
      }
      dims.set(open, source.elementCount() / known);
    }
    Shape shape = of(dims.stream().mapToLong(Long::longValue).toArray());
    return shape != null && shape.elementCount() == source.elementCount() ? shape : null;
  }

  /** {@link Long#MAX_VALUE} where it is more, which no tensor has and no other size divides. */
  private static long multiplied(long a, long b) {
    return a > Long.MAX_VALUE / b ? Long.MAX_VALUE : a * b;
  }

  /** Unsqueeze: axes count in the result, negative ones from its end. */
  public static @Nullable Shape unsqueeze(Shape source, long[] axes) {
    int rank = source.rank() + axes.length;
    Set<Integer> ones = normalized(axes, rank);
    if (ones == null) {
      return null;
    }
    List<Long> dims = new ArrayList<>();
    int next = 0;
    for (int axis = 0; axis < rank; axis++) {
      dims.add(ones.contains(axis) ? 1L : source.dim(next++));
    }
    return new Shape(dims);
  }

  /** Squeeze of the given axes, each of which must have size 1. */
  public static @Nullable Shape squeeze(Shape source, long[] axes) {
    Set<Integer> gone = normalized(axes, source.rank());
    if (gone == null) {
      return null;
    }
    List<Long> dims = new ArrayList<>();
    for (int axis = 0; axis < source.rank(); axis++) {
      if (!gone.contains(axis)) {
        dims.add(source.dim(axis));
      } else if (source.dim(axis) != 1) {
        return null;
      }
    }
    return new Shape(dims);
  }

  /** Axes counted from the front; null if one is out of range or given twice. */
  static @Nullable Set<Integer> normalized(long[] axes, int rank) {
    Set<Integer> result = new HashSet<>();
    for (long axis : axes) {
      long positive = axis < 0 ? axis + rank : axis;
      if (positive < 0 || positive >= rank || !result.add((int) positive)) {
        return null;
      }
    }
    return result;
  }

  /**
   * The only axis of {@code of} along which {@code broadcast}, aligned at the right, varies; axis 0
   * where it varies along none; −1 where it varies along several, or would enlarge the result.
   */
  static int onlyLongAxis(Shape broadcast, Shape of) {
    int shift = of.rank() - broadcast.rank();
    int found = -1;
    for (int axis = 0; axis < broadcast.rank(); axis++) {
      long size = broadcast.dim(axis);
      if (size == 1) {
        continue;
      }
      if (size != of.dim(axis + shift) || found >= 0) {
        return -1;
      }
      found = axis + shift;
    }
    return Math.max(found, 0);
  }
}
