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
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Conv and ConvTranspose over one to three spatial axes.
 *
 * <p>Sums over the kernel, outermost, add a scaled row of the input to a row of the output: no
 * copies are made, and the inner loop is contiguous.
 */
final class Convolutions {
  static final Map<String, Operator> OPERATORS =
      Map.of(
          "Conv", one(Convolutions::convolution), "ConvTranspose", one(Convolutions::transposed));

  /**
   * Up to so many positions of a channel, gathering what each sees is cheaper than sweeping over
   * them.
   */
  private static final int FEW_OUTPUTS = 16;

  private Convolutions() {}

  private static NdArray convolution(OpCall call) {
    NdArray x = call.input(0);
    OperandValue w = call.operand(1);
    int group = Math.toIntExact(call.integer("group", 1));
    int[] kernel = kernel(call, x, w);
    if (group < 1 || w.dim(0) % group != 0 || x.dim(1) != w.dim(1) * group) {
      throw call.invalid(
          "weight %s and group = %d do not fit data of shape %s"
              .formatted(w.shape(), group, x.shape()));
    }
    Window window = Window.of(call, x.shape(), kernel, Window.Rounding.FLOOR);
    int outChannels = w.dim(0);
    double[] y = Strided.allocate(window.outputShape(x.dim(0), outChannels));
    call.spend((double) y.length * w.dim(1) * Window.product(kernel));
    bias(call, y, x.dim(0), outChannels, window.outputs());
    Window flat = window.threeAxes();
    int kernelSize = Window.product(kernel);
    int perGroup = w.dim(1);
    int inputs = window.inputs();
    int outputs = window.outputs();
    if (outputs <= FEW_OUTPUTS) {
      new Patches(flat, x, perGroup, kernelSize).addProducts(w, group, y);
      return NdArray.of(x.type(), window.outputShape(x.dim(0), outChannels), y);
    }
    w.forEachBlock(
        perGroup * kernelSize,
        (first, values, rows) -> {
          for (int m = first; m < first + rows; m++) {
            int firstChannel = m / (outChannels / group) * perGroup;
            for (int n = 0; n < x.dim(0); n++) {
              int out = (n * outChannels + m) * outputs;
              for (int c = 0; c < perGroup; c++) {
                int in = (n * x.dim(1) + firstChannel + c) * inputs;
                int weight = ((m - first) * perGroup + c) * kernelSize;
                gather(flat, values, weight, x.values(), in, y, out);
              }
            }
          }
        });
    return NdArray.of(x.type(), window.outputShape(x.dim(0), outChannels), y);
  }

  private static int[] kernel(OpCall call, NdArray x, OperandValue w) {
    if (x.rank() < 3 || x.rank() > 5) {
      throw call.unsupported("data of shape " + x.shape());
    }
    if (w.rank() != x.rank()) {
      throw call.invalid(
          "a weight of shape %s for data of shape %s".formatted(w.shape(), x.shape()));
    }
    int[] kernel = new int[w.rank() - 2];
    for (int axis = 0; axis < kernel.length; axis++) {
      kernel[axis] = w.dim(axis + 2);
    }
    int[] stated = call.ints("kernel_shape");
    if (stated != null && !Arrays.equals(stated, kernel)) {
      throw call.invalid(
          "kernel_shape %s for a weight of shape %s".formatted(Arrays.toString(stated), w.shape()));
    }
    return kernel;
  }

  private static void bias(OpCall call, double[] y, int batch, int channels, int positions) {
    @Nullable NdArray bias = call.optional(2);
    if (bias == null) {
      return;
    }
    call.require(bias, Shape.of(channels), "the bias");
    for (int i = 0; i < batch * channels; i++) {
      Arrays.fill(y, i * positions, (i + 1) * positions, bias.values()[i % channels]);
    }
  }

  /** y[o] += Σ over the kernel of w[k] · x[what o sees through k], for one pair of channels. */
  private static void gather(
      Window window, double[] w, int weight, double[] x, int in, double[] y, int out) {
    int[] kernel = window.kernel();
    int[] input = window.input();
    int[] output = window.output();
    int stride = window.strides()[2];
    int k = weight;
    for (int kd = 0; kd < kernel[0]; kd++) {
      for (int kh = 0; kh < kernel[1]; kh++) {
        for (int kw = 0; kw < kernel[2]; kw++, k++) {
          double factor = w[k];
          int first = window.firstOutput(2, kw);
          int count = window.endOutput(2, kw) - first;
          for (int d = window.firstOutput(0, kd); d < window.endOutput(0, kd); d++) {
            int plane = window.inputAt(0, d, kd) * input[1];
            for (int h = window.firstOutput(1, kh); h < window.endOutput(1, kh); h++) {
              int from =
                  in + (plane + window.inputAt(1, h, kh)) * input[2] + window.inputAt(2, first, kw);
              int to = out + (d * output[1] + h) * output[2] + first;
              if (stride == 1) {
                for (int i = 0; i < count; i++) {
                  y[to + i] += factor * x[from + i];
                }
              } else {
                for (int i = 0; i < count; i++) {
                  y[to + i] += factor * x[from + i * stride];
                }
              }
            }
          }
        }
      }
    }
  }

  private static NdArray transposed(OpCall call) {
    NdArray x = call.input(0);
    OperandValue w = call.operand(1);
    int group = Math.toIntExact(call.integer("group", 1));
    int[] kernel = kernel(call, x, w);
    if (group < 1 || w.dim(0) % group != 0 || x.dim(1) != w.dim(0)) {
      throw call.invalid(
          "weight %s and group = %d do not fit data of shape %s"
              .formatted(w.shape(), group, x.shape()));
    }
    // The window that goes the other way: it slides over the result and yields the data.
    Window window = transposedWindow(call, x, kernel);
    int inChannels = w.dim(0);
    int perGroup = w.dim(1);
    int outChannels = perGroup * group;
    long[] dims = new long[x.rank()];
    dims[0] = x.dim(0);
    dims[1] = outChannels;
    for (int axis = 0; axis < kernel.length; axis++) {
      dims[axis + 2] = window.input()[axis];
    }
    double[] y = Strided.allocate(Shape.of(dims));
    call.spend((double) x.size() * perGroup * Window.product(kernel));
    bias(call, y, x.dim(0), outChannels, window.inputs());
    Window flat = window.threeAxes();
    int kernelSize = Window.product(kernel);
    w.forEachBlock(
        perGroup * kernelSize,
        (first, values, rows) -> {
          for (int c = first; c < first + rows; c++) {
            int firstChannel = c / (inChannels / group) * perGroup;
            for (int n = 0; n < x.dim(0); n++) {
              int in = (n * inChannels + c) * window.outputs();
              for (int m = 0; m < perGroup; m++) {
                int out = (n * outChannels + firstChannel + m) * window.inputs();
                int weight = ((c - first) * perGroup + m) * kernelSize;
                scatter(flat, values, weight, x.values(), in, y, out);
              }
            }
          }
        });
    return NdArray.of(x.type(), Shape.of(dims), y);
  }

  private static Window transposedWindow(OpCall call, NdArray x, int[] kernel) {
    int spatial = kernel.length;
    int[] strides = call.ints("strides", spatial, 1);
    int[] dilations = call.ints("dilations", spatial, 1);
    int[] extra = call.ints("output_padding", spatial, 0);
    int[] pads = call.ints("pads", 2 * spatial, 0);
    int[] stated = call.ints("output_shape");
    String auto = call.text("auto_pad", "NOTSET");
    int[] begin = new int[spatial];
    int[] end = new int[spatial];
    int[] data = new int[spatial];
    int[] result = new int[spatial];
    for (int axis = 0; axis < spatial; axis++) {
      data[axis] = x.dim(axis + 2);
      int whole =
          strides[axis] * (data[axis] - 1) + extra[axis] + (kernel[axis] - 1) * dilations[axis] + 1;
      boolean same = auto.startsWith("SAME_");
      if (stated == null && !same) {
        begin[axis] = auto.equals("VALID") ? 0 : pads[axis];
        end[axis] = auto.equals("VALID") ? 0 : pads[spatial + axis];
        result[axis] = whole - begin[axis] - end[axis];
      } else {
        // Some exporters state batch and channels too.
        result[axis] =
            stated == null ? data[axis] * strides[axis] : stated[stated.length - spatial + axis];
        int total = Math.max(whole - result[axis], 0);
        begin[axis] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
        end[axis] = total - begin[axis];
      }
      if (result[axis] < 0) {
        throw call.invalid("a result of negative size");
      }
    }
    return new Window(kernel, strides, dilations, begin, end, result, data);
  }

  /** y[what i sees through k] += w[k] · x[i]: the transpose of {@link #gather}. */
  private static void scatter(
      Window window, double[] w, int weight, double[] x, int in, double[] y, int out) {
    int[] kernel = window.kernel();
    int[] result = window.input();
    int[] data = window.output();
    int stride = window.strides()[2];
    int k = weight;
    for (int kd = 0; kd < kernel[0]; kd++) {
      for (int kh = 0; kh < kernel[1]; kh++) {
        for (int kw = 0; kw < kernel[2]; kw++, k++) {
          double factor = w[k];
          int first = window.firstOutput(2, kw);
          int count = window.endOutput(2, kw) - first;
          for (int d = window.firstOutput(0, kd); d < window.endOutput(0, kd); d++) {
            int plane = window.inputAt(0, d, kd) * result[1];
            for (int h = window.firstOutput(1, kh); h < window.endOutput(1, kh); h++) {
              int to =
                  out
                      + (plane + window.inputAt(1, h, kh)) * result[2]
                      + window.inputAt(2, first, kw);
              int from = in + (d * data[1] + h) * data[2] + first;
              for (int i = 0; i < count; i++) {
                y[to + i * stride] += factor * x[from + i];
              }
            }
          }
        }
      }
    }
  }
}
