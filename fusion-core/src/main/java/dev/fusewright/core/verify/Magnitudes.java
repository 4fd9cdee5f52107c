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
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.Arrays;
import java.util.List;

/**
 * The largest finite magnitudes in a tensor.
 *
 * @param channels in each channel along axis 1; a single one below rank 2
 * @param largest of all
 */
public record Magnitudes(double[] channels, double largest) {
  public static Magnitudes of(Tensor tensor) {
    Shape shape = tensor.shape();
    boolean hasChannels = shape.rank() >= 2 && shape.elementCount() > 0;
    double[] channels = new double[hasChannels ? Math.toIntExact(shape.dim(1)) : 1];
    if (ElementCodec.supports(tensor.type())) {
      double[] values = Tensors.doubles(tensor, Integer.MAX_VALUE);
      int inner =
          hasChannels
              ? Math.toIntExact(shape.elementCount(2, shape.rank()))
              : Math.max(1, values.length);
      for (int run = 0; run < values.length / inner; run++) {
        int channel = run % channels.length;
        channels[channel] =
            Math.max(channels[channel], largest(values, run * inner, (run + 1) * inner));
      }
    }
    return new Magnitudes(channels, Arrays.stream(channels).max().orElse(0));
  }

  /**
   * The largest finite magnitude of the values {@code from} to before {@code to}; 0 if none is
   * finite.
   */
  static double largest(double[] values, int from, int to) {
    double largest = 0;
    for (int i = from; i < to; i++) {
      double magnitude = Math.abs(values[i]);
      largest = magnitude > largest && magnitude < Double.POSITIVE_INFINITY ? magnitude : largest;
    }
    return largest;
  }

  /**
   * Channels that are zero in all of these tensors; 0 if they do not have the same number of
   * channels.
   */
  static long deadChannels(List<Magnitudes> magnitudes) {
    List<double[]> all = magnitudes.stream().map(Magnitudes::channels).toList();
    if (all.stream().mapToInt(channels -> channels.length).distinct().count() != 1) {
      return 0;
    }
    long dead = 0;
    for (int channel = 0; channel < all.get(0).length; channel++) {
      int index = channel;
      dead += all.stream().allMatch(channels -> channels[index] == 0) ? 1 : 0;
    }
    return dead;
  }
}
