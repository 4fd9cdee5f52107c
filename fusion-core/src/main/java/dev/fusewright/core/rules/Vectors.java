package dev.fusewright.core.rules;

import dev.fusewright.core.tensor.ComputedTensor;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;

/** Small parameters as numbers. */
final class Vectors {
  /** No model has more channels; a file that says so is not read into memory. */
  static final int MAX_CHANNELS = 1 << 22;

  private Vectors() {}

  /** The values of a parameter; those of an earlier fold before they were rounded. */
  static double[] read(Tensor tensor) {
    return tensor instanceof ComputedTensor computed ? computed.exact() : Tensors.doubles(tensor, MAX_CHANNELS);
  }

  static boolean allFinite(double[] values) {
    return firstNonFinite(values) < 0;
  }

  /** The first index at which there is NaN or an infinity, or −1. */
  static int firstNonFinite(double[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        return i;
      }
    }
    return -1;
  }

  /** Whether every value stays finite when it is stored. */
  static boolean allFiniteAs(ElementType type, double[] values) {
    var codec = dev.fusewright.core.tensor.ElementCodec.of(type);
    for (double value : values) {
      if (!Double.isFinite(codec.round(value))) {
        return false;
      }
    }
    return true;
  }
}
