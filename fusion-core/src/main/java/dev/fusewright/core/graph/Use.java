package dev.fusewright.core.graph;

/**
 * One use of a value.
 *
 * @param node that reads it; for a capture, the node of this scope whose body reads it
 * @param index of the input; {@link #CAPTURED} where a body of the node reads it
 */
public record Use(Node node, int index) {
  /** The index of a use inside a nested body. */
  public static final int CAPTURED = -1;
}
