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
import java.util.stream.IntStream;

/** Tensors to try things on, and ways to read them. */
final class SomeTensors {
  private SomeTensors() {}

  /** Elements that tell their place: 1, 2, 3, …, scaled so that products round. */
  static Tensor counting(ElementType type, Shape shape) {
    double step = type == ElementType.FLOAT16 || type == ElementType.BFLOAT16 ? 1 : 0.1f;
    double[] values =
        IntStream.rangeClosed(1, (int) shape.elementCount())
            .mapToDouble(i -> (float) (i * step))
            .toArray();
    return LiteralTensor.ofDoubles(type, shape, values);
  }

  /**
   * All elements, read in pieces of {@code elements}, as a writer with a small buffer reads them.
   */
  static double[] inPieces(Tensor tensor, int elements) {
    int count = (int) tensor.shape().elementCount();
    int size = tensor.type().bits() / 8;
    double[] values = new double[count];
    for (int at = 0; at < count; at += elements) {
      int part = Math.min(elements, count - at);
      ByteBuffer bytes = ByteBuffer.allocate(part * size).order(ByteOrder.LITTLE_ENDIAN);
      tensor.read((long) at * size, bytes);
      ElementCodec.of(tensor.type()).decode(bytes.flip(), values, at, part);
    }
    return values;
  }
}
