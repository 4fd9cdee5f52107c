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
package dev.fusewright.core.verify.inputs;

import dev.fusewright.core.tensor.Shape;

/** The place of one element in a tensor, moved along in row-major order. */
final class Place {
  private static final int BLOCKS_PER_AXIS = 8;

  private final long[] dims;
  private final int firstSpatial;
  private final long[] index;

  Place(Shape shape) {
    this.dims = shape.dims().stream().mapToLong(Long::longValue).toArray();
    this.firstSpatial = Math.max(0, Math.min(2, shape.rank() - 1));
    this.index = new long[shape.rank()];
  }

  void next() {
    for (int axis = index.length - 1; axis >= 0; axis--) {
      index[axis]++;
      if (index[axis] < dims[axis] || axis == 0) {
        return;
      }
      index[axis] = 0;
    }
  }

  /**
   * Whether the element is the first or the last along every spatial axis (along the last one up to
   * rank 2).
   */
  boolean isCorner() {
    for (int axis = firstSpatial; axis < index.length; axis++) {
      if (index[axis] != 0 && index[axis] != dims[axis] - 1) {
        return false;
      }
    }
    return true;
  }

  /** A number that changes from block to block, of which there are eight along every axis. */
  long block() {
    long block = 0;
    for (int axis = 0; axis < index.length; axis++) {
      block += index[axis] * BLOCKS_PER_AXIS / dims[axis];
    }
    return block;
  }
}
