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

import java.util.Map;

/**
 * Softmax, LogSoftmax and Hardmax.
 *
 * <p>Before operator set 13 the data is seen as a matrix, whose rows are all axes from {@code axis}
 * on, 1 if it is not given; from there on {@code axis} alone counts, the last one if it is not
 * given.
 */
final class Softmaxes {
  static final Map<String, Operator> OPERATORS =
      Map.of(
          "Softmax", one(call -> perLane(call, Softmaxes::softmax)),
          "LogSoftmax", one(call -> perLane(call, Softmaxes::logSoftmax)),
          "Hardmax", one(call -> perLane(call, Softmaxes::hardmax)));

  /** Normalization of the elements of one row. */
  @FunctionalInterface
  private interface Lane {
    void replace(double[] lane);
  }

  private Softmaxes() {}

  private static NdArray perLane(OpCall call, Lane function) {
    NdArray x = call.input(0);
    boolean matrix = call.opset() < 13;
    int axis = call.axis(call.integer("axis", matrix ? 1 : -1), x.rank());
    int step = matrix ? 1 : Math.toIntExact(x.shape().elementCount(axis + 1, x.rank()));
    int size = Math.toIntExact(x.shape().elementCount(axis, matrix ? x.rank() : axis + 1));
    double[] y = new double[x.size()];
    double[] lane = new double[size];
    for (int i = 0; i < x.size() / Math.max(size, 1); i++) {
      int start = i / step * size * step + i % step;
      for (int k = 0; k < size; k++) {
        lane[k] = x.values()[start + k * step];
      }
      function.replace(lane);
      for (int k = 0; k < size; k++) {
        y[start + k * step] = lane[k];
      }
    }
    return NdArray.of(x.type(), x.shape(), y);
  }

  private static double largest(double[] lane) {
    double largest = Double.NEGATIVE_INFINITY;
    for (double value : lane) {
      largest = Math.max(largest, value);
    }
    return largest;
  }

  private static void softmax(double[] lane) {
    double largest = largest(lane);
    double sum = 0;
    for (int k = 0; k < lane.length; k++) {
      lane[k] = Math.exp(lane[k] - largest);
      sum += lane[k];
    }
    for (int k = 0; k < lane.length; k++) {
      lane[k] /= sum;
    }
  }

  private static void logSoftmax(double[] lane) {
    double largest = largest(lane);
    double sum = 0;
    for (double value : lane) {
      sum += Math.exp(value - largest);
    }
    for (int k = 0; k < lane.length; k++) {
      // In this order: a large maximum would swallow the digits of the logarithm.
      lane[k] = lane[k] - largest - Math.log(sum);
    }
  }

  private static void hardmax(double[] lane) {
    double largest = largest(lane);
    boolean found = false;
    for (int k = 0; k < lane.length; k++) {
      boolean here = !found && lane[k] == largest;
      lane[k] = here ? 1 : 0;
      found |= here;
    }
  }
}
