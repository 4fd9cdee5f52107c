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
package dev.fusewright.core.text;

import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.tensor.TensorSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The source of a tensor whose values a text leaves out. Real numbers are made up, so that what
 * depends on the structure alone can be told: all different, from 0.5 to below 1.5. Other values
 * decide what a graph is, and are not.
 *
 * @param place line and column, and the type of the tensor
 */
record ElidedValues(ElementType type, String place) implements TensorSource {
  private static final int CHUNK = 1024;
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  @Override
  public void read(long offset, ByteBuffer destination) {
    if (!type.isFoldable()) {
      throw new TensorReadException(
          "%s: the text leaves out values that are needed: write them out".formatted(place), null);
    }
    ByteBuffer out = destination.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int size = type.bits() / 8;
    long index = offset / size;
    while (out.remaining() >= size) {
      double[] values = new double[Math.min(CHUNK, out.remaining() / size)];
      for (int i = 0; i < values.length; i++) {
        values[i] = 0.5 + (((index + i + 1) * GOLDEN_GAMMA) >>> 11) * 0x1p-53;
      }
      ElementCodec.of(type).encode(values, 0, values.length, out);
      index += values.length;
    }
    destination.position(out.position());
  }
}
