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

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/**
 * All that inference knows of a value: its shape, and where it is small and whole, its elements.
 */
final class ValueFacts {
  static final ValueFacts UNKNOWN = new ValueFacts(SymbolicShape.UNKNOWN, null, null);

  private final SymbolicShape shape;
  private final @Nullable Tensor constant;
  private @Nullable SymbolicTensor integers;
  private boolean isRead;

  private ValueFacts(
      SymbolicShape shape, @Nullable SymbolicTensor integers, @Nullable Tensor constant) {
    this.shape = shape;
    this.integers = integers;
    this.constant = constant;
    this.isRead = constant == null;
  }

  static ValueFacts of(SymbolicShape shape) {
    return shape.hasRank() ? new ValueFacts(shape, null, null) : UNKNOWN;
  }

  static ValueFacts of(Tensor constant) {
    return new ValueFacts(SymbolicShape.of(constant.shape()), null, constant);
  }

  /** These, with elements that fit the shape. */
  ValueFacts with(@Nullable SymbolicTensor elements) {
    if (elements == null || elements.size() > SymbolicTensor.MAX_ELEMENTS) {
      return this;
    }
    SymbolicShape own = SymbolicShape.of(elements.shape()).weakened(Basis.STATED);
    SymbolicShape both = shape.refined(own);
    return both.fixed(Basis.STATED) != null && elements.shape().equals(both.fixed(Basis.STATED))
        ? new ValueFacts(both, elements, null)
        : this;
  }

  SymbolicShape shape() {
    return shape;
  }

  /** A tensor that the value is in every run; null if there is none. */
  @Nullable Tensor constant() {
    return constant;
  }

  /** The elements of a small tensor of integers; null for any other value. */
  @Nullable SymbolicTensor integers() {
    if (!isRead && constant != null) {
      boolean isWhole =
          constant.type() == ElementType.INT64 || constant.type() == ElementType.INT32;
      if (isWhole && constant.shape().elementCount() <= SymbolicTensor.MAX_ELEMENTS) {
        integers =
            SymbolicTensor.of(
                constant.shape(), Tensors.longs(constant, SymbolicTensor.MAX_ELEMENTS));
      }
      isRead = true;
    }
    return integers;
  }

  ValueFacts weakened(Basis by) {
    if (by == Basis.PROVEN) {
      return this;
    }
    SymbolicTensor known = integers();
    return new ValueFacts(shape.weakened(by), known == null ? null : known.weakened(by), null);
  }

  /** These, with a shape that tells more. */
  ValueFacts withShape(SymbolicShape other) {
    return new ValueFacts(other, integers, constant);
  }
}
