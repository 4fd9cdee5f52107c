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
 * A signal in time, between −1 and 1.
 *
 * @param seed of the signal
 * @param length in samples
 */
record Signal(long seed, long length) {
  private static final int STEPS = 8;
  private static final int TONES = 3;

  /** A step signal: levels that hold for an eighth of the length each. */
  double step(long channel, long time) {
    return 2 * Noise.unit(seed, channel, time * STEPS / Math.max(1, length)) - 1;
  }

  /** A sum of three tones, of one to some periods in the length each. */
  double sine(long channel, long time) {
    double sum = 0;
    for (int tone = 0; tone < TONES; tone++) {
      double periods = 1 + length / 8.0 * Noise.unit(seed, tone, 0) * Noise.unit(seed, tone, 1);
      double phase = Noise.unit(seed + 1, channel, tone);
      sum += Math.sin(2 * Math.PI * (periods * time / Math.max(1, length) + phase));
    }
    return sum / TONES;
  }
}
