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

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The shape that a Reshape gives: 0 copies an axis, unless zeros are allowed, and one −1 takes what
 * remains.
 */
final class Reshaping {
  private final SymbolicShape source;
  private final SymbolicTensor target;
  private final boolean zeroCopies;

  Reshaping(SymbolicShape source, SymbolicTensor target, boolean zeroCopies) {
    this.source = source;
    this.target = target;
    this.zeroCopies = zeroCopies;
  }

  SymbolicShape result() {
    List<SymbolicDim> dims = new ArrayList<>();
    int open = -1;
    for (int axis = 0; axis < target.size(); axis++) {
      SymbolicDim wanted = target.element(axis);
      if (wanted.is(-1)) {
        if (open >= 0) {
          return SymbolicShape.UNKNOWN;
        }
        open = axis;
        dims.add(SymbolicDim.UNKNOWN);
      } else if (wanted.is(0) && zeroCopies) {
        if (source.hasRank() && axis >= source.rank()) {
          return SymbolicShape.UNKNOWN;
        }
        dims.add(source.dim(axis).weakened(source.basis()));
      } else if (wanted.constant().orElse(0) < 0) {
        return SymbolicShape.UNKNOWN;
      } else {
        // What may be 0 or −1 might mean something else.
        boolean isSize = wanted.constant().isPresent() || wanted.isAtLeast(1);
        dims.add(isSize ? wanted : SymbolicDim.UNKNOWN);
      }
    }
    if (open >= 0) {
      dims.set(open, remaining(dims, open));
    }
    return contradictsSource(dims) ? SymbolicShape.UNKNOWN : SymbolicShape.of(dims);
  }

  /** What all other axes leave of the elements: equal sizes cancel, and the rest is divided. */
  private SymbolicDim remaining(List<SymbolicDim> dims, int open) {
    List<@Nullable SymbolicDim> left = new ArrayList<>(source.sizes());
    SymbolicDim divisor = SymbolicDim.of(1);
    Basis basis = source.basis();
    for (int axis = 0; axis < dims.size(); axis++) {
      if (isCopied(axis) && axis < left.size()) {
        left.set(axis, null);
      }
    }
    for (int axis = 0; axis < dims.size(); axis++) {
      if (axis != open && !isCopied(axis)) {
        basis = basis.and(dims.get(axis).basis());
        int same = equal(left, dims.get(axis));
        if (same < 0) {
          divisor = divisor.times(dims.get(axis));
        } else {
          basis = basis.and(source.dim(same).basis());
          left.set(same, null);
        }
      }
    }
    SymbolicDim product = SymbolicDim.of(1);
    for (SymbolicDim dim : left) {
      product = dim == null ? product : product.times(dim);
    }
    return source.hasRank()
        ? new SymbolicDim(quotient(product.size(), divisor.size()), basis.and(product.basis()))
        : SymbolicDim.UNKNOWN;
  }

  private boolean isCopied(int axis) {
    return zeroCopies && target.element(axis).is(0);
  }

  private static int equal(List<@Nullable SymbolicDim> dims, SymbolicDim size) {
    for (int axis = 0; axis < dims.size(); axis++) {
      SymbolicDim dim = dims.get(axis);
      boolean isSame = dim != null && size.size() != null && size.size().equals(dim.size());
      if (isSame && !size.is(0)) {
        return axis;
      }
    }
    return -1;
  }

  /** Nothing is left over in a valid model. */
  private static @Nullable SymInt quotient(@Nullable SymInt product, @Nullable SymInt divisor) {
    if (product == null || divisor == null) {
      return null;
    }
    SymInt exact = product.exactlyDividedBy(divisor);
    boolean isOpen = !product.isConstant() && divisor.isConstant();
    return exact == null && isOpen ? product.dividedBy(divisor.constant().orElse(0)) : exact;
  }

  /** Whether there are more or fewer elements than before. */
  private boolean contradictsSource(List<SymbolicDim> dims) {
    return source.elementCount().contradicts(SymbolicShape.of(dims).elementCount());
  }
}
