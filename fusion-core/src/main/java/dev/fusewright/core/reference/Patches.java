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
 * What the output positions of a convolution see of one group of input channels, in the order of
 * the weight.
 */
final class Patches {
  private final Window window;
  private final NdArray x;
  private final int perGroup;
  private final int kernelSize;

  /**
   * Patches of {@code x}.
   *
   * @param window over three axes
   */
  Patches(Window window, NdArray x, int perGroup, int kernelSize) {
    this.window = window;
    this.x = x;
    this.perGroup = perGroup;
    this.kernelSize = kernelSize;
  }

  /** Adds to {@code y}, [samples, channels, positions], what the weight makes of the patches. */
  void addProducts(NdArray w, int groups, double[] y) {
    int positions = window.outputs();
    int channels = w.dim(0) / groups;
    for (int group = 0; group < groups; group++) {
      double[][] patches = of(group, positions);
      double[][] products = products(w.values(), group * channels, channels, patches);
      for (int i = 0; i < products.length; i++) {
        int n = i / positions;
        for (int m = 0; m < channels; m++) {
          int channel = n * w.dim(0) + group * channels + m;
          y[channel * positions + i % positions] += products[i][m];
        }
      }
    }
  }

  /**
   * The products of some rows of the weight with each patch. The weight is read once, some columns
   * at a time: the innermost loop goes over the channels, where nothing waits for a sum.
   */
  private double[][] products(double[] w, int firstRow, int channels, double[][] patches) {
    int row = perGroup * kernelSize;
    double[][] products = new double[patches.length][channels];
    Columns columns = new Columns(channels);
    for (int k = 0; k < row; k += Columns.COUNT) {
      columns.fill(w, firstRow * row + k, row, Math.min(Columns.COUNT, row - k));
      for (int i = 0; i < patches.length; i++) {
        columns.addTo(products[i], patches[i], k);
      }
    }
    return products;
  }

  private double[][] of(int group, int positions) {
    int[] output = window.output();
    double[][] all = new double[x.dim(0) * positions][];
    for (int i = 0; i < all.length; i++) {
      int p = i % positions;
      int w = p % output[2];
      int h = p / output[2] % output[1];
      all[i] = patch(group, i / positions, p / output[2] / output[1], h, w);
    }
    return all;
  }

  private double[] patch(int group, int n, int d, int h, int w) {
    int[] kernel = window.kernel();
    int[] input = window.input();
    int size = input[0] * input[1] * input[2];
    double[] patch =
        new double[(perGroup * kernelSize + Columns.COUNT - 1) / Columns.COUNT * Columns.COUNT];
    int k = 0;
    for (int kd = 0; kd < kernel[0]; kd++) {
      for (int kh = 0; kh < kernel[1]; kh++) {
        for (int kw = 0; kw < kernel[2]; kw++, k++) {
          int atD = window.inputAt(0, d, kd);
          int atH = window.inputAt(1, h, kh);
          int atW = window.inputAt(2, w, kw);
          boolean inside =
              atD >= 0
                  && atD < input[0]
                  && atH >= 0
                  && atH < input[1]
                  && atW >= 0
                  && atW < input[2];
          if (inside) {
            int first = (n * x.dim(1) + group * perGroup) * size;
            int at = first + (atD * input[1] + atH) * input[2] + atW;
            for (int c = 0; c < perGroup; c++) {
              patch[c * kernelSize + k] = x.values()[at + c * size];
            }
          }
        }
      }
    }
    return patch;
  }

  /** Neighbouring columns of some rows of a weight, each column in one piece. */
  private static final class Columns {
    static final int COUNT = 4;

    private final double[] a;
    private final double[] b;
    private final double[] c;
    private final double[] d;

    Columns(int rows) {
      a = new double[rows];
      b = new double[rows];
      c = new double[rows];
      d = new double[rows];
    }

    /** Takes them from where the first row's begin; those that are not there become zeros. */
    void fill(double[] w, int from, int row, int present) {
      if (present == COUNT) {
        for (int m = 0, at = from; m < a.length; m++, at += row) {
          a[m] = w[at];
          b[m] = w[at + 1];
          c[m] = w[at + 2];
          d[m] = w[at + 3];
        }
        return;
      }
      for (int m = 0, at = from; m < a.length; m++, at += row) {
        a[m] = w[at];
        b[m] = present > 1 ? w[at + 1] : 0;
        c[m] = present > 2 ? w[at + 2] : 0;
        d[m] = 0;
      }
    }

    /** Adds, for each row, its product with the part of a patch that begins at {@code k}. */
    void addTo(double[] products, double[] patch, int k) {
      double xa = patch[k];
      double xb = patch[k + 1];
      double xc = patch[k + 2];
      double xd = patch[k + 3];
      for (int m = 0; m < a.length; m++) {
        products[m] += (a[m] * xa + b[m] * xb) + (c[m] * xc + d[m] * xd);
      }
    }
  }
}
