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
package dev.fusewright.io.archive;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;

/** Tensors that are views of a record. */
public final class StoredViews {
  /** Elements that overlapping views may have beyond those of their record. */
  public static final long MOST_EXPANDED = 1L << 26;

  private StoredViews() {}

  /**
   * A view, whose elements were checked to lie within its record.
   *
   * @param problem says whose it is
   * @param elements of the record
   * @param offset of the first element, in elements
   * @param strides in elements, as many as sizes, none of either negative
   * @throws MalformedFileException if it goes beyond the record
   * @throws TooLargeException if it repeats the record's elements too often
   */
  public static Tensor of(
      Problem problem,
      ElementType type,
      RecordBytes record,
      long elements,
      long offset,
      long[] sizes,
      long[] strides) {
    long last = offset;
    long count = 1;
    try {
      for (int axis = 0; axis < sizes.length; axis++) {
        count = Math.multiplyExact(count, sizes[axis]);
        long steps = Math.max(0, sizes[axis] - 1);
        last = Math.addExact(last, Math.multiplyExact(steps, strides[axis]));
      }
    } catch (ArithmeticException e) {
      throw new MalformedFileException(
          problem.expected("a size below 2^63").found("a larger one"), e);
    }
    if (count > 0 && last >= elements) {
      throw new MalformedFileException(
          problem
              .expected("a tensor within the %d elements of its record".formatted(elements))
              .found("one that ends at element " + last)
              .hint("The file is damaged: fetch it again"));
    }
    if (count > elements + MOST_EXPANDED) {
      throw new TooLargeException(
          problem.expected("about as many elements as its record has").found(count + " of them"));
    }
    return new StoredTensor(
        type,
        Shape.of(sizes),
        new StridedSource(record, offset, sizes, strides, type.bits() / Byte.SIZE));
  }
}
