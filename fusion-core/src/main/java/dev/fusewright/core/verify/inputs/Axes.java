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

/**
 * Probable meanings of a tensor's axes.
 *
 * @param channel {@link #NONE} if there is none
 * @param y of a picture; {@link #NONE} if the tensor is none
 * @param x of a picture, or the time of a signal; {@link #NONE} for a scalar
 */
record Axes(int channel, int y, int x) {
  static final int NONE = -1;

  private static final int MOST_COLOURS = 4;
  private static final int LEAST_SIDE = 16;

  /**
   * Pictures are of rank 4, the colours before or after the pixels, or of rank 3 without a batch.
   */
  static Axes of(Shape shape) {
    int rank = shape.rank();
    if (rank >= 4) {
      boolean coloursLast =
          rank == 4 && shape.dim(3) <= MOST_COLOURS && shape.dim(1) > MOST_COLOURS;
      return coloursLast ? new Axes(3, 1, 2) : new Axes(1, rank - 2, rank - 1);
    }
    if (rank == 3 && shape.dim(0) <= MOST_COLOURS && isPicture(shape)) {
      return new Axes(0, 1, 2);
    }
    return new Axes(rank == 3 ? 1 : NONE, NONE, rank - 1);
  }

  private static boolean isPicture(Shape shape) {
    return shape.dim(0) != 2 && shape.dim(1) >= LEAST_SIDE && shape.dim(2) >= LEAST_SIDE;
  }

  /** Whether the tensor is a picture. */
  boolean isPicture() {
    return y != NONE;
  }

  long size(long[] dims, int axis) {
    return axis == NONE ? 1 : dims[axis];
  }
}
