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

/**
 * The parameters of an eval-mode BatchNorm, {@code y = (x − mean)/sqrt(variance + epsilon)·gamma +
 * beta}, each array holding one value per channel.
 *
 * @param gamma 1 where the module is not affine
 * @param beta 0 where the module is not affine
 * @param type the element type in which the parameters are stored
 */
@SuppressWarnings(
    "ArrayRecordComponent") // Read by the arithmetic of this package only; never compared.
public record BatchNorm(
    double[] gamma,
    double[] beta,
    double[] mean,
    double[] variance,
    double epsilon,
    ElementType type) {

  /** Refuses arrays of different lengths. */
  public BatchNorm {
    if (gamma.length != beta.length
        || gamma.length != mean.length
        || gamma.length != variance.length) {
      throw new IllegalArgumentException(
          "gamma, beta, mean and variance have %d, %d, %d and %d channels"
              .formatted(gamma.length, beta.length, mean.length, variance.length));
    }
  }

  /** The number of channels. */
  public int channels() {
    return gamma.length;
  }
}
