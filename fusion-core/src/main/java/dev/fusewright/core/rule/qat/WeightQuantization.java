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
package dev.fusewright.core.rule.qat;

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The fake-quantization of one weight: what the observer sees in the first forward pass after
 * {@code prepare_qat}.
 *
 * @param hasZeroFactor whether some channel's BatchNorm weight is 0, so that the approximate
 *     forward would divide by zero
 */
record WeightQuantization(Tensor scale, Tensor zeroPoint, boolean hasZeroFactor) {
  private static final int SCALE = 1;
  private static final int VARIANCE = 4;
  private static final float DEFAULT_EPSILON = 1e-5f;

  /** Of a weight as it is, or where a BatchNorm follows, as it is when that is folded in. */
  static Decision<WeightQuantization> of(
      GraphView graph, String weight, @Nullable Node norm, QatBackend backend) {
    Decision<Tensor> constant = constant(graph, weight);
    if (norm == null) {
      return constant.then(
          tensor -> Decision.sound(of(tensor, backend, /* hasZeroFactor= */ false)));
    }
    return constant.then(
        tensor ->
            factors(graph, norm)
                .then(
                    factors -> {
                      boolean hasZero = false;
                      double[] scales = new double[factors.length];
                      for (int c = 0; c < factors.length; c++) {
                        scales[c] = factors[c];
                        hasZero |= factors[c] == 0;
                      }
                      return Decision.sound(
                          of(
                              new ChannelScaled(tensor, ChannelAxis.of(0), scales),
                              backend,
                              hasZero));
                    }));
  }

  private static WeightQuantization of(Tensor observed, QatBackend backend, boolean hasZeroFactor) {
    FakeQuantizer quantizer = backend.weightQuantizer();
    FakeQuantizer.Parameters parameters = quantizer.whileTraining(quantizer.observe(observed));
    Shape shape = parameters.shape(quantizer);
    return new WeightQuantization(
        LiteralTensor.ofFloats(shape, parameters.scale()),
        LiteralTensor.ofDoubles(
            ElementType.INT8,
            shape,
            IntStream.of(parameters.zeroPoint()).asDoubleStream().toArray()),
        hasZeroFactor);
  }

  /** {@code gamma / sqrt(running_var + eps)}, each operation in float32: a division, no rsqrt. */
  private static Decision<float[]> factors(GraphView graph, Node norm) {
    float epsilon = (float) norm.realAttribute("epsilon", DEFAULT_EPSILON);
    return constant(graph, norm.input(SCALE))
        .then(
            gamma ->
                constant(graph, norm.input(VARIANCE))
                    .then(
                        variance -> {
                          double[] gammas = Tensors.doubles(gamma, Integer.MAX_VALUE);
                          double[] variances = Tensors.doubles(variance, Integer.MAX_VALUE);
                          float[] factors = new float[gammas.length];
                          for (int c = 0; c < factors.length; c++) {
                            float above = (float) variances[c] + epsilon;
                            factors[c] = (float) gammas[c] / (float) Math.sqrt(above);
                            if (!Float.isFinite(factors[c])) {
                              return Decision.refuse(
                                  above <= 0
                                      ? Reason.NON_POSITIVE_VARIANCE
                                      : Reason.NON_FINITE_PARAMETER,
                                  "weight[%d] of '%s' over the root of its variance and epsilon is %s",
                                  c,
                                  norm.label(),
                                  factors[c]);
                            }
                          }
                          return Decision.sound(factors);
                        }));
  }

  private static Decision<Tensor> constant(GraphView graph, String value) {
    Operand operand = Constants.resolve(graph, value);
    if (operand instanceof Operand.Variable variable) {
      return Decision.refuse("value of '" + value + "'", variable);
    }
    Tensor tensor = ((Operand.Constant) operand).tensor();
    return tensor.type() == ElementType.FLOAT
        ? Decision.sound(tensor)
        : Decision.refuse(
            Reason.ELEMENT_TYPE,
            "'%s' is %s; only float weights are fake-quantized",
            value,
            tensor.type().text());
  }
}
