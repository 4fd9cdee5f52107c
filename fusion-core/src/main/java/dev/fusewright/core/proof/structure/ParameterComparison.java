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
package dev.fusewright.core.proof.structure;

import dev.fusewright.core.tensor.ChunkReader;
import dev.fusewright.core.tensor.FloatFormat;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.tensor.Tensors;
import java.util.Locale;

/**
 * Comparison of two constants.
 *
 * @param likeness how near they are
 * @param difference in words; empty if they are the same bits
 */
record ParameterComparison(Likeness likeness, String difference) {
  private static final int DOUBLES = 1 << 14;

  /** Weights whose largest error is beyond so many ulp of the largest are two weights. */
  private static final double WEIGHT_ULPS = 1024;

  /** A bias may be what little is left of large terms: the proof of its site judges it. */
  private static final double BIAS_ERROR = 0x1p-6;

  /** Likeness of two constants. */
  enum Likeness {
    /** Type, shape and every bit. */
    SAME,
    /** As near as two ways to fold the same may be; a proof has to say whether they are that. */
    NEAR,
    /** Anything else. */
    OTHER
  }

  static ParameterComparison of(Tensor a, Tensor b) {
    if (a.type() != b.type() || !a.shape().equals(b.shape())) {
      return other(
          "%s%s and %s%s".formatted(a.type().text(), a.shape(), b.type().text(), b.shape()));
    }
    if (a == b || a.shape().elementCount() == 0) {
      return new ParameterComparison(Likeness.SAME, "");
    }
    if (a.type().bits() == 0) {
      return other("elements of type %s are not compared".formatted(a.type().text()));
    }
    try {
      if (Tensors.areEqual(a, b)) {
        return new ParameterComparison(Likeness.SAME, "");
      }
      return a.type().isFoldable() ? nearness(a, b) : other("other elements");
    } catch (TensorReadException e) {
      return other("a constant cannot be read: " + e.getMessage());
    }
  }

  private static ParameterComparison other(String difference) {
    return new ParameterComparison(Likeness.OTHER, difference);
  }

  private static ParameterComparison nearness(Tensor a, Tensor b) {
    Farthest farthest = new Farthest();
    double[] others = new double[(int) Math.min(DOUBLES, a.shape().elementCount())];
    ChunkReader reader = new ChunkReader(b, others);
    Tensors.forEachChunk(
        a,
        (first, values, count) -> {
          reader.read(first, count);
          for (int i = 0; i < count; i++) {
            farthest.note(first + i, values[i], others[i]);
          }
        });
    boolean isWeight = a.shape().rank() > 1;
    double allowed = isWeight ? WEIGHT_ULPS * FloatFormat.of(a.type()).epsilon() : BIAS_ERROR;
    boolean isNear = farthest.error <= allowed * farthest.largest;
    return new ParameterComparison(isNear ? Likeness.NEAR : Likeness.OTHER, farthest.text());
  }

  /** The element that is farthest off. */
  private static final class Farthest {
    private double largest;
    private double error;
    private long index;
    private double one;
    private double other;

    void note(long element, double a, double b) {
      largest = Math.max(largest, Math.max(Math.abs(a), Math.abs(b)));
      double difference = Double.compare(a, b) == 0 ? 0 : Math.abs(a - b);
      if (!(difference <= error)) {
        error = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
        index = element;
        one = a;
        other = b;
      }
    }

    String text() {
      return String.format(Locale.ROOT, "element %d is %.9g and %.9g", index, one, other);
    }
  }
}
