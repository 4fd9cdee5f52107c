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
package dev.fusewright.io.pt2;

import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TransposedTensor;
import dev.fusewright.io.aten.TensorMeta;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** How the elements of a tensor that fills its record lie there. */
final class Layout {
  private Layout() {}

  /**
   * The axes in the order in which they lie in the record, outermost first; null if the tensor does
   * not fill it, or elements lie apart or on one another.
   *
   * @param bytes of the record
   */
  static @Nullable List<Integer> order(TensorMeta meta, long bytes) {
    long[] sizes = meta.sizes();
    List<Long> strides = meta.strides();
    List<Integer> axes = new ArrayList<>(IntStream.range(0, sizes.length).boxed().toList());
    axes.sort(
        Comparator.<Integer>comparingLong(axis -> sizes[axis] == 1 ? 0 : -strides.get(axis))
            .thenComparingInt(axis -> axis));
    long expected = 1;
    for (int i = axes.size() - 1; i >= 0; i--) {
      int axis = axes.get(i);
      if (sizes[axis] != 1 && strides.get(axis) != expected) {
        return null;
      }
      expected *= sizes[axis];
    }
    boolean fills = meta.offset() == 0 && expected * (meta.type().bits() / Byte.SIZE) == bytes;
    return fills ? axes : null;
  }

  /** The elements of a tensor in such an order. */
  static Tensor inOrder(Tensor tensor, List<Integer> axes) {
    boolean isRowMajor = IntStream.range(0, axes.size()).allMatch(i -> axes.get(i) == i);
    return isRowMajor ? tensor : new TransposedTensor(tensor, axes);
  }
}
