package dev.fusewright.core.fold;

/** The layers that torch folds a BatchNorm into: their biases are folded in different orders of operations. */
public enum LayerKind {
  /** Conv and ConvTranspose: {@code (((b − mean)·r)·gamma) + beta}. */
  CONV,
  /** Linear: {@code ((b − mean)·(gamma·r)) + beta}. */
  LINEAR
}
