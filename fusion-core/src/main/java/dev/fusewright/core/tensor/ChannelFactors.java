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

/** The factors of a weight's elements, laid out as its elements lie in it. */
final class ChannelFactors {
  private final double[] factors;
  private final ChannelAxis axis;
  private final Shape shape;
  private final long run;
  private double[] each = {};

  ChannelFactors(ChannelAxis axis, Shape shape, double[] factors) {
    this.axis = axis;
    this.shape = shape;
    this.factors = factors;
    this.run = Math.max(1, axis.run(shape));
  }

  /** Elements that lie side by side and have the same factor. */
  long run() {
    return run;
  }

  /** The factor of one element. */
  double of(long element) {
    return factors[axis.channelOfRun(shape, element / run)];
  }

  /** The factors of {@code count} elements; good until the next call. */
  double[] of(long element, int count) {
    if (each.length < count) {
      each = new double[count];
    }
    for (int done = 0; done < count; ) {
      long index = (element + done) / run;
      int channel = axis.channelOfRun(shape, index);
      if (run == 1) {
        // The next channels follow, to the end of the axis.
        long size = shape.dim(axis.axis());
        int row = (int) Math.min(count - done, size - index % size);
        System.arraycopy(factors, channel, each, done, row);
        done += row;
      } else {
        int end = (int) Math.min(count, done + run - (element + done) % run);
        double factor = factors[channel];
        while (done < end) {
          each[done++] = factor;
        }
      }
    }
    return each;
  }
}
