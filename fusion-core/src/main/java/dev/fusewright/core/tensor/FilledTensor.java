package dev.fusewright.core.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A tensor with one value everywhere, as ONNX's ConstantOfShape makes it.
 *
 * @param value a floating-point value, or an integer of at most 53 bits
 */
public record FilledTensor(ElementType type, Shape shape, double value) implements Tensor {
  @Override
  public void read(long offset, ByteBuffer destination) {
    ByteBuffer element = ByteBuffer.allocate(type.bits() / 8).order(ByteOrder.LITTLE_ENDIAN);
    ElementCodec.of(type).encode(new double[] {value}, 0, 1, element);
    byte[] pattern = element.array();
    while (destination.hasRemaining()) {
      destination.put(pattern);
    }
  }
}
