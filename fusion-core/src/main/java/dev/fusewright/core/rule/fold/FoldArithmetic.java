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

import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.ElementType;
import java.util.function.DoubleUnaryOperator;

/**
 * How the folded parameters are computed: {@code W' = W·gamma·r} and {@code b' = (b − mean)·gamma·r
 * + beta} with {@code r = 1/sqrt(variance + epsilon)}.
 *
 * <p>Values are doubles that may still have to be rounded into the type in which they are stored;
 * the weight itself is multiplied while it is written ({@link
 * dev.fusewright.core.tensor.ChannelScaled}).
 */
public enum FoldArithmetic {
  /**
   * PyTorch's {@code fuse_conv_bn_weights} and {@code fuse_linear_bn_weights}, bit for bit: every
   * operation is rounded into the parameters' type, in PyTorch's order. Computing an operation on
   * two float32 values in double and rounding it to float32 gives the float32 operation exactly (a
   * double has more than 2·24 + 2 bits), so that one implementation serves all types.
   */
  TORCH {
    @Override
    DoubleUnaryOperator rounding(ElementType type) {
      ElementCodec codec = ElementCodec.of(type);
      return codec::round;
    }
  },
  /** Everything in float64; what is stored is rounded once. */
  EXACT {
    @Override
    DoubleUnaryOperator rounding(ElementType type) {
      return DoubleUnaryOperator.identity();
    }
  };

  abstract DoubleUnaryOperator rounding(ElementType type);

  /**
   * The factor of each channel's weights.
   *
   * @param layer the element type of the layer's weight
   */
  public double[] scale(BatchNorm norm, ElementType layer) {
    DoubleUnaryOperator round = rounding(promoted(norm.type(), layer));
    double[] scale = reciprocalDeviation(norm, round);
    for (int c = 0; c < scale.length; c++) {
      scale[c] = round.applyAsDouble(norm.gamma()[c] * scale[c]);
    }
    return scale;
  }

  /**
   * The folded bias of each channel, not yet rounded into its stored type.
   *
   * @param bias of the layer; zeros where it has none
   * @param layer the element type of the layer's weight
   */
  public double[] bias(BatchNorm norm, double[] bias, LayerKind kind, ElementType layer) {
    DoubleUnaryOperator round = rounding(promoted(norm.type(), layer));
    double[] r = reciprocalDeviation(norm, round);
    double[] folded = new double[bias.length];
    for (int c = 0; c < folded.length; c++) {
      double gamma = norm.gamma()[c];
      double centred = round.applyAsDouble(bias[c] - norm.mean()[c]);
      double scaled =
          switch (kind) {
            case CONV -> round.applyAsDouble(round.applyAsDouble(centred * r[c]) * gamma);
            case LINEAR -> round.applyAsDouble(centred * round.applyAsDouble(gamma * r[c]));
          };
      folded[c] = round.applyAsDouble(scaled + norm.beta()[c]);
    }
    return folded;
  }

  private static double[] reciprocalDeviation(BatchNorm norm, DoubleUnaryOperator round) {
    double epsilon = round.applyAsDouble(norm.epsilon());
    double[] r = new double[norm.channels()];
    for (int c = 0; c < r.length; c++) {
      double deviation =
          round.applyAsDouble(Math.sqrt(round.applyAsDouble(norm.variance()[c] + epsilon)));
      r[c] = round.applyAsDouble(1 / deviation);
    }
    return r;
  }

  /** PyTorch's type promotion among floating-point types. */
  private static ElementType promoted(ElementType a, ElementType b) {
    if (a == b) {
      return a;
    }
    return a == ElementType.DOUBLE || b == ElementType.DOUBLE
        ? ElementType.DOUBLE
        : ElementType.FLOAT;
  }
}
