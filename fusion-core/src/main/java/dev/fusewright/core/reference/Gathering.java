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
package dev.fusewright.core.reference;

import static dev.fusewright.core.reference.Operators.one;
import static java.util.Map.entry;

import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Operators that look elements up by indices, which count from the end where they are negative. */
final class Gathering {
  static final Map<String, Operator> OPERATORS =
      Map.ofEntries(
          entry("Gather", one(Gathering::gather)),
          entry("GatherElements", one(Gathering::gatherElements)),
          entry("GatherND", one(Gathering::gatherNd)),
          entry("ScatterElements", one(Gathering::scatterElements)),
          entry("ScatterND", one(Gathering::scatterNd)));

  private Gathering() {}

  private static int index(OpCall call, double index, int size) {
    double counted = index < 0 ? index + size : index;
    if (counted < 0 || counted >= size) {
      throw call.invalid("index %d of an axis of %d".formatted((long) index, size));
    }
    return (int) counted;
  }

  private static NdArray gather(OpCall call) {
    NdArray data = call.input(0);
    NdArray indices = call.input(1);
    int axis = call.axis(call.integer("axis", 0), data.rank());
    List<Long> dims = new ArrayList<>(data.shape().dims().subList(0, axis));
    dims.addAll(indices.shape().dims());
    dims.addAll(data.shape().dims().subList(axis + 1, data.rank()));
    Shape shape = new Shape(dims);
    int outer = Math.toIntExact(data.shape().elementCount(0, axis));
    int run = Math.toIntExact(data.shape().elementCount(axis + 1, data.rank()));
    double[] y = Strided.allocate(shape);
    int to = 0;
    for (int i = 0; i < outer; i++) {
      for (double value : indices.values()) {
        int from = (i * data.dim(axis) + index(call, value, data.dim(axis))) * run;
        System.arraycopy(data.values(), from, y, to, run);
        to += run;
      }
    }
    return NdArray.of(data.type(), shape, y);
  }

  private static NdArray gatherElements(OpCall call) {
    NdArray data = call.input(0);
    NdArray indices = call.input(1);
    int[] places = elementPlaces(call, data, indices);
    double[] y = new double[indices.size()];
    for (int i = 0; i < y.length; i++) {
      y[i] = data.values()[places[i]];
    }
    return NdArray.of(data.type(), indices.shape(), y);
  }

  /** For each index, the offset in {@code data} of the element with that index along the axis. */
  private static int[] elementPlaces(OpCall call, NdArray data, NdArray indices) {
    int axis = call.axis(call.integer("axis", 0), data.rank());
    int[] strides = Strided.strides(data.shape());
    int along = strides[axis];
    strides[axis] = 0;
    int[] position = new int[data.rank()];
    int[] places = new int[indices.size()];
    int base = 0;
    for (int i = 0; i < places.length; i++) {
      places[i] = base + index(call, indices.values()[i], data.dim(axis)) * along;
      base += Strided.advance(position, strides, indices.shape());
    }
    return places;
  }

  private static NdArray gatherNd(OpCall call) {
    NdArray data = call.input(0);
    NdArray indices = call.input(1);
    if (call.integer("batch_dims", 0) != 0) {
      throw call.unsupported("batch_dims above 0");
    }
    int depth = indices.dim(indices.rank() - 1);
    List<Long> dims = new ArrayList<>(indices.shape().dims().subList(0, indices.rank() - 1));
    dims.addAll(data.shape().dims().subList(depth, data.rank()));
    Shape shape = new Shape(dims);
    int run = Math.toIntExact(data.shape().elementCount(depth, data.rank()));
    double[] y = Strided.allocate(shape);
    for (int i = 0; i < indices.size() / depth; i++) {
      System.arraycopy(data.values(), slicePlace(call, data, indices, i, depth), y, i * run, run);
    }
    return NdArray.of(data.type(), shape, y);
  }

  /** The offset of the slice that the {@code i}-th tuple of indices names. */
  private static int slicePlace(OpCall call, NdArray data, NdArray indices, int i, int depth) {
    int[] strides = Strided.strides(data.shape());
    int place = 0;
    for (int axis = 0; axis < depth; axis++) {
      place += index(call, indices.values()[i * depth + axis], data.dim(axis)) * strides[axis];
    }
    return place;
  }

  private static void refuseReduction(OpCall call) {
    String reduction = call.text("reduction", "none");
    if (!reduction.equals("none")) {
      throw call.unsupported("reduction = \"" + reduction + "\"");
    }
  }

  private static NdArray scatterElements(OpCall call) {
    refuseReduction(call);
    NdArray data = call.input(0);
    int[] places = elementPlaces(call, data, call.input(1));
    double[] y = data.values().clone();
    for (int i = 0; i < places.length; i++) {
      y[places[i]] = call.input(2).values()[i];
    }
    return NdArray.of(data.type(), data.shape(), y);
  }

  private static NdArray scatterNd(OpCall call) {
    refuseReduction(call);
    NdArray data = call.input(0);
    NdArray indices = call.input(1);
    int depth = indices.dim(indices.rank() - 1);
    int run = Math.toIntExact(data.shape().elementCount(depth, data.rank()));
    double[] y = data.values().clone();
    for (int i = 0; i < indices.size() / depth; i++) {
      System.arraycopy(
          call.input(2).values(), i * run, y, slicePlace(call, data, indices, i, depth), run);
    }
    return NdArray.of(data.type(), data.shape(), y);
  }
}
