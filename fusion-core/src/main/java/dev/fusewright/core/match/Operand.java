package dev.fusewright.core.match;

import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.tensor.Tensor;

/** What an operand of a node is. */
public sealed interface Operand {
  /** A value that is the same in every run. */
  record Constant(Tensor tensor) implements Operand {}

  /**
   * A value that is not known before the run, or must not be relied on.
   *
   * @param message names the value and what it comes from
   */
  record Variable(Reason reason, String message) implements Operand {}
}
