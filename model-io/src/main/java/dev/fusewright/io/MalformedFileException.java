package dev.fusewright.io;

import org.jspecify.annotations.Nullable;

/** The bytes of a file break its own format: truncated, corrupt, or no such format at all. */
public final class MalformedFileException extends CheckpointException {
  private static final long serialVersionUID = 1L;

  /** A problem found by the reader itself. */
  public MalformedFileException(Problem problem) {
    this(problem, null);
  }

  /** A problem found by something underneath. */
  public MalformedFileException(Problem problem, @Nullable Throwable cause) {
    super(problem, cause);
  }
}
