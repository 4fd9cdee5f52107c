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
    while (values.hasRemaining()) {
      int count = Math.min(chunk.length, values.remaining());
      values.get(values.position(), chunk, 0, count);
      int done = 0;
      while (done < count) {
        done += scaleRun(element + done, chunk, done, count);
      }
      values.put(chunk, 0, count);
      element += count;
    }
  }

  /**
   * Scales to the end of the run, or of the row where a run is one element; returns how many it
   * did.
   */
  private int scaleRun(long element, float[] chunk, int from, int limit) {
    long run = axis.run(shape());
    long index = element / run;
    int channel = axis.channelOfRun(shape(), index);
    if (run == 1) {
      int count =
          (int) Math.min(limit - from, shape().dim(axis.axis()) - index % shape().dim(axis.axis()));
      for (int i = 0; i < count; i++) {
        chunk[from + i] = (float) (chunk[from + i] * factors[channel + i]);
      }
      return count;
    }
    int end = (int) Math.min(limit, from + (run - element % run));
    if (single) {
      float factor = (float) factors[channel];
      for (int i = from; i < end; i++) {
        chunk[i] *= factor;
      }
    } else {
      double factor = factors[channel];
      for (int i = from; i < end; i++) {
        chunk[i] = (float) (chunk[i] * factor);
      }
    }
    return end - from;
  }

  private void scaleAny(long element, ByteBuffer bytes) {
    ElementCodec codec = ElementCodec.of(type());
    int size = type().bits() / 8;
    long run = axis.run(shape());
    double[] chunk = new double[CHUNK];
    while (bytes.hasRemaining()) {
      int count = Math.min(CHUNK, bytes.remaining() / size);
      int position = bytes.position();
      codec.decode(bytes, chunk, 0, count);
      for (int i = 0; i < count; i++) {
        chunk[i] *= factors[axis.channelOfRun(shape(), (element + i) / run)];
      }
      bytes.position(position);
      codec.encode(chunk, 0, count, bytes);
      element += count;
    }
  }
}
