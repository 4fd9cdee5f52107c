package dev.fusewright.io;

import org.jspecify.annotations.Nullable;

/**
 * A checkpoint cannot be read. Unchecked, because what a file contains is decided far from where its weights are
 * read; whoever drives a whole model catches this type once.
 */
public abstract sealed class CheckpointException extends RuntimeException
    permits MalformedFileException,
        TooLargeException,
        UnreadableFileException,
        UnsupportedFormatException {
  private static final long serialVersionUID = 1L;

  private final Problem problem;

  CheckpointException(Problem problem, @Nullable Throwable cause) {
    super(problem.toString(), cause);
    this.problem = problem;
  }

  /** What is wrong, and where. */
  public Problem problem() {
    return problem;
  }

  /** Whether the same file may be readable a moment later. */
  public boolean isRetryable() {
    return false;
  }
}
