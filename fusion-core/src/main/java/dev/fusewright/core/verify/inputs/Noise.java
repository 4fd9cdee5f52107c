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

/** Random numbers that belong to places: the same place has the same number, in whatever order. */
final class Noise {
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private Noise() {}

  /** Sixty-four random bits of a place. */
  static long bits(long seed, long y, long x) {
    return mixed(mixed(mixed(seed) + GOLDEN_GAMMA * y) + GOLDEN_GAMMA * x);
  }

  /** A random number of a place, from 0 to below 1. */
  static double unit(long seed, long y, long x) {
    return (bits(seed, y, x) >>> 11) * 0x1p-53;
  }

  /** The finaliser of SplitMix64. */
  private static long mixed(long value) {
    long z = value + GOLDEN_GAMMA;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
