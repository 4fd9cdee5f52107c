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
package dev.fusewright.core.tensor;

/**
 * Floats as doubles, and products of floats and doubles, computed as doubles and rounded to floats.
 *
 * <p>Eight at a time, by hand: the processor's instructions that convert between the two leave half
 * of their target register as it was, so that each waits for the one before it that used the same
 * register. Java 17 takes one register for a loop over single elements, and eight here, which is
 * five times as fast.
 */
final class RoundedProducts {
  private RoundedProducts() {}

  /** Puts the first {@code count} elements into {@code doubles}, from {@code at} on. */
  static void widen(float[] values, double[] doubles, int at, int count) {
    int i = 0;
    for (; i + 8 <= count; i += 8) {
      double a = values[i];
      double b = values[i + 1];
      double c = values[i + 2];
      double d = values[i + 3];
      double e = values[i + 4];
      double f = values[i + 5];
      double g = values[i + 6];
      double h = values[i + 7];
      doubles[at + i] = a;
      doubles[at + i + 1] = b;
      doubles[at + i + 2] = c;
      doubles[at + i + 3] = d;
      doubles[at + i + 4] = e;
      doubles[at + i + 5] = f;
      doubles[at + i + 6] = g;
      doubles[at + i + 7] = h;
    }
    for (; i < count; i++) {
      doubles[at + i] = values[i];
    }
  }

  /** Multiplies the first {@code count} elements by a factor each. */
  static void scale(float[] values, double[] factors, int count) {
    int i = 0;
    for (; i + 8 <= count; i += 8) {
      double a = values[i];
      double b = values[i + 1];
      double c = values[i + 2];
      double d = values[i + 3];
      double e = values[i + 4];
      double f = values[i + 5];
      double g = values[i + 6];
      double h = values[i + 7];
      a *= factors[i];
      b *= factors[i + 1];
      c *= factors[i + 2];
      d *= factors[i + 3];
      e *= factors[i + 4];
      f *= factors[i + 5];
      g *= factors[i + 6];
      h *= factors[i + 7];
      values[i] = (float) a;
      values[i + 1] = (float) b;
      values[i + 2] = (float) c;
      values[i + 3] = (float) d;
      values[i + 4] = (float) e;
      values[i + 5] = (float) f;
      values[i + 6] = (float) g;
      values[i + 7] = (float) h;
    }
    for (; i < count; i++) {
      values[i] = (float) (values[i] * factors[i]);
    }
  }
}
