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
package dev.fusewright.core.verify.inputs;

import dev.fusewright.core.tensor.Shape;
import org.jspecify.annotations.Nullable;

/** The place of one element in a tensor, moved along in row-major order. */
final class Place {
  private static final int BLOCKS_PER_AXIS = 8;
  private static final double[] IMAGENET_MEAN = {0.485, 0.456, 0.406};
  private static final double[] IMAGENET_DEVIATION = {0.229, 0.224, 0.225};

  private final long[] dims;
  private final int firstSpatial;
  private final long[] index;
  private final Axes axes;
  private final long seed;
  private @Nullable Plane plane;

  /**
   * The first place of a tensor.
   *
   * @param seed of the scenes of which the tensor may be a picture or a recording
   */
  Place(Shape shape, long seed) {
    this.axes = Axes.of(shape);
    this.seed = seed;
    this.dims = shape.dims().stream().mapToLong(Long::longValue).toArray();
    this.firstSpatial = Math.max(0, Math.min(2, shape.rank() - 1));
    this.index = new long[shape.rank()];
  }

  void next() {
    for (int axis = index.length - 1; axis >= 0; axis--) {
      index[axis]++;
      if (index[axis] < dims[axis] || axis == 0) {
        return;
      }
      index[axis] = 0;
    }
  }

  /**
   * Whether the element is the first or the last along every spatial axis (along the last one up to
   * rank 2).
   */
  boolean isCorner() {
    for (int axis = firstSpatial; axis < index.length; axis++) {
      if (index[axis] != 0 && index[axis] != dims[axis] - 1) {
        return false;
      }
    }
    return true;
  }

  /** A number that changes from block to block, of which there are eight along every axis. */
  long block() {
    long block = 0;
    for (int axis = 0; axis < index.length; axis++) {
      block += index[axis] * BLOCKS_PER_AXIS / dims[axis];
    }
    return block;
  }

  /** The brightness of a page of print at this place, the same in every channel. */
  double page() {
    return new Page(scene(), axes.size(dims, axes.y())).at(at(axes.y()), at(axes.x()));
  }

  /** The brightness of a photograph at this place. */
  double photograph() {
    double light = plane().at(at(axes.y()), at(axes.x()));
    return light * (1 - 0.1 * (at(axes.channel()) % 3));
  }

  private Plane plane() {
    long scene = scene();
    if (plane == null || !plane.isOf(scene)) {
      long height = axes.size(dims, axes.y());
      long width = axes.size(dims, axes.x());
      plane = new Plane(new Photograph(scene, Math.max(height, width)), height, width);
    }
    return plane;
  }

  double step() {
    return signal().step(at(axes.channel()), at(axes.x()));
  }

  double sine() {
    return signal().sine(at(axes.channel()), at(axes.x()));
  }

  /** A brightness as models that were trained on ImageNet expect it in this channel. */
  double normalized(double brightness) {
    int channel = (int) (at(axes.channel()) % IMAGENET_MEAN.length);
    return (brightness - IMAGENET_MEAN[channel]) / IMAGENET_DEVIATION[channel];
  }

  private Signal signal() {
    return new Signal(scene(), axes.size(dims, axes.x()));
  }

  /** Every element of a batch is another scene. */
  private long scene() {
    return seed + (axes.channel() == 0 || index.length < 2 ? 0 : index[0]);
  }

  private long at(int axis) {
    return axis == Axes.NONE ? 0 : index[axis];
  }
}
