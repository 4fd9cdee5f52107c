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
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A small tensor of integers, as far as its elements are known: a shape, axes, pads.
 *
 * @param elements row-major, as many as the shape has
 */
record SymbolicTensor(Shape shape, List<SymbolicDim> elements) {
  /** Larger ones are not followed. */
  static final int MAX_ELEMENTS = 1 << 10;

  SymbolicTensor {
    elements = List.copyOf(elements);
  }

  static SymbolicTensor vector(List<SymbolicDim> elements) {
    return new SymbolicTensor(Shape.of(elements.size()), elements);
  }

  static SymbolicTensor of(Shape shape, long[] values) {
    List<SymbolicDim> elements = new ArrayList<>(values.length);
    for (long value : values) {
      elements.add(SymbolicDim.of(value));
    }
    return new SymbolicTensor(shape, elements);
  }

  int size() {
    return elements.size();
  }

  SymbolicDim element(int index) {
    return elements.get(index);
  }

  SymbolicTensor reshaped(Shape to) {
    return new SymbolicTensor(to, elements);
  }

  SymbolicTensor weakened(Basis by) {
    return by == Basis.PROVEN
        ? this
        : new SymbolicTensor(shape, elements.stream().map(one -> one.weakened(by)).toList());
  }

  Basis basis() {
    Basis weakest = Basis.PROVEN;
    for (SymbolicDim element : elements) {
      weakest = weakest.and(element.basis());
    }
    return weakest;
  }

  /** The elements, where all of them are numbers; null otherwise. */
  long @Nullable [] constants() {
    long[] values = new long[elements.size()];
    for (int i = 0; i < values.length; i++) {
      if (elements.get(i).constant().isEmpty()) {
        return null;
      }
      values[i] = elements.get(i).constant().getAsLong();
    }
    return values;
  }
}
