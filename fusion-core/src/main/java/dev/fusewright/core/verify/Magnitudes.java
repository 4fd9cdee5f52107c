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
 * The largest finite magnitude in each channel of a tensor.
 *
 * @param channels along axis 1; a single one below rank 2
 */
record Magnitudes(double[] channels) {
  static Magnitudes of(Tensor tensor) {
    Shape shape = tensor.shape();
    boolean hasChannels = shape.rank() >= 2 && shape.elementCount() > 0;
    double[] channels = new double[hasChannels ? Math.toIntExact(shape.dim(1)) : 1];
    if (ElementCodec.supports(tensor.type())) {
      long inner =
          hasChannels ? shape.elementCount(2, shape.rank()) : Math.max(1, shape.elementCount());
      Tensors.forEachChunk(
          tensor,
          (first, values, count) -> {
            for (int i = 0; i < count; i++) {
              double magnitude = Math.abs(values[i]);
              if (Double.isFinite(magnitude)) {
                int channel = (int) ((first + i) / inner % channels.length);
                channels[channel] = Math.max(channels[channel], magnitude);
              }
            }
          });
    }
    return new Magnitudes(channels);
  }

  double largest() {
    return Arrays.stream(channels).max().orElse(0);
  }

  /**
   * Channels that are zero in all of these tensors; 0 if they do not have the same number of
   * channels.
   */
  static long deadChannels(List<Tensor> tensors) {
    List<double[]> all = tensors.stream().map(tensor -> of(tensor).channels()).toList();
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
