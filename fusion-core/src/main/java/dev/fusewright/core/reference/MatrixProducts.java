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

import static dev.fusewright.core.reference.Operators.one;

import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Gemm and MatMul. */
final class MatrixProducts {
  static final Map<String, Operator> OPERATORS =
      Map.of("Gemm", one(MatrixProducts::gemm), "MatMul", one(MatrixProducts::matMul));

  private MatrixProducts() {}

  private static NdArray gemm(OpCall call) {
    requireMatrix(call, 0);
    requireMatrix(call, 1);
    NdArray given = call.input(0);
    NdArray a = call.flag("transA") ? Strided.transposed(given, new int[] {1, 0}) : given;
    OperandValue b = call.operand(1);
    boolean transB = call.flag("transB");
    int rows = a.dim(0);
    int inner = a.dim(1);
    int columns = b.dim(transB ? 0 : 1);
    if (inner != b.dim(transB ? 1 : 0)) {
      throw call.invalid("%s times %s".formatted(a.shape(), b.shape()));
    }
    call.spend((double) a.size() * columns);
    Shape shape = Shape.of(rows, columns);
    double[] y = Strided.allocate(shape);
    if (transB) {
      multiplyByRows(a.values(), b, y, rows, inner, columns);
    } else {
      multiply(a.values(), b, y, rows, inner, columns);
    }
    double alpha = call.real("alpha", 1);
    NdArray product = Activations.mapped(NdArray.of(a.type(), shape, y), value -> alpha * value);
    NdArray c = call.optional(2);
    if (c == null) {
      return product;
    }
    double beta = call.real("beta", 1);
    NdArray added = Broadcast.to(Broadcast.aligned(call, product, c), shape);
    return Arithmetic.combined(product, added, a.type(), (value, term) -> value + beta * term);
  }

  private static void requireMatrix(OpCall call, int input) {
    Shape shape = call.operand(input).shape();
    if (shape.rank() != 2) {
      throw call.invalid("input %d has the shape %s, expected a matrix".formatted(input, shape));
    }
  }

  private static NdArray matMul(OpCall call) {
    NdArray a = call.input(0);
    OperandValue matrix = call.operand(1);
    if (a.rank() == 0 || matrix.rank() == 0) {
      throw call.invalid("a factor without axes");
    }
    if (matrix.rank() == 2) {
      return timesMatrix(call, a, matrix);
    }
    NdArray b = matrix.value();
    // As in numpy, a vector on the left is a row and one on the right a column, and the axis goes
    // again.
    NdArray left = a.rank() == 1 ? a.reshaped(Shape.of(1, a.size())) : a;
    NdArray right = b.rank() == 1 ? b.reshaped(Shape.of(b.size(), 1)) : b;
    int rows = left.dim(left.rank() - 2);
    int inner = left.dim(left.rank() - 1);
    int columns = right.dim(right.rank() - 1);
    if (right.dim(right.rank() - 2) != inner) {
      throw call.invalid("%s times %s".formatted(a.shape(), b.shape()));
    }
    Shape batch = Broadcast.common(List.of(batchOf(left), batchOf(right)));
    call.spend((double) batch.elementCount() * rows * inner * columns);
    left = Broadcast.to(left, with(batch, rows, inner));
    right = Broadcast.to(right, with(batch, inner, columns));
    double[] y = Strided.allocate(with(batch, rows, columns));
    for (int i = 0; i < batch.elementCount(); i++) {
      multiply(
          left.values(),
          i * rows * inner,
          right.values(),
          i * inner * columns,
          y,
          i * rows * columns,
          rows,
          inner,
          columns);
    }
    List<Long> dims = new ArrayList<>(batch.dims());
    if (a.rank() > 1) {
      dims.add((long) rows);
    }
    if (b.rank() > 1) {
      dims.add((long) columns);
    }
    return NdArray.of(a.type(), new Shape(dims), y);
  }

  /** Every row of the left factor, whatever its axes, times one matrix. */
  private static NdArray timesMatrix(OpCall call, NdArray a, OperandValue b) {
    int inner = a.dim(a.rank() - 1);
    int columns = b.dim(1);
    if (b.dim(0) != inner) {
      throw call.invalid("%s times %s".formatted(a.shape(), b.shape()));
    }
    List<Long> dims = new ArrayList<>(a.shape().dims());
    dims.set(a.rank() - 1, (long) columns);
    Shape shape = new Shape(dims);
    int rows = Math.toIntExact(a.shape().elementCount(0, a.rank() - 1));
    call.spend((double) rows * inner * columns);
    double[] y = Strided.allocate(shape);
    multiply(a.values(), b, y, rows, inner, columns);
    return NdArray.of(a.type(), shape, y);
  }

  private static Shape batchOf(NdArray matrices) {
    return new Shape(matrices.shape().dims().subList(0, matrices.rank() - 2));
  }

  private static Shape with(Shape batch, int rows, int columns) {
    List<Long> dims = new ArrayList<>(batch.dims());
    dims.addAll(Arrays.asList((long) rows, (long) columns));
    return new Shape(dims);
  }

  /** Y += A·B, for B [inner, columns]. */
  private static void multiply(
      double[] a, OperandValue b, double[] y, int rows, int inner, int columns) {
    b.forEachBlock(
        columns,
        (first, values, count) -> {
          for (int row = 0; row < rows; row++) {
            for (int k = 0; k < count; k++) {
              addScaled(a[row * inner + first + k], values, k * columns, y, row * columns, columns);
            }
          }
        });
  }

  /** Y += A·Bᵀ, for B [columns, inner]. */
  private static void multiplyByRows(
      double[] a, OperandValue b, double[] y, int rows, int inner, int columns) {
    double[][] vectors = new double[rows][];
    Arrays.setAll(vectors, row -> Arrays.copyOfRange(a, row * inner, (row + 1) * inner));
    RowProducts products = new RowProducts(inner, vectors);
    b.forEachBlock(
        inner,
        (first, values, count) -> {
          double[][] block = products.of(values, 0, count);
          for (int row = 0; row < rows; row++) {
            for (int column = 0; column < count; column++) {
              y[row * columns + first + column] += block[row][column];
            }
          }
        });
  }

  /** Y += A·B, row by row, with a contiguous inner loop. */
  private static void multiply(
      double[] a,
      int aAt,
      double[] b,
      int bAt,
      double[] y,
      int yAt,
      int rows,
      int inner,
      int columns) {
    for (int row = 0; row < rows; row++) {
      for (int k = 0; k < inner; k++) {
        addScaled(a[aAt + row * inner + k], b, bAt + k * columns, y, yAt + row * columns, columns);
      }
    }
  }

  private static void addScaled(double factor, double[] x, int from, double[] y, int to, int n) {
    for (int i = 0; i < n; i++) {
      y[to + i] += factor * x[from + i];
    }
  }
}
