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
 * IEEE 754 binary16 and bfloat16 from and to double, rounded once to nearest even.
 *
 * <p>Going through float would round twice: a double just above the midpoint of two halves can
 * become that midpoint as a float, and then the wrong half.
 */
final class SmallFloats {
  private static final int SIGN = 0x8000;

  private SmallFloats() {}

  static double decodeHalf(short bits) {
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    double magnitude;
    if (exponent == 0x1f) {
      magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
    } else if (exponent == 0) {
      magnitude = Math.scalb((double) fraction, -24);
    } else {
      magnitude = Math.scalb((double) (fraction | 0x400), exponent - 25);
    }
    return bits < 0 ? -magnitude : magnitude;
  }

  static short encodeHalf(double value) {
    return (short) encode(value, FloatFormat.HALF);
  }

  static double decodeBrain(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  static short encodeBrain(double value) {
    return (short) encode(value, FloatFormat.BRAIN);
  }

  private static int encode(double value, FloatFormat format) {
    int fractionBits = format.fractionBits();
    int minExponent = format.minExponent();
    int infinity = (int) format.infinityBits();
    int sign = Double.doubleToRawLongBits(value) < 0 ? SIGN : 0;
    if (Double.isNaN(value)) {
      return sign | infinity | 1 << (fractionBits - 1);
    }
    double magnitude = Math.abs(value);
    if (Double.isInfinite(magnitude)) {
      return sign | infinity;
    }
    int exponent =
        Math.max(magnitude == 0 ? minExponent : Math.getExponent(magnitude), minExponent);
    if (exponent > format.maxExponent()) {
      return sign | infinity;
    }
    // One unit in the last place is 2^(exponent - fractionBits); rint rounds ties to even. A carry
    // out of the fraction moves into the exponent field by itself, up to infinity.
    long units = (long) Math.rint(Math.scalb(magnitude, fractionBits - exponent));
    int biased = exponent - minExponent;
    return sign | (int) (((long) biased << fractionBits) + units);
  }
}
