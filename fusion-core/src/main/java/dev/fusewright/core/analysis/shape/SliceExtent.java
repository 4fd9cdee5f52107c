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
package dev.fusewright.core.analysis.shape;

/** How much a Slice leaves of one axis. */
final class SliceExtent {
  /** Ends from here on mean the end of any axis. */
  private static final long END = Integer.MAX_VALUE;

  private SliceExtent() {}

  /**
   * The number of elements from {@code start} to before {@code end}: both count from the end where
   * they are negative, and stop at the bounds of the axis.
   */
  static SymbolicDim of(SymbolicDim axis, SymbolicDim start, SymbolicDim end, long step) {
    boolean areNumbers =
        axis.constant().isPresent() && start.constant().isPresent() && end.constant().isPresent();
    if (areNumbers && step != 0) {
      Basis basis = axis.basis().and(start.basis()).and(end.basis());
      long extent =
          extent(
              axis.constant().getAsLong(),
              start.constant().getAsLong(),
              end.constant().getAsLong(),
              step);
      return SymbolicDim.of(extent).weakened(basis);
    }
    if (step != 1) {
      return SymbolicDim.UNKNOWN;
    }
    boolean isFromEnd = end.constant().orElse(0) < 0;
    return (isFromEnd ? axis.plus(end) : bound(end, axis)).minus(bound(start, axis));
  }

  static long extent(long size, long start, long end, long step) {
    long most = step > 0 ? size : size - 1;
    long first = bound(start, size, 0, most);
    // Backwards, one place before the first element is a bound too.
    long last = bound(end, size, step > 0 ? 0 : -1, most);
    long way = step > 0 ? last - first : first - last;
    long stride = step == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(step);
    return size <= 0 || way <= 0 ? 0 : (way - 1) / stride + 1;
  }

  /** An index from the front, within bounds. */
  static long bound(long index, long size, long least, long most) {
    long fromFront = index < 0 ? index + size : index;
    return Math.max(least, Math.min(most, fromFront));
  }

  /** A bound of a step forwards, on an axis whose size is not a number. */
  private static SymbolicDim bound(SymbolicDim index, SymbolicDim axis) {
    if (index.constant().isPresent()) {
      long number = index.constant().getAsLong();
      if (number >= END) {
        return axis.weakened(index.basis());
      }
      return number < 0 ? axis.plus(index).max(SymbolicDim.of(0)) : index.min(axis);
    }
    return index.isAtLeast(0) ? index.min(axis) : SymbolicDim.UNKNOWN;
  }
}
