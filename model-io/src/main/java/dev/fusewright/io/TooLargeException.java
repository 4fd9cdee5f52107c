package dev.fusewright.io;

import org.jspecify.annotations.Nullable;

/** A file asks for more memory, depth or messages than the reader's budget; it may be hostile. */
public final class TooLargeException extends CheckpointException {
  private static final long serialVersionUID = 1L;

  /** A problem found by the reader itself. */
  public TooLargeException(Problem problem) {
    this(problem, null);
  }

  /** A problem found by something underneath. */
  public TooLargeException(Problem problem, @Nullable Throwable cause) {
    super(problem, cause);
  }
}
