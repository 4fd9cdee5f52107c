package dev.fusewright.core.fold;

import dev.fusewright.core.tensor.ElementType;

/**
 * The parameters of an eval-mode BatchNorm, {@code y = (x − mean)/sqrt(variance + epsilon)·gamma + beta}, each array
 * holding one value per channel.
 *
 * @param gamma 1 where the module is not affine
 * @param beta 0 where the module is not affine
 * @param type the element type in which the parameters are stored
 */
@SuppressWarnings("ArrayRecordComponent") // Read by the arithmetic of this package only; never compared.
public record BatchNorm(
    double[] gamma, double[] beta, double[] mean, double[] variance, double epsilon, ElementType type) {

  /** Refuses arrays of different lengths. */
  public BatchNorm {
    if (gamma.length != beta.length || gamma.length != mean.length || gamma.length != variance.length) {
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
