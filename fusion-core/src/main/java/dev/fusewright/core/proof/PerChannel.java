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

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.text.Amounts;

/** What arrives at a layer, by input channel. */
@SuppressWarnings("ArrayRecordComponent") // Handed on at once.
record PerChannel(double[] scale, double[] shift) {
  private static final double SAME = 1e-12;

  /**
   * Reads scale and shift of a field along one axis.
   *
   * @throws UncertifiableException if they differ between positions of one channel
   */
  static PerChannel along(Field field, int axis, int channels, Node layer) {
    if (axis >= field.source().rank() || field.source().shape().dim(axis) != channels) {
      throw new UncertifiableException(
          "'%s' takes %s, and %s arrives"
              .formatted(
                  layer.label(), Amounts.count(channels, "channel"), field.source().shape()));
    }
    return new PerChannel(
        collapse(field.scale(), axis, channels, layer),
        collapse(field.shift(), axis, channels, layer));
  }

  private static double[] collapse(NdArray values, int axis, int channels, Node layer) {
    double[] result = new double[channels];
    boolean[] known = new boolean[channels];
    int run = Math.toIntExact(values.shape().elementCount(axis + 1, values.rank()));
    double[] elements = values.values();
    for (int i = 0; i < elements.length; i++) {
      int channel = i / run % channels;
      double value = elements[i];
      if (known[channel] && Math.abs(value - result[channel]) > SAME * Math.abs(value)) {
        throw new UncertifiableException(
            "what arrives at '%s' differs within channel %d".formatted(layer.label(), channel));
      }
      result[channel] = value;
      known[channel] = true;
    }
    return result;
  }

  boolean shifts() {
    for (double value : shift) {
      if (value != 0) {
        return true;
      }
    }
    return false;
  }
}
