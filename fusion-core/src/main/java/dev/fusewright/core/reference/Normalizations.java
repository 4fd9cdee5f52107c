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
import static java.util.Map.entry;

import dev.fusewright.core.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Operators that divide by a deviation. Variances are biased: divided by the number of elements.
 */
final class Normalizations {
  private static final float EPSILON = 1e-5f;
  private static final float MOMENTUM = 0.9f;

  static final Map<String, Operator> OPERATORS =
      Map.ofEntries(
          entry("BatchNormalization", Normalizations::batch),
          entry("InstanceNormalization", one(Normalizations::instance)),
          entry("LayerNormalization", Normalizations::layer),
          entry("GroupNormalization", one(Normalizations::group)),
          entry("LRN", one(Normalizations::localResponse)),
          entry("LpNormalization", one(Normalizations::lp)),
          entry("MeanVarianceNormalization", one(Normalizations::meanVariance)));

  /** Mean and biased variance. */
  private record Moments(double mean, double variance) {}

  private Normalizations() {}

  private static List<NdArray> batch(OpCall call) {
    NdArray x = call.input(0);
    // One axis is a batch of one channel.
    int channels = x.rank() == 1 ? 1 : x.dim(1);
    boolean spatial = call.opset() >= 9 || call.integer("spatial", 1) != 0;
    int batch = x.dim(0);
    int perSample = batch == 0 ? 0 : x.size() / batch;
    int features = spatial ? channels : perSample;
    int run = features == 0 ? 0 : perSample / features;
    double[] scale = parameter(call, 1, "scale", features, spatial);
    double[] shift = parameter(call, 2, "B", features, spatial);
    double[] mean = parameter(call, 3, "mean", features, spatial);
    double[] variance = parameter(call, 4, "var", features, spatial);
    boolean training = isTraining(call);
    double[] usedMean = mean.clone();
    double[] usedVariance = variance.clone();
    if (training) {
      for (int feature = 0; feature < features; feature++) {
        Moments moments = moments(x.values(), feature * run, run, perSample, batch);
        usedMean[feature] = moments.mean();
        usedVariance[feature] = moments.variance();
      }
    }
    double epsilon = call.real("epsilon", EPSILON);
    double[] deviation = usedVariance.clone();
    Arrays.setAll(deviation, feature -> Math.sqrt(usedVariance[feature] + epsilon));
    double[] values = x.values();
    double[] y = new double[values.length];
    for (int i = 0; i < y.length; i++) {
      int feature = i % perSample / run;
      y[i] = (values[i] - usedMean[feature]) / deviation[feature] * scale[feature] + shift[feature];
    }
    NdArray result = NdArray.of(x.type(), x.shape(), y);
    if (!training) {
      return List.of(result);
    }
    NdArray runningMean = running(call, 3, mean, usedMean);
    NdArray runningVariance = running(call, 4, variance, usedVariance);
    return call.opset() >= 14
        ? List.of(result, runningMean, runningVariance)
        : List.of(
            result,
            runningMean,
            runningVariance,
            NdArray.of(x.type(), runningMean.shape(), usedMean),
            NdArray.of(x.type(), runningMean.shape(), usedVariance));
  }

  private static boolean isTraining(OpCall call) {
    if (call.opset() >= 14) {
      return call.flag("training_mode");
    }
    if (call.opset() >= 7) {
      return call.wants(1) || call.wants(2) || call.wants(3) || call.wants(4);
    }
    return !call.flag("is_test");
  }

  private static NdArray running(OpCall call, int input, double[] before, double[] now) {
    double momentum = call.real("momentum", MOMENTUM);
    double[] updated = new double[before.length];
    for (int i = 0; i < updated.length; i++) {
      updated[i] = momentum * before[i] + (1 - momentum) * now[i];
    }
    return NdArray.of(call.input(input).type(), call.input(input).shape(), updated);
  }

  private static double[] parameter(OpCall call, int input, String name, int size, boolean flat) {
    NdArray parameter = call.input(input);
    if (parameter.size() != size || (flat && parameter.rank() != 1)) {
      throw call.invalid(
          "%s has the shape %s, expected [%d]".formatted(name, parameter.shape(), size));
    }
    return parameter.values();
  }

  /** Of {@code count} runs of {@code run} elements, {@code step} apart. */
  private static Moments moments(double[] x, int start, int run, int step, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < run; j++) {
        sum += x[start + i * step + j];
      }
    }
    double mean = sum / ((double) count * run);
    double squares = 0;
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < run; j++) {
        double difference = x[start + i * step + j] - mean;
        squares += difference * difference;
      }
    }
    return new Moments(mean, squares / ((double) count * run));
  }

  /** Normalizes every run of {@code run} elements by its own moments, and hands these out. */
  private static double[] normalized(NdArray x, int run, double epsilon, Moments[] found) {
    double[] y = new double[x.size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = moments(x.values(), i * run, run, run, 1);
      double deviation = Math.sqrt(found[i].variance() + epsilon);
      for (int j = i * run; j < (i + 1) * run; j++) {
        y[j] = (x.values()[j] - found[i].mean()) / deviation;
      }
    }
    return y;
  }

  private static NdArray instance(OpCall call) {
    NdArray x = call.input(0);
    int channels = x.dim(1);
    double[] scale = parameter(call, 1, "scale", channels, true);
    double[] shift = parameter(call, 2, "B", channels, true);
    int run = x.size() / (x.dim(0) * channels);
    double[] y =
        normalized(x, run, call.real("epsilon", EPSILON), new Moments[x.dim(0) * channels]);
    for (int i = 0; i < y.length; i++) {
      int channel = i / run % channels;
      y[i] = y[i] * scale[channel] + shift[channel];
    }
    return NdArray.of(x.type(), x.shape(), y);
  }

  private static NdArray group(OpCall call) {
    NdArray x = call.input(0);
    int groups = Math.toIntExact(call.integer("num_groups", 1));
    int channels = x.dim(1);
    // Scale and bias are per group in operator set 18, and per channel from 21 on.
    int parameters = call.opset() >= 21 ? channels : groups;
    double[] scale = parameter(call, 1, "scale", parameters, true);
    double[] shift = parameter(call, 2, "bias", parameters, true);
    int run = x.size() / (x.dim(0) * groups);
    double[] y = normalized(x, run, call.real("epsilon", EPSILON), new Moments[x.dim(0) * groups]);
    int perParameter = x.size() / (x.dim(0) * parameters);
    for (int i = 0; i < y.length; i++) {
      int parameter = i / perParameter % parameters;
      y[i] = y[i] * scale[parameter] + shift[parameter];
    }
    return NdArray.of(x.type(), x.shape(), y);
  }

  private static List<NdArray> layer(OpCall call) {
    NdArray x = call.input(0);
    int axis = call.axis(call.integer("axis", -1), x.rank());
    int runs = Math.toIntExact(x.shape().elementCount(0, axis));
    int run = Math.toIntExact(x.shape().elementCount(axis, x.rank()));
    double epsilon = call.real("epsilon", EPSILON);
    Moments[] found = new Moments[runs];
    NdArray y = NdArray.of(x.type(), x.shape(), normalized(x, run, epsilon, found));
    y = Arithmetic.combined(y, call.input(1), x.type(), (value, scale) -> value * scale);
    NdArray shift = call.optional(2);
    if (shift != null) {
      y = Arithmetic.combined(y, shift, x.type(), Double::sum);
    }
    long[] dims = x.shape().dims().stream().mapToLong(Long::longValue).toArray();
    Arrays.fill(dims, axis, dims.length, 1);
    Shape shape = Shape.of(dims);
    double[] means = Arrays.stream(found).mapToDouble(Moments::mean).toArray();
    double[] inverses =
        Arrays.stream(found).mapToDouble(of -> 1 / Math.sqrt(of.variance() + epsilon)).toArray();
    return List.of(y, NdArray.of(x.type(), shape, means), NdArray.of(x.type(), shape, inverses));
  }

  private static NdArray localResponse(OpCall call) {
    NdArray x = call.input(0);
    int size = Math.toIntExact(call.integer("size", 1));
    double alpha = call.real("alpha", 1e-4f);
    double beta = call.real("beta", 0.75f);
    double bias = call.real("bias", 1);
    call.spend((double) x.size() * size);
    int channels = x.dim(1);
    int run = Math.toIntExact(x.shape().elementCount(2, x.rank()));
    double[] y = new double[x.size()];
    for (int i = 0; i < y.length; i++) {
      int channel = i / run % channels;
      int first = Math.max(0, channel - (size - 1) / 2);
      int last = Math.min(channels - 1, channel + size / 2);
      double squares = 0;
      for (int c = first; c <= last; c++) {
        double value = x.values()[i + (c - channel) * run];
        squares += value * value;
      }
      y[i] = x.values()[i] / Math.pow(bias + alpha / size * squares, beta);
    }
    return NdArray.of(x.type(), x.shape(), y);
  }

  private static NdArray lp(OpCall call) {
    NdArray x = call.input(0);
    int[] axes = {call.axis(call.integer("axis", -1), x.rank())};
    NdArray norm =
        call.integer("p", 2) == 1
            ? Reductions.reduced(x, axes, Reductions.Kind.L1)
            : Reductions.reduced(x, axes, Reductions.Kind.L2);
    return Arithmetic.combined(x, norm, x.type(), (value, by) -> by == 0 ? 0 : value / by);
  }

  private static NdArray meanVariance(OpCall call) {
    NdArray x = call.input(0);
    int[] axes = call.ints("axes");
    axes = call.axes(axes == null ? new int[] {0, 2, 3} : axes, x.rank());
    NdArray centred =
        Arithmetic.combined(
            x, Reductions.reduced(x, axes, Reductions.Kind.MEAN), x.type(), (a, b) -> a - b);
    NdArray squares = Activations.mapped(centred, value -> value * value);
    NdArray variance = Reductions.reduced(squares, axes, Reductions.Kind.MEAN);
    return Arithmetic.combined(
        centred, variance, x.type(), (value, by) -> value / (Math.sqrt(by) + 1e-9));
  }
}
