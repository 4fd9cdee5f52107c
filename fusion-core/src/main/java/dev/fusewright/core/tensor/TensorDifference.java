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
 * Difference of two tensors of one type and shape, element by element and bit by bit.
 *
 * @param elements in each
 * @param differing how many of them have other bits
 * @param worst largest absolute difference of two numbers; infinite where only one of two is a
 *     number; 0 where nothing differs but the sign of a zero or the payload of a NaN
 */
public record TensorDifference(long elements, long differing, double worst) {
  private static final int CHUNK = 1 << 14;

  /**
   * Reads both once.
   *
   * @throws IllegalArgumentException if they are not of one type and shape, or of one whose
   *     elements are not whole bytes
   * @throws TensorReadException if a source fails
   */
  public static TensorDifference of(Tensor a, Tensor b) {
    int size = a.type().bits() / Byte.SIZE;
    if (a.type() != b.type()
        || !a.shape().equals(b.shape())
        || size * Byte.SIZE != a.type().bits()
        || size == 0) {
      throw new IllegalArgumentException(
          "cannot compare the elements of %s%s and %s%s"
              .formatted(a.type().text(), a.shape(), b.type().text(), b.shape()));
    }
    long elements = a.shape().elementCount();
    int chunk = (int) Math.min(CHUNK, elements);
    ByteBuffer first = ByteBuffer.allocate(chunk * size);
    ByteBuffer second = ByteBuffer.allocate(chunk * size);
    double[] left = new double[chunk];
    double[] right = new double[chunk];
    ElementCodec codec = ElementCodec.of(a.type());
    long differing = 0;
    double worst = 0;
    for (long done = 0; done < elements; done += chunk) {
      int count = (int) Math.min(chunk, elements - done);
      a.read(done * size, first.clear().limit(count * size));
      b.read(done * size, second.clear().limit(count * size));
      if (first.flip().equals(second.flip())) {
        continue;
      }
      codec.decode(first.duplicate().order(ByteOrder.LITTLE_ENDIAN), left, 0, count);
      codec.decode(second.duplicate().order(ByteOrder.LITTLE_ENDIAN), right, 0, count);
      for (int i = 0; i < count; i++) {
        if (first.slice(i * size, size).equals(second.slice(i * size, size))) {
          continue;
        }
        differing++;
        worst = Math.max(worst, distance(left[i], right[i]));
      }
    }
    return new TensorDifference(elements, differing, worst);
  }

  private static double distance(double a, double b) {
    if (Double.isNaN(a) && Double.isNaN(b)) {
      return 0;
    }
    double distance = a == b ? 0 : Math.abs(a - b);
    return Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance;
  }
}
