/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
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
