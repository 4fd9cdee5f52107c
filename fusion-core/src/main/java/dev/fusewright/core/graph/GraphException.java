package dev.fusewright.core.graph;

/** A graph breaks one of ONNX's rules; the message names the scope and the node or value. */
public final class GraphException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An error in a named scope. */
  public GraphException(String message) {
    super(message);
  }
}
