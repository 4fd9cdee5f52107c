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

import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FloatFormat;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;

/**
 * Whether a scaled weight can be stored in its element type.
 *
 * <p>That takes reading the weight, which planning otherwise does not do. float16 is so narrow that
 * it is always done; other types only where a factor is so large that ordinary weights could
 * overflow. Their largest value is above 1e38, so that below that factor a weight would have to be
 * above 1e32 to begin with; the certificate looks at every value anyhow.
 */
final class WeightRange {
  private static final double LARGE_FACTOR = 1 << 20;
  private static final double SMALLEST_NORMAL = FloatFormat.HALF.smallestNormal();

  /**
   * The share of the weight's energy that rounding may take, where most of it is lost below the
   * normal numbers: 2⁻⁸ in amplitude, sixteen times what rounding to float16 costs.
   */
  private static final double LOST_ENERGY = 0x1p-16;

  private WeightRange() {}

  /** {@code facts}, if {@code weight} times {@code factors} along {@code axis} can be stored. */
  static <F> Decision<F> check(
      String label, Tensor weight, ChannelAxis axis, double[] factors, F facts) {
    if (weight.type() == ElementType.FLOAT16) {
      return float16(label, weight, axis, factors, facts);
    }
    for (double factor : factors) {
      if (!(Math.abs(factor) <= LARGE_FACTOR)) {
        return overflows(label, weight, axis, factors, facts);
      }
    }
    return Decision.sound(facts);
  }

  private static <F> Decision<F> overflows(
      String label, Tensor weight, ChannelAxis axis, double[] factors, F facts) {
    boolean[] overflow = new boolean[1];
    Tensors.forEachChunk(
        new ChannelScaled(weight, axis, factors),
        (first, values, count) -> {
          for (int i = 0; i < count; i++) {
            overflow[0] |= !Double.isFinite(values[i]);
          }
        });
    return overflow[0] ? overflow(label, weight) : Decision.sound(facts);
  }

  private static <F> Decision<F> overflow(String label, Tensor weight) {
    return Decision.refuse(
        Reason.NON_FINITE_RESULT,
        "the folded weight of '%s' overflows %s",
        label,
        weight.type().text());
  }

  private static <F> Decision<F> float16(
      String label, Tensor weight, ChannelAxis axis, double[] factors, F facts) {
    Sums sums = new Sums(weight, axis, factors);
    Tensors.forEachChunk(weight, sums);
    if (sums.overflow) {
      return overflow(label, weight);
    }
    return sums.lost > LOST_ENERGY * sums.energy
        ? Decision.refuse(
            Reason.SUBNORMAL_RESULT,
            "the folded weight of '%s' would be flushed to subnormal numbers of float16 (signal to"
                + " noise %.0f dB)",
            label,
            10 * Math.log10(sums.energy / sums.lost))
        : Decision.sound(facts);
  }

  /** What storing costs, over all elements. */
  private static final class Sums implements Tensors.ChunkConsumer {
    private final Tensor weight;
    private final ChannelAxis axis;
    private final double[] factors;
    private final ElementCodec codec = ElementCodec.of(ElementType.FLOAT16);
    private boolean overflow;
    private double energy;
    private double lost;

    Sums(Tensor weight, ChannelAxis axis, double[] factors) {
      this.weight = weight;
      this.axis = axis;
      this.factors = factors;
    }

    @Override
    public void accept(long first, double[] values, int count) {
      for (int i = 0; i < count; i++) {
        double exact = values[i] * factors[axis.channelOf(weight.shape(), first + i)];
        double stored = codec.round(exact);
        overflow |= !Double.isFinite(stored);
        energy += exact * exact;
        if (Math.abs(exact) < SMALLEST_NORMAL) {
          lost += (exact - stored) * (exact - stored);
        }
      }
    }
  }
}
