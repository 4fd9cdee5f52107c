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

import java.util.Arrays;

/**
 * The pixels of one photograph, each made when it is first asked for: every channel of a picture
 * shows the same.
 */
final class Plane {
  private final Photograph photograph;
  private final int width;

  /** NaN where no pixel was made. */
  private final double[] brightness;

  Plane(Photograph photograph, long height, long width) {
    this.photograph = photograph;
    this.width = Math.toIntExact(width);
    this.brightness = new double[Math.toIntExact(height * width)];
    Arrays.fill(brightness, Double.NaN);
  }

  boolean isOf(long scene) {
    return photograph.seed() == scene;
  }

  /** The brightness of a pixel, from 0 to 1. */
  double at(long y, long x) {
    int pixel = (int) y * width + (int) x;
    if (Double.isNaN(brightness[pixel])) {
      brightness[pixel] = photograph.at(y, x);
    }
    return brightness[pixel];
  }
}
