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
 * A small tensor that was computed in float64 and is rounded once, when it is read. Folds that
 * build on one another take the {@linkplain #exact exact values}, so that a chain of folds rounds
 * once as well.
 */
public final class ComputedTensor implements Tensor {
  private final ElementType type;
  private final Shape shape;
  private final double[] values;

  /** A tensor of the given values, one per element. */
  public ComputedTensor(ElementType type, Shape shape, double[] values) {
    if (shape.elementCount() != values.length) {
      throw new IllegalArgumentException(values.length + " values for the shape " + shape);
    }
    this.type = type;
    this.shape = shape;
    this.values = values.clone();
  }

  @Override
  public ElementType type() {
    return type;
  }

  @Override
  public Shape shape() {
    return shape;
  }

  /** The values before rounding, a copy. */
  public double[] exact() {
    return values.clone();
  }

  @Override
  public void read(long offset, ByteBuffer destination) {
    int size = type.bits() / 8;
    ByteBuffer out = destination.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    ElementCodec.of(type)
        .encode(values, Math.toIntExact(offset / size), out.remaining() / size, out);
    destination.position(out.position());
  }
}
