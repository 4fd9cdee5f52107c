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
package dev.fusewright.core.state;

import dev.fusewright.core.tensor.FloatFormat;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.Random;

/**
 * Judges a folded pair by what it computes: the layer and then the BatchNorm against the folded
 * layer, in float64, on one seeded input patch under the whole kernel.
 *
 * <p>Every weight takes part. The channel of a weight is derived here anew from the layer's
 * definition, not from the fold, so that a fold along a wrong axis differs. The tolerance is
 * {@value #ROUNDINGS} roundings of the element type, relative to the sum of magnitudes that the
 * channel adds up.
 */
public final class SiteCheck {
  private static final int ROUNDINGS = 16;

  private SiteCheck() {}

  /**
   * What a check found.
   *
   * @param error the largest difference, in units of the tolerance; above 1 is a failure
   * @param channel that has it
   */
  public record Finding(String layer, String norm, double error, int channel) {
    /** Whether the fold computes what the pair computed. */
    public boolean isEquivalent() {
      return error <= 1;
    }
  }

  /** Checks one pair; reads both weights once. */
  public static Finding of(FoldedPair pair, long seed) {
    int channels = pair.parameters().channels();
    double[] before = new double[channels];
    double[] after = new double[channels];
    double[] magnitude = new double[channels];
    dot(pair, pair.weight(), seed, before, new double[channels]);
    dot(pair, pair.foldedWeight(), seed, after, magnitude);
    double[] oldBias =
        pair.bias()
            .map(bias -> Tensors.doubles(bias, channels))
            .orElseGet(() -> new double[channels]);
    double[] newBias = Tensors.doubles(pair.foldedBias(), channels);
    double unit = FloatFormat.of(pair.weight().type()).epsilon();
    double worst = 0;
    int where = 0;
    for (int c = 0; c < channels; c++) {
      double deviation = Math.sqrt(pair.parameters().variance()[c] + pair.parameters().epsilon());
      double gain = pair.parameters().gamma()[c] / deviation;
      double centred = before[c] + oldBias[c] - pair.parameters().mean()[c];
      double expected = centred * gain + pair.parameters().beta()[c];
      double found = after[c] + newBias[c];
      double scale =
          magnitude[c]
              + Math.abs(gain) * (Math.abs(oldBias[c]) + Math.abs(pair.parameters().mean()[c]))
              + Math.abs(pair.parameters().beta()[c]);
      double error = Math.abs(found - expected) / (ROUNDINGS * unit * scale + Double.MIN_NORMAL);
      if (!(error <= worst)) {
        worst = Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
        where = c;
      }
    }
    return new Finding(pair.layer(), pair.norm(), worst, where);
  }

  /** Adds, per output channel, the products of the weights and the patch. */
  private static void dot(
      FoldedPair pair, Tensor weight, long seed, double[] sums, double[] magnitudes) {
    Shape shape = weight.shape();
    long kernel = shape.elementCount(2, Math.max(2, shape.rank()));
    int groups = pair.axis().groups();
    boolean transposed = pair.axis().axis() == 1;
    long second = shape.dim(1);
    Random random = new Random(seed);
    double[] patch = new double[1021];
    for (int i = 0; i < patch.length; i++) {
      patch[i] = random.nextGaussian();
    }
    Tensors.forEachChunk(
        weight,
        (first, values, count) -> {
          for (int i = 0; i < count; i++) {
            long element = first + i;
            long position = element % kernel;
            long inner = element / kernel % second;
            long outer = element / kernel / second;
            // Conv and Linear: [out, in/groups, k]. ConvTranspose: [in, out/groups, k].
            long channel = transposed ? outer / (shape.dim(0) / groups) * second + inner : outer;
            long input = transposed ? outer : inner;
            double product = values[i] * patch[(int) ((input * kernel + position) % patch.length)];
            sums[(int) channel] += product;
            magnitudes[(int) channel] += Math.abs(product);
          }
        });
  }
}
