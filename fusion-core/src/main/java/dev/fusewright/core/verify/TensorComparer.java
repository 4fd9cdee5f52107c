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
package dev.fusewright.core.verify;

import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.FloatFormat;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.LongStream;

/** Computes one {@link Comparison}. */
final class TensorComparer {
  /** The share of the output's magnitude below which a channel's own magnitude no longer counts. */
  private static final double QUIET_CHANNEL = 0x1p-10;

  private static final long[] ULP_BUCKETS = {0, 1, 3, 15, 255};

  private final Tensor tensor;
  private final double[] expected;
  private final double[] actual;
  private final int channels;

  /** Elements that lie side by side and belong to one channel. */
  private final int inner;

  private final double typicalMagnitude;

  TensorComparer(Tensor expected, Tensor actual, double typicalMagnitude) {
    this.tensor = expected;
    this.expected = decode(expected);
    this.actual = decode(actual);
    Shape shape = expected.shape();
    boolean hasChannels = shape.rank() >= 3 && shape.elementCount() > 0;
    this.channels = hasChannels ? Math.toIntExact(shape.dim(1)) : 1;
    this.inner =
        hasChannels ? Math.toIntExact(shape.elementCount(2, shape.rank())) : this.expected.length;
    this.typicalMagnitude = typicalMagnitude;
  }

  private static double[] decode(Tensor tensor) {
    if (!ElementCodec.supports(tensor.type())) {
      throw new IllegalArgumentException(
          "values of type " + tensor.type().text() + " cannot be compared");
    }
    return Tensors.doubles(tensor, Integer.MAX_VALUE);
  }

  Comparison compare() {
    double[] scales = scales();
    FloatFormat format = FloatFormat.of(tensor.type());
    long[] histogram = new long[ULP_BUCKETS.length + 1];
    double magnitude = 0;
    double maxAbs = 0;
    double maxRel = 0;
    double sumAbs = 0;
    double signal = 0;
    double noise = 0;
    double dot = 0;
    double actualSquares = 0;
    long finite = 0;
    long changed = 0;
    long maskMismatches = 0;
    long maxUlp = 0;
    for (int run = 0; run < expected.length / Math.max(1, inner); run++) {
      double scale = scales[run % channels];
      for (int i = run * inner; i < (run + 1) * inner; i++) {
        double y = expected[i];
        double z = actual[i];
        if (!Double.isFinite(y) || !Double.isFinite(z)) {
          maskMismatches += Double.compare(y, z) == 0 ? 0 : 1;
          continue;
        }
        finite++;
        magnitude = Math.max(magnitude, Math.abs(y));
        signal += y * y;
        dot += y * z;
        actualSquares += z * z;
        if (y == z) {
          histogram[0]++;
          continue;
        }
        double difference = Math.abs(y - z);
        changed++;
        maxAbs = Math.max(maxAbs, difference);
        maxRel = Math.max(maxRel, difference / scale);
        sumAbs += difference;
        noise += difference * difference;
        long distance = format.distance(y, z);
        maxUlp = Math.max(maxUlp, distance);
        histogram[bucket(distance)]++;
      }
    }
    boolean real = tensor.type().isFoldable();
    double error = real ? maxRel : expected.length == 0 ? 0 : (double) changed / expected.length;
    return new Comparison(
        expected.length,
        maskMismatches > 0 ? Double.POSITIVE_INFINITY : error,
        maxAbs,
        maxRel,
        finite == 0 ? 0 : sumAbs / finite,
        cosine(dot, signal, actualSquares),
        noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise),
        magnitude,
        maxUlp,
        LongStream.of(histogram).boxed().toList(),
        argmaxFlips(),
        maskMismatches);
  }

  /**
   * The element that is furthest off, by what {@link Comparison#error} is measured by: {@code
   * [0,3,1] is 0.5, the original's 0.25}; empty if none is off.
   */
  String furthest() {
    double[] scales = scales();
    int furthest = -1;
    double most = 0;
    for (int i = 0; i < expected.length; i++) {
      double off =
          Double.isFinite(expected[i]) && Double.isFinite(actual[i])
              ? Math.abs(expected[i] - actual[i]) / scales[i / inner % channels]
              : Double.compare(expected[i], actual[i]) == 0 ? 0 : Double.POSITIVE_INFINITY;
      if (off > most) {
        most = off;
        furthest = i;
      }
    }
    return furthest < 0
        ? ""
        : String.format(
            Locale.ROOT,
            "%s is %.9g, the original's %.9g",
            tensor.shape().position(furthest),
            actual[furthest],
            expected[furthest]);
  }

  private static double cosine(double dot, double expectedSquares, double actualSquares) {
    if (expectedSquares == 0 || actualSquares == 0) {
      return expectedSquares == actualSquares ? 1 : 0;
    }
    return Math.max(-1, Math.min(1, dot / (Math.sqrt(expectedSquares) * Math.sqrt(actualSquares))));
  }

  /** What a difference in each channel is relative to. */
  private double[] scales() {
    double[] scales = new double[channels];
    double whole = 0;
    for (int run = 0; run < expected.length / Math.max(1, inner); run++) {
      double largest = Magnitudes.largest(expected, run * inner, (run + 1) * inner);
      scales[run % channels] = Math.max(scales[run % channels], largest);
      whole = Math.max(whole, largest);
    }
    double least = QUIET_CHANNEL * Math.max(whole, typicalMagnitude);
    Arrays.setAll(scales, channel -> Math.max(scales[channel], least));
    return scales;
  }

  private static int bucket(long distance) {
    int bucket = 0;
    while (bucket < ULP_BUCKETS.length && distance > ULP_BUCKETS[bucket]) {
      bucket++;
    }
    return bucket;
  }

  private long argmaxFlips() {
    Shape shape = tensor.shape();
    if (shape.rank() == 0 || shape.elementCount() == 0) {
      return 0;
    }
    int axis = Math.min(1, shape.rank() - 1);
    int size = Math.toIntExact(shape.dim(axis));
    int stride = Math.toIntExact(shape.elementCount(axis + 1, shape.rank()));
    int outer = Math.toIntExact(shape.elementCount(0, axis));
    long flips = 0;
    for (int block = 0; block < outer; block++) {
      for (int offset = 0; offset < stride; offset++) {
        int first = block * size * stride + offset;
        flips +=
            argmax(expected, first, size, stride) == argmax(actual, first, size, stride) ? 0 : 1;
      }
    }
    return flips;
  }

  private static int argmax(double[] values, int first, int size, int stride) {
    int best = 0;
    for (int i = 1; i < size; i++) {
      if (values[first + i * stride] > values[first + best * stride]) {
        best = i;
      }
    }
    return best;
  }
}
