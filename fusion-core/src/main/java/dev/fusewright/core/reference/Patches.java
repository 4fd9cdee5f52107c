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
 * The input patches below the output positions of a convolution (im2col), for one group of input
 * channels, in the order of the weight.
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
  void addProducts(OperandValue w, int groups, double[] y) {
    int positions = window.outputs();
    int row = perGroup * kernelSize;
    int outputs = w.dim(0);
    int channels = outputs / groups;
    w.forEachBlock(
        row,
        (first, values, rows) -> {
          int end = first + rows;
          for (int m = first; m < end; ) { // The part of a group that is in the block.
            int group = m / channels;
            int count = Math.min(end, (group + 1) * channels) - m;
            double[][] products =
                new RowProducts(row, of(group, positions)).of(values, (m - first) * row, count);
            for (int i = 0; i < products.length; i++) {
              int to = (i / positions * outputs + m) * positions + i % positions;
              for (int k = 0; k < count; k++) {
                y[to + k * positions] += products[i][k];
              }
            }
            m += count;
          }
        });
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
    double[] patch = new double[perGroup * kernelSize];
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
}
