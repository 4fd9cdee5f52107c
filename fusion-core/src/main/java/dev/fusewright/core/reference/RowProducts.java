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

/**
 * The products of the rows of a weight with some vectors. Rows are taken together and column by
 * column: the innermost loop goes over the rows, where nothing waits for a sum.
 */
final class RowProducts {
  /** So many columns are taken at a time. */
  private static final int COLUMNS = 4;

  private final int row;
  private final double[][] vectors;

  /** Products with vectors of {@code row} elements. */
  RowProducts(int row, double[][] vectors) {
    this.row = row;
    this.vectors = vectors;
  }

  /**
   * For each vector, its products with the rows that begin at {@code w[at]}.
   *
   * @return [vectors, rows]
   */
  double[][] of(double[] w, int at, int rows) {
    double[][] products = new double[vectors.length][rows];
    double[] a = new double[rows];
    double[] b = new double[rows];
    double[] c = new double[rows];
    double[] d = new double[rows];
    int whole = row / COLUMNS * COLUMNS;
    for (int k = 0; k < whole; k += COLUMNS) {
      for (int m = 0, from = at + k; m < rows; m++, from += row) {
        a[m] = w[from];
        b[m] = w[from + 1];
        c[m] = w[from + 2];
        d[m] = w[from + 3];
      }
      for (int i = 0; i < vectors.length; i++) {
        add(products[i], vectors[i], k, a, b, c, d);
      }
    }
    for (int k = whole; k < row; k++) {
      for (int i = 0; i < vectors.length; i++) {
        double x = vectors[i][k];
        for (int m = 0, from = at + k; m < rows; m++, from += row) {
          products[i][m] += w[from] * x;
        }
      }
    }
    return products;
  }

  private static void add(
      double[] products, double[] vector, int k, double[] a, double[] b, double[] c, double[] d) {
    double xa = vector[k];
    double xb = vector[k + 1];
    double xc = vector[k + 2];
    double xd = vector[k + 3];
    for (int m = 0; m < products.length; m++) {
      products[m] += (a[m] * xa + b[m] * xb) + (c[m] * xc + d[m] * xd);
    }
  }
}
