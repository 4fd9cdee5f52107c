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
package dev.fusewright.core.proof;

import dev.fusewright.core.tensor.ChunkReader;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FloatFormat;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.StoredFigures;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects how far the parameters of one side are from those of the other. */
final class ErrorBound {
  private static final int CHUNK = 1 << 14;

  /**
   * How many times as much is allowed of float64 parameters: both sides are computed in float64
   * too, and their own roundings, a dozen for two norms in a row, are as large as those of what is
   * stored.
   */
  private static final int OWN_ARITHMETIC = 2;

  private final double epsilon;
  private final double smallest;
  private final int arithmetic;
  private double weightUlps;
  private double biasUlps;
  private long weights;
  private double least = Double.POSITIVE_INFINITY;
  private double largest = Double.NEGATIVE_INFINITY;
  private long zeros;
  private long subnormals;
  private @Nullable String fault;

  ErrorBound(ElementType type) {
    FloatFormat format = FloatFormat.of(type);
    this.epsilon = format.epsilon();
    this.smallest = format.smallestNormal();
    this.arithmetic = format == FloatFormat.DOUBLE ? OWN_ARITHMETIC : 1;
  }

  /**
   * Compares what reaches an output, or an operator without a weight, except from layers with one.
   */
  void addFunctions(String where, Field a, Field b, IntPredicate hasWeights) {
    for (int i = 0; i < a.source().size(); i++) {
      double source = a.source().values()[i];
      if (Sources.isLayer(source) && hasWeights.test(Sources.layer(source))) {
        continue; // Compared with the weight.
      }
      double scale = a.scale().values()[i];
      note(
          () -> where + " is scaled",
          error(b.scale().values()[i], scale, Math.abs(scale)),
          /* weight= */ true);
      double magnitude = Math.max(a.magnitude().values()[i], b.magnitude().values()[i]);
      note(
          () -> where + " is shifted",
          error(b.shift().values()[i], a.shift().values()[i], magnitude),
          /* weight= */ false);
    }
  }

  /** Compares a layer with its counterpart, element by element, in two passes over both weights. */
  void addLayer(
      String label,
      RawLayer.Weights a,
      ChannelFunction after,
      RawLayer.Weights b,
      ChannelFunction other) {
    double[] largest = new double[a.channels()];
    double[] shiftA = throughWeight(a, after, largest);
    double[] shiftB = throughWeight(b, other, largest);
    for (int c = 0; c < a.channels(); c++) {
      if (Double.isNaN(after.scale()[c]) && Double.isNaN(other.scale()[c])) {
        continue;
      }
      double expected = shiftA[c] + after.shift()[c];
      double actual = shiftB[c] + other.shift()[c];
      double magnitude =
          Math.max(after.magnitude()[c], other.magnitude()[c])
              + Math.abs(shiftA[c])
              + Math.abs(shiftB[c])
              + (arithmetic == 1 ? 0 : largest[c]);
      int channel = c;
      note(
          () -> "bias[%d] of '%s'".formatted(channel, label),
          error(actual, expected, magnitude),
          /* weight= */ false);
    }
    compareWeights(label, a, after, b, other);
  }

  /**
   * {@code scale[o]·Σ W·shift[i]} for each output channel; nothing is read where no input is
   * shifted.
   *
   * @param largest takes the largest term of each sum, as far as it is larger than what is there:
   *     terms that cancel each other out leave what they are rounded by
   */
  private static double[] throughWeight(
      RawLayer.Weights w, ChannelFunction function, double[] largest) {
    double[] sums = new double[w.channels()];
    boolean shifted = false;
    for (double shift : w.shift()) {
      shifted |= shift != 0;
    }
    if (!shifted) {
      return sums;
    }
    long inner = w.inner();
    Tensors.forEachChunk(
        w.tensor(),
        (first, values, count) -> {
          RawLayer.Pair pair = w.pairOf(first);
          long left = inner - first % inner;
          for (int i = 0; i < count; i++) {
            double term = w.alpha() * values[i] * w.shift()[pair.input()];
            double scaled = Math.abs(term * function.scale()[pair.output()]);
            sums[pair.output()] += term;
            largest[pair.output()] = Math.max(largest[pair.output()], scaled);
            if (--left == 0) {
              pair.advance();
              left = inner;
            }
          }
        });
    for (int c = 0; c < sums.length; c++) {
      sums[c] *= function.scale()[c];
    }
    return sums;
  }

  private void compareWeights(
      String label,
      RawLayer.Weights a,
      ChannelFunction fa,
      RawLayer.Weights b,
      ChannelFunction fb) {
    if (!a.tensor().shape().equals(b.tensor().shape())) {
      fault = fault == null ? "the weight of '" + label + "' has another shape" : fault;
      return;
    }
    double[] others = new double[CHUNK];
    double[] left = new double[CHUNK];
    double[] right = new double[CHUNK];
    ChunkReader reader = new ChunkReader(b.tensor(), others);
    Tensors.forEachChunk(
        a.tensor(),
        (first, values, count) -> {
          reader.read(first, count);
          factors(a, fa, first, count, left);
          factors(b, fb, first, count, right);
          compareChunk(label, first, count, new Scaled(values, left), new Scaled(others, right));
        });
    weights += a.tensor().shape().elementCount();
  }

  /** What each of some elements of a weight is multiplied by, on its way through the side. */
  private static void factors(
      RawLayer.Weights w, ChannelFunction function, long first, int count, double[] factors) {
    long inner = w.inner();
    RawLayer.Pair pair = w.pairOf(first);
    if (inner == 1) {
      for (int done = 0; done < count; pair.nextRow()) {
        int end = (int) Math.min(count, done + pair.leftInRow());
        rowOfFactors(w, function.scale(), pair, new Range(done, end), factors);
        done = end;
      }
      return;
    }
    long left = inner - first % inner;
    for (int i = 0; i < count; pair.advance()) {
      double factor = w.alpha() * function.scale()[pair.output()] * w.scale()[pair.input()];
      int end = (int) Math.min(count, i + left);
      while (i < end) {
        factors[i++] = factor;
      }
      left = inner;
    }
  }

  /** Elements {@code [start, end)} of a chunk. */
  private record Range(int start, int end) {}

  /** Of a weight with one element for each pair of channels, as Gemm and 1×1 convolutions have. */
  private static void rowOfFactors(
      RawLayer.Weights w, double[] outputs, RawLayer.Pair pair, Range range, double[] factors) {
    double[] inputs = w.scale();
    int input = pair.input() - range.start;
    int output = pair.output() - range.start;
    if (w.inputsFirst()) {
      double factor = inputs[pair.input()];
      for (int i = range.start; i < range.end; i++) {
        factors[i] = w.alpha() * outputs[output + i] * factor;
      }
    } else {
      double factor = w.alpha() * outputs[pair.output()];
      for (int i = range.start; i < range.end; i++) {
        factors[i] = factor * inputs[input + i];
      }
    }
  }

  /** Elements of a weight, and what each is multiplied by. */
  @SuppressWarnings("ArrayRecordComponent") // Two columns of one table, read once.
  private record Scaled(double[] values, double[] factors) {}

  private void compareChunk(String label, long first, int count, Scaled a, Scaled b) {
    double most = weightUlps * epsilon;
    double low = least;
    double high = largest;
    for (int i = 0; i < count; i++) {
      double stored = b.values[i];
      double expected = a.values[i] * a.factors[i];
      double actual = stored * b.factors[i];
      double size = Math.abs(expected);
      double magnitude = size > smallest ? size : smallest; // Math.max is slower, for −0 and NaN.
      // No division where the error is not the largest so far, which is nearly everywhere.
      if (!(Math.abs(actual - expected) <= most * magnitude)) {
        if (Double.isNaN(a.factors[i]) && Double.isNaN(b.factors[i])) {
          continue; // Nobody reads this channel, on either side.
        }
        long element = first + i;
        note(
            () -> "weight[%d] of '%s'".formatted(element, label),
            error(actual, expected, magnitude),
            /* weight= */ true);
        most = weightUlps * epsilon;
      }
      low = stored < low ? stored : low;
      high = stored > high ? stored : high;
      if (Math.abs(stored) < smallest) {
        countTiny(stored);
      }
    }
    least = low;
    largest = high;
  }

  private void countTiny(double stored) {
    if (stored == 0) {
      zeros++;
    } else {
      subnormals++;
    }
  }

  /**
   * In units of the last place of {@code magnitude}; values below the normal range count as its
   * smallest.
   */
  private double error(double actual, double expected, double magnitude) {
    double difference = Math.abs(actual - expected);
    return difference == 0 ? 0 : difference / (epsilon * Math.max(magnitude, smallest));
  }

  /** The words are asked for at the first fault only: there are as many errors as elements. */
  private void note(Supplier<String> what, double ulps, boolean weight) {
    if (weight) {
      weightUlps = Math.max(weightUlps, ulps);
    } else {
      biasUlps = Math.max(biasUlps, ulps);
    }
    int allowed = (weight ? Certificate.WEIGHT_ULPS : Certificate.BIAS_ULPS) * arithmetic;
    if (fault == null && !(ulps <= allowed)) {
      fault =
          "%s is off by %s ulp, where %d are allowed"
              .formatted(what.get(), Certificate.figure(ulps), allowed);
    }
  }

  /** What was found of the parameters of all layers so far. */
  StoredFigures figures() {
    return new StoredFigures(weights, least, largest, zeros, subnormals, weightUlps, biasUlps);
  }

  LevelVerdict verdict() {
    if (fault != null) {
      return LevelVerdict.different(fault);
    }
    return LevelVerdict.equivalent(
        "for every input: %s within %s ulp, biases within %s ulp; %s, %s"
            .formatted(
                Amounts.count(weights, "weight"),
                Certificate.figure(weightUlps),
                Certificate.figure(biasUlps),
                Amounts.count(zeros, "zero"),
                Amounts.count(subnormals, "subnormal")));
  }
}
