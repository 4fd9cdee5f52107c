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
import java.util.Optional;

/** Reading tensors as numbers. */
public final class Tensors {
  private static final int CHUNK = 1 << 14;
  private static final int COMPARED = 1 << 16;

  private Tensors() {}

  /** Receives the elements of a tensor in order, chunk by chunk. */
  @FunctionalInterface
  public interface ChunkConsumer {
    /**
     * The next elements.
     *
     * @param first index of {@code values[0]} among the tensor's elements
     * @param values reused between calls
     * @param count how many of {@code values} count
     */
    void accept(long first, double[] values, int count);
  }

  /**
   * All elements, for tensors small enough to hold: vectors of parameters, shapes, axes.
   *
   * @throws IllegalArgumentException if there are more than {@code limit} elements, or no codec for
   *     the type
   */
  public static double[] doubles(Tensor tensor, int limit) {
    long count = tensor.shape().elementCount();
    if (count > limit) {
      throw new IllegalArgumentException(
          "%s%s has more than %d elements".formatted(tensor.type().text(), tensor.shape(), limit));
    }
    double[] all = new double[(int) count];
    forEachChunk(tensor, (first, values, n) -> System.arraycopy(values, 0, all, (int) first, n));
    return all;
  }

  /** All elements of a small int64 or int32 tensor, exactly. */
  public static long[] longs(Tensor tensor, int limit) {
    if (tensor.type() != ElementType.INT64) {
      double[] doubles = doubles(tensor, limit);
      long[] longs = new long[doubles.length];
      for (int i = 0; i < longs.length; i++) {
        longs[i] = (long) doubles[i];
      }
      return longs;
    }
    long count = tensor.shape().elementCount();
    if (count > limit) {
      throw new IllegalArgumentException(
          "int64" + tensor.shape() + " has more than " + limit + " elements");
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) count * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    tensor.read(0, bytes);
    long[] longs = new long[(int) count];
    bytes.flip().asLongBuffer().get(longs);
    return longs;
  }

  /** Streams a tensor of any size, in a fixed amount of memory. */
  public static void forEachChunk(Tensor tensor, ChunkConsumer consumer) {
    long total = tensor.shape().elementCount();
    double[] values = new double[(int) Math.min(CHUNK, total)];
    ChunkReader reader = new ChunkReader(tensor, values);
    for (long done = 0; done < total; done += values.length) {
      int count = (int) Math.min(values.length, total - done);
      reader.read(done, count);
      consumer.accept(done, values, count);
    }
  }

  /**
   * Whether two tensors are the same: type, shape and every bit. Elements without a fixed size, as
   * texts have none, cannot be compared: such tensors are the same only where they are one.
   *
   * @throws TensorReadException if a source fails
   */
  public static boolean areEqual(Tensor a, Tensor b) {
    if (a.equals(b)) {
      return true;
    }
    long total = a.byteCount();
    if (a.type() != b.type()
        || !a.shape().equals(b.shape())
        || (a.type().bits() == 0 && a.shape().elementCount() > 0)) {
      return false;
    }
    if (areOnePlace(a, b)) {
      return true;
    }
    int size = (int) Math.min(COMPARED, total);
    ByteBuffer first = ByteBuffer.allocate(size);
    ByteBuffer second = ByteBuffer.allocate(size);
    for (long done = 0; done < total; done += size) {
      int count = (int) Math.min(size, total - done);
      a.read(done, first.clear().limit(count));
      b.read(done, second.clear().limit(count));
      if (!first.flip().equals(second.flip())) {
        return false;
      }
    }
    return true;
  }

  private static boolean areOnePlace(Tensor a, Tensor b) {
    if (a instanceof StoredTensor one && b instanceof StoredTensor other) {
      Optional<Object> place = one.source().keptAt();
      return place.isPresent() && place.equals(other.source().keptAt());
    }
    return false;
  }
}
