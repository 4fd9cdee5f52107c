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
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * A weight multiplied by one factor per channel while it is read: the folded weight {@code W' = W ·
 * s}.
 *
 * <p>Every element is {@code round(double(w) · s)}, rounded once into the weight's type. With
 * factors that are float32 values and a float32 weight this is exactly the float32 product, since a
 * product of two 24-bit significands is exact in a double: so the same expression serves PyTorch's
 * arithmetic and ours.
 */
public final class ChannelScaled implements Tensor {
  private static final int CHUNK = 4096;

  /** From this many elements of one channel side by side on, they are scaled by one factor. */
  private static final int LONG_RUN = 64;

  private final Tensor source;
  private final ChannelAxis axis;
  private final double[] factors;
  private final boolean single;

  /**
   * A scaled view.
   *
   * @param factors one per channel
   * @throws IllegalArgumentException if the weight has another number of channels, or a type that
   *     cannot hold a fold
   */
  public ChannelScaled(Tensor source, ChannelAxis axis, double[] factors) {
    if (axis.channels(source.shape()) != factors.length) {
      throw new IllegalArgumentException(
          "%d factors for the %d channels of %s"
              .formatted(factors.length, axis.channels(source.shape()), source.shape()));
    }
    if (!source.type().isFoldable()) {
      throw new IllegalArgumentException("cannot scale " + source.type().text());
    }
    this.source = source;
    this.axis = axis;
    this.factors = factors.clone();
    this.single = source.type() == ElementType.FLOAT && allFloats(factors);
  }

  /**
   * As the constructor; factors of an earlier scaling of the same axis are multiplied before the
   * weight is rounded, so that a chain of scalings rounds once.
   */
  public static ChannelScaled of(Tensor source, ChannelAxis axis, double[] factors) {
    if (!(source instanceof ChannelScaled earlier) || !earlier.axis.equals(axis)) {
      return new ChannelScaled(source, axis, factors);
    }
    double[] both = earlier.factors();
    Arrays.setAll(both, c -> both[c] * factors[c]);
    return new ChannelScaled(earlier.source, axis, both);
  }

  private static boolean allFloats(double[] factors) {
    for (double factor : factors) {
      if ((float) factor != factor) {
        return false;
      }
    }
    return true;
  }

  /** The weight before scaling. */
  public Tensor source() {
    return source;
  }

  /** Which channel each element belongs to. */
  public ChannelAxis axis() {
    return axis;
  }

  /** One factor per channel, a copy. */
  public double[] factors() {
    return factors.clone();
  }

  @Override
  public ElementType type() {
    return source.type();
  }

  @Override
  public Shape shape() {
    return source.shape();
  }

  @Override
  public void read(long offset, ByteBuffer destination) {
    int size = type().bits() / 8;
    int start = destination.position();
    source.read(offset, destination);
    ByteBuffer bytes =
        destination
            .duplicate()
            .order(ByteOrder.LITTLE_ENDIAN)
            .position(start)
            .limit(destination.position());
    if (type() == ElementType.FLOAT) {
      scaleFloats(offset / size, bytes.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer());
    } else {
      scaleAny(offset / size, bytes);
    }
  }

  private void scaleFloats(long element, FloatBuffer values) {
    float[] chunk = new float[Math.min(CHUNK, values.remaining())];
    ChannelFactors each = new ChannelFactors(axis, shape(), factors);
    boolean isByRuns = single && each.run() >= LONG_RUN;
    while (values.hasRemaining()) {
      int count = Math.min(chunk.length, values.remaining());
      values.get(values.position(), chunk, 0, count);
      if (isByRuns) {
        scaleRuns(chunk, count, element, each);
      } else {
        RoundedProducts.scale(chunk, each.of(element, count), count);
      }
      values.put(chunk, 0, count);
      element += count;
    }
  }

  /** By factors that are floats: the product of two is rounded once in either type. */
  private static void scaleRuns(float[] chunk, int count, long element, ChannelFactors each) {
    for (int done = 0; done < count; ) {
      int end = (int) Math.min(count, done + each.run() - (element + done) % each.run());
      float factor = (float) each.of(element + done);
      while (done < end) {
        chunk[done++] *= factor;
      }
    }
  }

  private void scaleAny(long element, ByteBuffer bytes) {
    ElementCodec codec = ElementCodec.of(type());
    int size = type().bits() / 8;
    ChannelFactors each = new ChannelFactors(axis, shape(), factors);
    double[] chunk = new double[Math.min(CHUNK, bytes.remaining() / size)];
    while (bytes.hasRemaining()) {
      int count = Math.min(chunk.length, bytes.remaining() / size);
      int position = bytes.position();
      codec.decode(bytes, chunk, 0, count);
      double[] factor = each.of(element, count);
      for (int i = 0; i < count; i++) {
        chunk[i] *= factor[i];
      }
      bytes.position(position);
      codec.encode(chunk, 0, count, bytes);
      element += count;
    }
  }
}
