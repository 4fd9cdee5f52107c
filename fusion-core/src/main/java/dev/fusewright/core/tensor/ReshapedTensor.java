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
