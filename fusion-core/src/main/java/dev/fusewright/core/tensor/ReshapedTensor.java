package dev.fusewright.core.tensor;

import java.nio.ByteBuffer;

/**
 * The same elements in the same order under another shape (Reshape, Unsqueeze, Squeeze, Flatten).
 *
 * @param shape with as many elements as the source
 */
public record ReshapedTensor(Tensor source, Shape shape) implements Tensor {
  /** Refuses a shape with another number of elements. */
  public ReshapedTensor {
    if (shape.elementCount() != source.shape().elementCount()) {
      throw new IllegalArgumentException("cannot reshape " + source.shape() + " to " + shape);
    }
  }

  @Override
  public ElementType type() {
    return source.type();
  }

  @Override
  public void read(long offset, ByteBuffer destination) {
    source.read(offset, destination);
  }
}
