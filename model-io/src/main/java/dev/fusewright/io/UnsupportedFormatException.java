package dev.fusewright.io;

import org.jspecify.annotations.Nullable;

/** A file is sound, as far as it was read, but uses something that this reader does not support. */
public final class UnsupportedFormatException extends CheckpointException {
  private static final long serialVersionUID = 1L;

  /** A problem found by the reader itself. */
  public UnsupportedFormatException(Problem problem) {
    this(problem, null);
  }

  /** A problem found by something underneath. */
  public UnsupportedFormatException(Problem problem, @Nullable Throwable cause) {
    super(problem, cause);
  }
}
