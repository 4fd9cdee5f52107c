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
 * Spacing of the values of a floating-point type: rounding error, and units in the last place,
 * counted on values that the type holds exactly.
 */
public enum FloatFormat {
  /** {@link ElementType#FLOAT16}. */
  HALF(10, -14),
  /** {@link ElementType#BFLOAT16}. */
  BRAIN(7, -126),
  /** {@link ElementType#FLOAT}. */
  SINGLE(23, -126),
  /** {@link ElementType#DOUBLE}. */
  DOUBLE(52, -1022),
  /** Every other type: no value is between two others, and nothing else is known either. */
  NONE(0, 0);

  private final int fractionBits;
  private final int minExponent;

  FloatFormat(int fractionBits, int minExponent) {
    this.fractionBits = fractionBits;
    this.minExponent = minExponent;
  }

  /** The format of an element type. */
  public static FloatFormat of(ElementType type) {
    return switch (type) {
      case FLOAT16 -> HALF;
      case BFLOAT16 -> BRAIN;
      case FLOAT -> SINGLE;
      case DOUBLE -> DOUBLE;
      case UNDEFINED,
          UINT8,
          INT8,
          UINT16,
          INT16,
          INT32,
          INT64,
          STRING,
          BOOL,
          UINT32,
          UINT64,
          COMPLEX64,
          COMPLEX128,
          FLOAT8E4M3FN,
          FLOAT8E4M3FNUZ,
          FLOAT8E5M2,
          FLOAT8E5M2FNUZ,
          UINT4,
          INT4,
          FLOAT4E2M1,
          FLOAT8E8M0,
          UINT2,
          INT2 ->
          NONE;
    };
  }

  /** The distance from 1 to the next larger value; 0 for {@link #NONE}. */
  public double epsilon() {
    return this == NONE ? 0 : Math.scalb(1.0, -fractionBits);
  }

  /** The smallest positive value that is held in full precision. */
  public double smallestNormal() {
    return Math.scalb(1.0, minExponent);
  }

  /** The bits of {@link #smallestNormal()}. */
  public long smallestNormalBits() {
    return 1L << fractionBits;
  }

  /** The bits of infinity; any above it, but for the sign, are those of a NaN. */
  public long infinityBits() {
    return (long) (maxExponent() - minExponent + 2) << fractionBits;
  }

  int fractionBits() {
    return fractionBits;
  }

  int minExponent() {
    return minExponent;
  }

  int maxExponent() {
    return 1 - minExponent;
  }

  /** How many steps of the type lie between two finite values. */
  public long distance(double a, double b) {
    return this == NONE || a == b ? 0 : Math.abs(rank(a) - rank(b));
  }

  /** The finite value of this type that is {@code steps} steps above {@code value}. */
  public double next(double value, int steps) {
    return this == NONE || !Double.isFinite(value) ? value : ofRank(rank(value) + steps);
  }

  /** The number of positive values of the type up to {@code value}, negated for negative ones. */
  private long rank(double value) {
    double magnitude = Math.abs(value);
    long rank =
        switch (this) {
          case SINGLE -> Float.floatToRawIntBits((float) magnitude);
          case DOUBLE -> Double.doubleToRawLongBits(magnitude);
          case HALF, BRAIN, NONE -> rankByExponent(magnitude);
        };
    return value < 0 ? -rank : rank;
  }

  private long rankByExponent(double magnitude) {
    int exponent =
        magnitude == 0 ? minExponent : Math.max(Math.getExponent(magnitude), minExponent);
    long units = (long) Math.scalb(magnitude, fractionBits - exponent);
    return ((long) (exponent - minExponent) << fractionBits) + units;
  }

  private double ofRank(long rank) {
    long magnitude = Math.abs(rank);
    long one = 1L << fractionBits;
    int exponent = (int) Math.max(0, (magnitude >> fractionBits) - 1);
    double value =
        Math.scalb((double) (magnitude - exponent * one), exponent + minExponent - fractionBits);
    return rank < 0 ? -value : value;
  }
}
