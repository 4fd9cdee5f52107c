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

import java.util.Arrays;
import java.util.List;

/**
 * What a side makes of the raw result of one of its layers, per channel: {@code scale·raw + shift}.
 * Channels that nobody reads have NaN.
 */
@SuppressWarnings("ArrayRecordComponent") // Compared element by element, at once.
record ChannelFunction(double[] scale, double[] shift, double[] magnitude) {
  private static final double SAME = 1e-12;

  /**
   * Collects it from every value in which the layer's channels occur.
   *
   * @throws UncertifiableException if readers see different functions of one channel
   */
  static ChannelFunction of(int layer, int channels, List<Field> values) {
    ChannelFunction function =
        new ChannelFunction(new double[channels], new double[channels], new double[channels]);
    Arrays.fill(function.scale, Double.NaN);
    for (Field field : values) {
      function.collect(layer, field);
    }
    return function;
  }

  private void collect(int layer, Field field) {
    double[] source = field.source().values();
    double[] scales = field.scale().values();
    double[] shifts = field.shift().values();
    double[] magnitudes = field.magnitude().values();
    for (int i = 0; i < source.length; i++) {
      double from = source[i];
      if (!Sources.isLayer(from) || Sources.layer(from) != layer) {
        continue;
      }
      int channel = Sources.channel(from);
      double s = scales[i];
      double t = shifts[i];
      double m = magnitudes[i];
      if (!Double.isNaN(scale[channel])
          && (Math.abs(s - scale[channel]) > SAME * Math.abs(s)
              || Math.abs(t - shift[channel]) > SAME * Math.max(m, magnitude[channel]))) {
        throw new UncertifiableException("channel " + channel + " is used in different ways");
      }
      scale[channel] = s;
      shift[channel] = t;
      magnitude[channel] = Math.max(magnitude[channel], m);
    }
  }
}
