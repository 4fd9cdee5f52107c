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

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A size for every dimension of a model's inputs that the model leaves open; equal names get equal
 * sizes.
 *
 * <p>A model that leaves its height open still often runs only at some heights. So there are
 * several proposals, to be tried in order until the original runs.
 */
public final class DimSizes {
  private static final long[] BATCH = {1};
  private static final long[] CHANNELS = {3, 1, 4};
  private static final long[] SPATIAL = {64, 32, 224, 128, 256, 320, 48, 299, 28, 16, 640, 8};
  private static final long[] LENGTH = {16, 32, 64, 8, 128, 256, 224, 512, 1, 1000, 4, 2};

  private final Map<String, Long> sizes;

  private DimSizes(Map<String, Long> sizes) {
    this.sizes = sizes;
  }

  /** Probable meaning of an open dimension. */
  private enum Role {
    BATCH,
    CHANNELS,
    SPATIAL,
    LENGTH
  }

  /** Sizes to try, the most probable first; a single one if nothing is open. */
  public static List<DimSizes> proposals(List<ValueInfo> inputs) {
    Map<String, Role> open = open(inputs);
    List<DimSizes> proposals = new ArrayList<>();
    long[] channels = open.containsValue(Role.CHANNELS) ? CHANNELS : new long[] {1};
    int extents =
        open.containsValue(Role.SPATIAL) || open.containsValue(Role.LENGTH) ? SPATIAL.length : 1;
    for (long channel : channels) {
      for (int extent = 0; extent < extents; extent++) {
        proposals.add(of(open, BATCH[0], channel, SPATIAL[extent], LENGTH[extent]));
      }
    }
    return proposals;
  }

  /**
   * Sizes to try beside {@code first}: another batch and other extents, then one of the two; empty
   * if nothing is open.
   */
  public static List<DimSizes> alternatives(List<ValueInfo> inputs, DimSizes first) {
    Map<String, Role> open = open(inputs);
    List<DimSizes> alternatives = new ArrayList<>();
    for (long batch : new long[] {2, 1}) {
      for (double factor : new double[] {1.5, 2, 1}) {
        Map<String, Long> sizes = new LinkedHashMap<>(first.sizes);
        open.forEach(
            (key, role) -> {
              switch (role) {
                case BATCH -> sizes.put(key, batch);
                case SPATIAL, LENGTH ->
                    sizes.computeIfPresent(key, (k, size) -> (long) Math.ceil(size * factor));
                case CHANNELS -> sizes.computeIfPresent(key, (k, size) -> size);
              }
            });
        boolean isNew =
            !sizes.equals(first.sizes)
                && alternatives.stream().noneMatch(a -> a.sizes.equals(sizes));
        if (isNew) {
          alternatives.add(new DimSizes(sizes));
        }
      }
    }
    return alternatives;
  }

  private static DimSizes of(
      Map<String, Role> open, long batch, long channels, long spatial, long length) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    open.forEach(
        (key, role) ->
            sizes.put(
                key,
                switch (role) {
                  case BATCH -> batch;
                  case CHANNELS -> channels;
                  case SPATIAL -> spatial;
                  case LENGTH -> length;
                }));
    return new DimSizes(sizes);
  }

  private static Map<String, Role> open(List<ValueInfo> inputs) {
    Map<String, Role> open = new LinkedHashMap<>();
    for (ValueInfo input : inputs) {
      List<Dim> dims = dims(input);
      for (int axis = 0; axis < dims.size(); axis++) {
        if (!(dims.get(axis) instanceof Dim.Fixed)) {
          open.putIfAbsent(key(input, dims.get(axis), axis), role(dims, axis));
        }
      }
    }
    return open;
  }

  /** An input of unknown rank is taken for an image. */
  private static List<Dim> dims(ValueInfo input) {
    List<Dim> dims = input.dims();
    Dim unknown = new Dim.Unknown();
    return dims == null ? List.of(unknown, unknown, unknown, unknown) : dims;
  }

  private static Role role(List<Dim> dims, int axis) {
    if (dims.size() == 1) {
      return Role.LENGTH;
    }
    if (axis == 0) {
      return Role.BATCH;
    }
    if (dims.size() >= 4) {
      return axis == 1 ? Role.CHANNELS : Role.SPATIAL;
    }
    // [batch, channels, length] or [batch, length, features]: what is open is the length, unless
    // both are.
    boolean bothOpen =
        dims.size() == 3
            && !(dims.get(1) instanceof Dim.Fixed)
            && !(dims.get(2) instanceof Dim.Fixed);
    return bothOpen && axis == 1 ? Role.CHANNELS : Role.LENGTH;
  }

  private static String key(ValueInfo input, Dim dim, int axis) {
    return dim instanceof Dim.Symbolic symbolic ? symbolic.name() : input.name() + "#" + axis;
  }

  /**
   * The shape of one input under these sizes.
   *
   * @throws IllegalArgumentException if it has more {@link #elements} than can be counted
   */
  public Shape shape(ValueInfo input) {
    return new Shape(extents(input));
  }

  /** The number of one input's elements, however large; where it cannot be counted, not 0. */
  public double elements(ValueInfo input) {
    double counted = 1;
    double elements = 1;
    for (long extent : extents(input)) {
      counted *= Math.max(1, extent);
      elements *= extent;
    }
    return counted >= Long.MAX_VALUE ? counted : elements;
  }

  /** The extents of one input under these sizes, outermost first. */
  public List<Long> extents(ValueInfo input) {
    List<Dim> dims = dims(input);
    List<Long> shape = new ArrayList<>();
    for (int axis = 0; axis < dims.size(); axis++) {
      Dim dim = dims.get(axis);
      shape.add(
          dim instanceof Dim.Fixed fixed
              ? fixed.size()
              : sizes.getOrDefault(key(input, dim, axis), 1L));
    }
    return shape;
  }
}
