package dev.fusewright.core.tensor;

import java.nio.ByteBuffer;

/**
 * A tensor whose bytes lie somewhere else.
 *
 * @param source holds exactly {@code byteCount()} canonical bytes
 */
public record StoredTensor(ElementType type, Shape shape, TensorSource source) implements Tensor {
  @Override
  public void read(long offset, ByteBuffer destination) {
    source.read(offset, destination);
  }
}
