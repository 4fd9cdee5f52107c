package dev.fusewright.core.tensor;

import org.jspecify.annotations.Nullable;

/** The bytes of a tensor could not be read; the message names the resource and the offset. */
public final class TensorReadException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An error at a place that {@code message} names. */
  public TensorReadException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
