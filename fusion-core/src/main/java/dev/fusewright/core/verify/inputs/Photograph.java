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
package dev.fusewright.core.verify.inputs;

/**
 * A picture with the statistics of photographs: the amplitude of a frequency falls as its inverse.
 * Brightness is from 0 to 1.
 *
 * @param seed of the picture
 * @param size of its longer side, in pixels
 */
record Photograph(long seed, long size) {
  private static final int OCTAVES = 6;

  /**
   * The brightness of a pixel: octaves of smoothed noise, each half as strong as the one before.
   */
  double at(long y, long x) {
    double brightness = 0;
    double amplitude = 0.5;
    double cell = Math.max(2, size / 2.0);
    for (int octave = 0; octave < OCTAVES; octave++) {
      brightness += amplitude * smooth(seed + octave, y / cell, x / cell);
      amplitude /= 2;
      cell /= 2;
    }
    return brightness / (1 - amplitude * 2);
  }

  private static double smooth(long seed, double y, double x) {
    long top = (long) Math.floor(y);
    long left = (long) Math.floor(x);
    double upper = between(Noise.unit(seed, top, left), Noise.unit(seed, top, left + 1), x - left);
    double lower =
        between(Noise.unit(seed, top + 1, left), Noise.unit(seed, top + 1, left + 1), x - left);
    return between(upper, lower, y - top);
  }

  private static double between(double from, double to, double part) {
    return from + part * (to - from);
  }
}
