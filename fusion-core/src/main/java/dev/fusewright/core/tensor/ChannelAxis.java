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

/**
 * Mapping from the elements of a weight to channels.
 *
 * <p>Without groups, the channel is the index along {@code axis}. With {@code groups} above 1,
 * {@code axis} is 1 and axis 0 is divided into equal groups: element {@code (i, j, …)} of a weight
 * {@code [d0, d1, …]} belongs to channel {@code (i div (d0/groups))·d1 + j}. That is the output
 * channel of a grouped ConvTranspose weight {@code [in, out/groups, …]}, and the input channel of a
 * grouped Conv weight {@code [out, in/groups, …]}.
 *
 * @param axis of the weight, at least 0
 * @param groups at least 1
 */
public record ChannelAxis(int axis, int groups) {
  /** Refuses groups on another axis than 1. */
  public ChannelAxis {
    if (axis < 0 || groups < 1 || (groups > 1 && axis != 1)) {
      throw new IllegalArgumentException("no channel axis: axis " + axis + ", groups " + groups);
    }
  }

  /** The channels lie along {@code axis}. */
  public static ChannelAxis of(int axis) {
    return new ChannelAxis(axis, 1);
  }

  /** The number of channels of a weight. */
  public long channels(Shape shape) {
    return shape.dim(axis) * groups;
  }

  /** Elements that lie side by side and belong to one channel. */
  public long run(Shape shape) {
    return shape.elementCount(axis + 1, shape.rank());
  }

  /** The channel of the {@code element}-th element of a weight, in row-major order. */
  public int channelOf(Shape shape, long element) {
    return channelOfRun(shape, element / run(shape));
  }

  /** The channel of the {@code run}-th run of a weight. */
  int channelOfRun(Shape shape, long run) {
    long size = shape.dim(axis);
    if (groups == 1) {
      return (int) (run % size);
    }
    long row = run / size;
    return (int) (row / (shape.dim(0) / groups) * size + run % size);
  }
}
