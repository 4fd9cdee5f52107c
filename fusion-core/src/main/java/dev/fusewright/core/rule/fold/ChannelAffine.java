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
package dev.fusewright.core.rule.fold;

import dev.fusewright.core.tensor.ElementType;
import java.util.Arrays;
import java.util.List;

/**
 * {@code y[c] = scale[c]·x[c] + shift[c]}, in float64: what BatchNormalization and its like are.
 *
 * @param notes what a person should know of the constants, each one sentence
 */
@SuppressWarnings("ArrayRecordComponent") // Handed from a check to its rewrite; never compared.
record ChannelAffine(double[] scale, double[] shift, List<String> notes) {
  ChannelAffine {
    notes = List.copyOf(notes);
  }

  ChannelAffine(double[] scale, double[] shift) {
    this(scale, shift, List.of());
  }

  /** What an eval-mode BatchNorm computes. */
  static ChannelAffine of(BatchNorm norm) {
    return new ChannelAffine(
        FoldArithmetic.EXACT.scale(norm, ElementType.DOUBLE),
        FoldArithmetic.EXACT.bias(
            norm, new double[norm.channels()], LayerKind.CONV, ElementType.DOUBLE));
  }

  /** The bias of a layer after this function has been folded into it. */
  double[] appliedTo(double[] bias) {
    double[] result = new double[bias.length];
    for (int c = 0; c < result.length; c++) {
      result[c] = bias[c] * scale[c] + shift[c];
    }
    return result;
  }

  boolean onlyShifts() {
    return allAre(scale, 1);
  }

  boolean onlyScales() {
    return allAre(shift, 0);
  }

  private static boolean allAre(double[] values, double expected) {
    for (double value : values) {
      if (value != expected) {
        return false;
      }
    }
    return true;
  }

  /** The part for the channels from {@code from} to before {@code to}. */
  ChannelAffine slice(int from, int to) {
    return new ChannelAffine(
        Arrays.copyOfRange(scale, from, to), Arrays.copyOfRange(shift, from, to), notes);
  }
}
