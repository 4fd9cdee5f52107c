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
package dev.fusewright.core.state;

import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.rule.fold.BatchNorm;
import dev.fusewright.core.rule.fold.FoldArithmetic;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The fold of one BatchNorm into one layer of a state dict, or the reason against it. */
final class NormFold {
  private static final int MOST_CHANNELS = 1 << 22;

  /** A fold or a refusal. */
  sealed interface Outcome {
    record Folded(FoldedPair pair) implements Outcome {}

    record Refused(Refusal refusal) implements Outcome {}
  }

  private final StateModule layer;
  private final StateModule norm;
  private final LayerShape shape;

  NormFold(StateModule layer, StateModule norm, LayerShape shape) {
    this.layer = layer;
    this.norm = norm;
    this.shape = shape;
  }

  Outcome fold(double epsilon, FoldArithmetic arithmetic) {
    Tensor weight = layer.tensor("weight").orElseThrow();
    Optional<Tensor> bias = layer.tensor("bias");
    ElementType normType = norm.tensor("running_var").orElseThrow().type();
    if (!weight.type().isFoldable() || !normType.isFoldable()) {
      return refused(
          Reason.ELEMENT_TYPE,
          "'%s' has weights of %s, and '%s' statistics of %s",
          layer.name(),
          weight.type().text(),
          norm.name(),
          normType.text());
    }
    int channels = (int) norm.shape("running_var").dim(0);
    BatchNorm parameters =
        new BatchNorm(
            vector("weight", channels, 1),
            vector("bias", channels, 0),
            vector("running_mean", channels, 0),
            vector("running_var", channels, 1),
            epsilon,
            normType);
    double[] before =
        bias.map(tensor -> Tensors.doubles(tensor, MOST_CHANNELS))
            .orElseGet(() -> new double[channels]);
    for (int c = 0; c < channels; c++) {
      boolean finite =
          Double.isFinite(parameters.gamma()[c])
              && Double.isFinite(parameters.beta()[c])
              && Double.isFinite(parameters.mean()[c])
              && Double.isFinite(parameters.variance()[c])
              && Double.isFinite(before[c]);
      if (!finite) {
        return refused(
            Reason.NON_FINITE_PARAMETER,
            "channel %d of '%s' or of the bias before it is not finite",
            c,
            norm.name());
      }
      if (parameters.variance()[c] + epsilon <= 0) {
        return refused(
            Reason.NON_POSITIVE_VARIANCE,
            "channel %d of '%s' has variance %s, and eps is %s",
            c,
            norm.name(),
            parameters.variance()[c],
            epsilon);
      }
    }
    double[] scale = arithmetic.scale(parameters, weight.type());
    double[] after = arithmetic.bias(parameters, before, shape.kind(), weight.type());
    ElementType biasType = bias.map(Tensor::type).orElse(weight.type());
    LiteralTensor foldedBias = LiteralTensor.ofDoubles(biasType, Shape.of(channels), after);
    if (!allFinite(scale) || !allFinite(Tensors.doubles(foldedBias, MOST_CHANNELS))) {
      return refused(
          Reason.NON_FINITE_RESULT,
          "the folded bias of '%s' does not fit %s",
          layer.name(),
          biasType.text());
    }
    return new Outcome.Folded(
        new FoldedPair(
            layer.name(),
            norm.name(),
            shape.kind(),
            shape.axis(),
            weight,
            bias,
            parameters,
            new ChannelScaled(weight, shape.axis(), scale),
            foldedBias));
  }

  private double[] vector(String local, int channels, double absent) {
    Optional<Tensor> tensor = norm.tensor(local);
    if (tensor.isEmpty()) {
      double[] values = new double[channels];
      Arrays.fill(values, absent);
      return values;
    }
    if (tensor.get().shape().elementCount() != channels) {
      throw ModuleListException.of(
          Reason.SHAPE_MISMATCH,
          "'%s.%s' is %s, and '%s' has %d channels",
          norm.name(),
          local,
          tensor.get().shape(),
          norm.name(),
          channels);
    }
    return Tensors.doubles(tensor.get(), MOST_CHANNELS);
  }

  private static boolean allFinite(double[] values) {
    return Arrays.stream(values).allMatch(Double::isFinite);
  }

  private Outcome refused(Reason reason, String message, Object... arguments) {
    return new Outcome.Refused(
        new Refusal(
            ModuleListException.RULE,
            ScopePath.MAIN,
            List.of(layer.name(), norm.name()),
            reason,
            message.formatted(arguments)));
  }
}
