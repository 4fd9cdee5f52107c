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

import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the shape of a value.
 *
 * @param dims null if the rank is unknown
 * @param basis what the rank rests on; each size has its own, and presupposes the rank
 */
public record SymbolicShape(@Nullable List<SymbolicDim> dims, Basis basis) {
  /** The rank of a shape of which nothing is known. */
  public static final int UNKNOWN_RANK = -1;

  /** A shape of which nothing is known. */
  public static final SymbolicShape UNKNOWN = new SymbolicShape(null, Basis.PROVEN);

  static final SymbolicShape SCALAR = new SymbolicShape(List.of(), Basis.PROVEN);

  /** More axes than any operator has a use for. */
  private static final int MAX_RANK = 64;

  /** Copies the sizes. */
  public SymbolicShape {
    dims = dims == null || dims.size() > MAX_RANK ? null : List.copyOf(dims);
    basis = dims == null ? Basis.PROVEN : basis;
  }

  static SymbolicShape of(List<SymbolicDim> dims) {
    return new SymbolicShape(dims, Basis.PROVEN);
  }

  /** A shape that is known in full, and proven. */
  public static SymbolicShape of(Shape shape) {
    List<SymbolicDim> dims = new ArrayList<>(shape.rank());
    for (long dim : shape.dims()) {
      dims.add(SymbolicDim.of(dim));
    }
    return of(dims);
  }

  /** Of a rank, with sizes of which nothing is known. */
  static SymbolicShape ofRank(long rank) {
    return rank < 0 || rank > MAX_RANK
        ? UNKNOWN
        : of(Collections.nCopies((int) rank, SymbolicDim.UNKNOWN));
  }

  /** Whether the rank is known. */
  public boolean hasRank() {
    return dims != null;
  }

  /** The number of axes, or {@link #UNKNOWN_RANK}. */
  public int rank() {
    return dims == null ? UNKNOWN_RANK : dims.size();
  }

  /** The size of an axis; unknown also where there is no such axis. */
  public SymbolicDim dim(int axis) {
    return dims == null || axis < 0 || axis >= dims.size() ? SymbolicDim.UNKNOWN : dims.get(axis);
  }

  /** The number of elements. */
  public SymbolicDim elementCount() {
    return dims == null ? SymbolicDim.UNKNOWN : product(0, dims.size()).weakened(basis);
  }

  /** The product of the sizes from axis {@code from} to before axis {@code to}; 1 for none. */
  public SymbolicDim product(int from, int to) {
    SymbolicDim product = SymbolicDim.of(1);
    for (int axis = from; axis < to; axis++) {
      product = product.times(dim(axis));
    }
    return product;
  }

  /** As much of this as rests on {@code least} or better. */
  public SymbolicShape restingOn(Basis least) {
    return dims == null || !basis.isAtLeast(least)
        ? UNKNOWN
        : new SymbolicShape(
            dims.stream()
                .map(dim -> dim.basis().isAtLeast(least) ? dim : SymbolicDim.UNKNOWN)
                .toList(),
            basis);
  }

  /** What all that is known here rests on together. */
  public Basis weakestBasis() {
    Basis weakest = basis;
    for (SymbolicDim dim : sizes()) {
      weakest = weakest.and(dim.basis());
    }
    return weakest;
  }

  /** The shape, where all its sizes are numbers and rest on {@code least} or better; else null. */
  public @Nullable Shape fixed(Basis least) {
    if (dims == null || !weakestBasis().isAtLeast(least)) {
      return null;
    }
    List<Long> sizes = new ArrayList<>();
    for (SymbolicDim dim : dims) {
      long size = dim.constant().orElse(-1);
      if (size < 0) {
        return null;
      }
      sizes.add(size);
    }
    try {
      return new Shape(sizes);
    } catch (IllegalArgumentException e) {
      return null; // More elements than can be counted.
    }
  }

  /** The sizes; none where the rank is unknown. */
  List<SymbolicDim> sizes() {
    return dims == null ? List.of() : dims;
  }

  SymbolicShape weakened(Basis by) {
    if (by == Basis.PROVEN || dims == null) {
      return this;
    }
    List<SymbolicDim> weaker = new ArrayList<>(dims.size());
    for (SymbolicDim dim : dims) {
      weaker.add(dim.weakened(by));
    }
    return new SymbolicShape(weaker, basis.and(by));
  }

  SymbolicShape withDim(int axis, SymbolicDim dim) {
    if (dims == null || axis < 0 || axis >= dims.size()) {
      return this;
    }
    List<SymbolicDim> changed = new ArrayList<>(dims);
    changed.set(axis, dim);
    return new SymbolicShape(changed, basis);
  }

  SymbolicShape withDims(List<SymbolicDim> other) {
    return new SymbolicShape(other, basis);
  }

  /** The rank alone. */
  SymbolicShape withoutSizes() {
    return new SymbolicShape(ofRank(rank()).dims(), basis);
  }

  /** What both say, where they agree. */
  SymbolicShape joined(SymbolicShape other) {
    return zipped(other, SymbolicDim::joined, basis.and(other.basis));
  }

  /** What the two tell together of a value that has both shapes. */
  SymbolicShape refined(SymbolicShape other) {
    if (dims == null || other.dims == null) {
      return dims == null ? other : this;
    }
    Basis better = basis.compareTo(other.basis) <= 0 ? basis : other.basis;
    return dims.size() == other.dims.size() ? zipped(other, SymbolicDim::refined, better) : UNKNOWN;
  }

  /** This, with what is unknown taken from {@code other}, unless the two contradict. */
  SymbolicShape filledIn(SymbolicShape other) {
    if (dims == null || other.dims == null) {
      return dims == null ? other : this;
    }
    if (dims.size() != other.dims.size()) {
      return this;
    }
    for (int axis = 0; axis < dims.size(); axis++) {
      if (dims.get(axis).contradicts(other.dims.get(axis))) {
        return this;
      }
    }
    return zipped(other, (own, its) -> own.isKnown() ? own : its, basis);
  }

  private SymbolicShape zipped(
      SymbolicShape other, BinaryOperator<SymbolicDim> each, Basis common) {
    if (dims == null || other.dims == null || dims.size() != other.dims.size()) {
      return UNKNOWN;
    }
    List<SymbolicDim> both = new ArrayList<>();
    for (int axis = 0; axis < dims.size(); axis++) {
      both.add(each.apply(dims.get(axis), other.dims.get(axis)));
    }
    return new SymbolicShape(both, common);
  }

  /** The shape to which both are broadcast, aligned at the right. */
  SymbolicShape broadcast(SymbolicShape other) {
    if (dims == null || other.dims == null) {
      return UNKNOWN;
    }
    SymbolicShape longer = dims.size() >= other.dims.size() ? this : other;
    SymbolicShape shorter = longer == this ? other : this;
    int shift = longer.rank() - shorter.rank();
    List<SymbolicDim> result = new ArrayList<>(longer.sizes());
    for (int axis = shift; axis < result.size(); axis++) {
      result.set(axis, result.get(axis).broadcast(shorter.dim(axis - shift)));
    }
    return new SymbolicShape(result, basis.and(other.basis));
  }

  /** As in {@code [N,64,⌊(H + 1)/2⌋,?]}; {@code ?} where the rank is unknown. */
  @Override
  public String toString() {
    return dims == null
        ? "?"
        : dims.stream().map(SymbolicDim::toString).collect(Collectors.joining(",", "[", "]"));
  }
}
