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

/**
 * A lazy, immutable tensor: a type, a shape, and a way to read its bytes chunk by chunk.
 *
 * <p>Bytes are canonical: packed, little-endian, row-major, as in ONNX's {@code raw_data}.
 */
public sealed interface Tensor
    permits LiteralTensor,
        StoredTensor,
        FilledTensor,
        ComputedTensor,
        ReshapedTensor,
        TransposedTensor,
        CastTensor,
        ChannelScaled {
  /** The element type. */
  ElementType type();

  /** The sizes of the axes. */
  Shape shape();

  /**
   * Fills {@code destination} from the canonical bytes of this tensor.
   *
   * @param offset of the first byte; {@code offset} and the number of bytes asked for are multiples
   *     of the element size
   * @throws TensorReadException if a source fails
   */
  void read(long offset, ByteBuffer destination);

  /** The number of canonical bytes. */
  default long byteCount() {
    return type().bytes(shape().elementCount());
  }
}
