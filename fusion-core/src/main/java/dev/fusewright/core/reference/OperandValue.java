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
package dev.fusewright.core.reference;

import dev.fusewright.core.tensor.ChunkReader;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An input of a node. A stored constant is decoded when it is asked for, whole or block by block:
 * the weight of a layer may be larger than the heap.
 */
final class OperandValue {
  /** Elements of a block; a row may be longer. */
  private static final int BLOCK = 1 << 18;

  /** Receives the elements of an operand front to back. */
  @FunctionalInterface
  interface BlockConsumer {
    /**
     * The next rows.
     *
     * @param first row of the block
     * @param values the block's elements from index 0; not to be kept, nor written to
     */
    void accept(int first, double[] values, int rows);
  }

  private final Shape shape;
  private final Supplier<NdArray> value;
  private final @Nullable Tensor stored;

  private OperandValue(Shape shape, Supplier<NdArray> value, @Nullable Tensor stored) {
    this.shape = shape;
    this.value = value;
    this.stored = stored;
  }

  static OperandValue of(NdArray value) {
    return new OperandValue(value.shape(), () -> value, null);
  }

  /**
   * A constant.
   *
   * @param value all of it, decoded; asked for only by operators that cannot do without
   */
  static OperandValue of(Tensor constant, Supplier<NdArray> value) {
    return new OperandValue(constant.shape(), value, constant);
  }

  NdArray value() {
    return value.get();
  }

  Shape shape() {
    return shape;
  }

  int rank() {
    return shape.rank();
  }

  int dim(int axis) {
    return Math.toIntExact(shape.dim(axis));
  }

  /** All elements in rows of {@code row} elements, in the memory of one block. */
  void forEachBlock(int row, BlockConsumer consumer) {
    if (row == 0) {
      return;
    }
    int rows = Math.toIntExact(shape.elementCount() / row);
    if (stored == null) {
      consumer.accept(0, value().values(), rows);
      return;
    }
    int most = Math.max(1, Math.min(rows, BLOCK / row));
    double[] block = new double[Math.multiplyExact(most, row)];
    ChunkReader reader = new ChunkReader(stored, block);
    for (int first = 0; first < rows; first += most) {
      int count = Math.min(most, rows - first);
      reader.read((long) first * row, count * row);
      consumer.accept(first, block, count);
    }
  }
}
