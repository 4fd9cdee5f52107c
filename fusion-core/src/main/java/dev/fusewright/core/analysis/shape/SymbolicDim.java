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

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the size of one axis, or of one element of a small tensor of integers.
 *
 * @param size null if it is unknown
 * @param basis what the size rests on
 */
public record SymbolicDim(@Nullable SymInt size, Basis basis) {
  /** A size of which nothing is known. */
  public static final SymbolicDim UNKNOWN = new SymbolicDim(null, Basis.PROVEN);

  /** Nothing is no reason for doubt. */
  public SymbolicDim {
    basis = size == null ? Basis.PROVEN : basis;
  }

  /** A number that is proven. */
  static SymbolicDim of(long size) {
    return new SymbolicDim(SymInt.of(size), Basis.PROVEN);
  }

  /** Whether anything is known. */
  public boolean isKnown() {
    return size != null;
  }

  /** The size, where it is known and a number. */
  public OptionalLong constant() {
    return size == null ? OptionalLong.empty() : size.constant();
  }

  boolean is(long value) {
    return size != null && size.is(value);
  }

  /** Whether the size is known to be at least {@code least}. */
  boolean isAtLeast(long least) {
    return size != null && size.lowerBound() >= least;
  }

  SymbolicDim weakened(Basis by) {
    return by.isAtLeast(basis) ? this : new SymbolicDim(size, by);
  }

  SymbolicDim plus(SymbolicDim other) {
    return size == null || other.size == null ? UNKNOWN : with(other, size.plus(other.size));
  }

  SymbolicDim plus(long number) {
    return plus(of(number));
  }

  SymbolicDim minus(SymbolicDim other) {
    return size == null || other.size == null ? UNKNOWN : with(other, size.minus(other.size));
  }

  SymbolicDim times(SymbolicDim other) {
    return size == null || other.size == null ? UNKNOWN : with(other, size.times(other.size));
  }

  SymbolicDim times(long number) {
    return times(of(number));
  }

  SymbolicDim min(SymbolicDim other) {
    return size == null || other.size == null ? UNKNOWN : with(other, size.min(other.size));
  }

  SymbolicDim max(SymbolicDim other) {
    return size == null || other.size == null ? UNKNOWN : with(other, size.max(other.size));
  }

  /** Rounded down. */
  SymbolicDim dividedBy(long divisor) {
    return size == null ? UNKNOWN : with(this, size.dividedBy(divisor));
  }

  private SymbolicDim with(SymbolicDim other, @Nullable SymInt result) {
    return new SymbolicDim(result, basis.and(other.basis));
  }

  /** What both say, where they agree. */
  SymbolicDim joined(SymbolicDim other) {
    return size != null && size.equals(other.size)
        ? new SymbolicDim(size, basis.and(other.basis))
        : UNKNOWN;
  }

  /** The one that tells more of two that are of one size. */
  SymbolicDim refined(SymbolicDim other) {
    if (size == null || other.size == null) {
      return size == null ? other : this;
    }
    boolean isBetter =
        size.isConstant() == other.size.isConstant()
            ? other.basis.compareTo(basis) < 0
            : other.size.isConstant();
    return isBetter ? other : this;
  }

  /** Whether the two are different numbers. */
  boolean contradicts(SymbolicDim other) {
    return constant().isPresent()
        && other.constant().isPresent()
        && !constant().equals(other.constant());
  }

  /** The size of an axis along which both are broadcast. */
  SymbolicDim broadcast(SymbolicDim other) {
    if (is(1)) {
      return other.weakened(basis);
    }
    if (other.is(1)) {
      return weakened(other.basis);
    }
    // Whatever is not 1 is the size of the result.
    if (isWide() && other.isWide()) {
      return basis.compareTo(other.basis) <= 0 ? this : other;
    }
    if (isWide() || other.isWide()) {
      return isWide() ? this : other;
    }
    return joined(other);
  }

  private boolean isWide() {
    return size != null && size.isConstant() && !size.is(1);
  }

  @Override
  public String toString() {
    return size == null ? "?" : size.toString();
  }
}
