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

/** Numbers that name where an element of a field comes from; exact in a double. */
final class Sources {
  private static final double STRIDE = 0x1p32;

  private Sources() {}

  /** A position of the {@code input}-th input of a site. */
  static double ofInput(int input, int position) {
    return -(input * STRIDE + position + 1);
  }

  /** A channel, or a position, of the result of the {@code layer}-th layer of a side. */
  static double ofLayer(int layer, int channel) {
    return (layer + 1) * STRIDE + channel;
  }

  static boolean isLayer(double source) {
    return source >= STRIDE;
  }

  static int layer(double source) {
    return (int) (source / STRIDE) - 1;
  }

  static int channel(double source) {
    return (int) (source % STRIDE);
  }
}
