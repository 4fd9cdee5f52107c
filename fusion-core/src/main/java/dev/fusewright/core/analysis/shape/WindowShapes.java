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
package dev.fusewright.core.analysis.shape;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Convolutions and pooling: {@code [N, C, D1, D2, …]} seen through a window. */
final class WindowShapes {
  /**
   * How a window moves along one axis.
   *
   * @param extent of the kernel with its gaps
   */
  private record Window(
      SymbolicDim extent, long stride, long begin, long end, String auto, boolean isCeiling) {
    /** The number of places that it has on an axis. */
    SymbolicDim places(SymbolicDim axis) {
      return switch (auto) {
        case "SAME_UPPER", "SAME_LOWER" -> axis.plus(stride - 1).dividedBy(stride);
        case "VALID" -> places(axis.minus(extent), axis);
        case "NOTSET", "" ->
            places(
                axis.plus(SymbolicDim.of(begin)).plus(SymbolicDim.of(end)).minus(extent),
                axis.plus(SymbolicDim.of(begin)));
        default -> SymbolicDim.UNKNOWN;
      };
    }

    /**
     * Rounded up, a last place is left out that would begin in the padding at the end; versions of
     * runtimes differ in that, so that it is unknown there.
     *
     * @param room how far the window can move
     * @param reach where the padding at the end begins
     */
    private SymbolicDim places(SymbolicDim room, SymbolicDim reach) {
      if (room.constant().orElse(0) < 0) {
        return SymbolicDim.UNKNOWN;
      }
      if (!isCeiling) {
        return room.dividedBy(stride).plus(1);
      }
      SymbolicDim rounded = room.plus(stride - 1).dividedBy(stride);
      boolean beginsInside = reach.minus(rounded.times(stride)).isAtLeast(1);
      boolean isWide = extent.minus(SymbolicDim.of(stride)).minus(SymbolicDim.of(end)).isAtLeast(0);
      return beginsInside || (isWide && !auto.equals("VALID"))
          ? rounded.plus(1)
          : SymbolicDim.UNKNOWN;
    }
  }

  private WindowShapes() {}

  /** The shapes of the outputs; null where the operator is of another family. */
  static @Nullable List<SymbolicShape> infer(InferenceCall call) {
    return switch (call.node().op().type()) {
      case "Conv", "ConvInteger" -> List.of(convolution(call, call.shape(0), call.shape(1)));
      case "QLinearConv" -> List.of(convolution(call, call.shape(0), call.shape(3)));
      case "ConvTranspose" -> List.of(transposed(call));
      case "MaxPool", "AveragePool", "LpPool" -> pool(call);
      case "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool" -> List.of(global(call));
      case "MaxUnpool" -> List.of(call.shape(0).withoutSizes());
      default -> null;
    };
  }

  private static SymbolicShape convolution(
      InferenceCall call, SymbolicShape x, SymbolicShape weight) {
    SymbolicShape like = weight.hasRank() ? weight : x;
    int spatial = like.rank() - 2;
    if (spatial < 1) {
      return SymbolicShape.UNKNOWN;
    }
    boolean fits = x.rank() == like.rank();
    List<SymbolicDim> dims = new ArrayList<>();
    dims.add(fits ? x.dim(0).weakened(x.basis()) : SymbolicDim.UNKNOWN);
    dims.add(weight.dim(0));
    Attributes attributes = Attributes.of(call, spatial);
    for (int axis = 0; axis < spatial; axis++) {
      SymbolicDim size = x.dim(axis + 2).weakened(x.basis());
      dims.add(
          fits && attributes != null
              ? attributes.window(axis, kernel(call, weight, axis)).places(size)
              : SymbolicDim.UNKNOWN);
    }
    return like.withDims(dims);
  }

  /** From the weight, or from the attribute where the weight is not known. */
  private static SymbolicDim kernel(InferenceCall call, SymbolicShape weight, int axis) {
    long[] stated = call.ints("kernel_shape");
    return weight.hasRank() || stated == null || axis >= stated.length
        ? weight.dim(axis + 2)
        : SymbolicDim.of(stated[axis]);
  }

  private static SymbolicShape transposed(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    SymbolicShape weight = call.shape(1);
    SymbolicShape like = weight.hasRank() ? weight : x;
    int spatial = like.rank() - 2;
    if (spatial < 1) {
      return SymbolicShape.UNKNOWN;
    }
    boolean fits = x.rank() == like.rank();
    List<SymbolicDim> dims = new ArrayList<>();
    dims.add(fits ? x.dim(0).weakened(x.basis()) : SymbolicDim.UNKNOWN);
    dims.add(weight.dim(1).times(call.integer("group", 1)));
    Attributes attributes = Attributes.of(call, spatial);
    long[] extra = Attributes.filled(call.ints("output_padding"), spatial, 0);
    for (int axis = 0; axis < spatial; axis++) {
      SymbolicDim size = x.dim(axis + 2).weakened(x.basis());
      dims.add(
          fits && attributes != null && extra != null
              ? transposed(
                  call,
                  attributes.window(axis, kernel(call, weight, axis)),
                  size,
                  axis,
                  extra[axis])
              : SymbolicDim.UNKNOWN);
    }
    return like.withDims(dims);
  }

  private static SymbolicDim transposed(
      InferenceCall call, Window window, SymbolicDim size, int axis, long extra) {
    long[] stated = call.ints("output_shape");
    int spatial = call.shape(0).rank() - 2;
    SymbolicDim result;
    if (stated != null) {
      // Some exporters state batch and channels too.
      int at = stated.length - spatial + axis;
      result = at < 0 || at >= stated.length ? SymbolicDim.UNKNOWN : SymbolicDim.of(stated[at]);
    } else if (window.auto().startsWith("SAME_")) {
      result = size.times(window.stride());
    } else {
      SymbolicDim whole =
          size.minus(SymbolicDim.of(1))
              .times(window.stride())
              .plus(SymbolicDim.of(extra))
              .plus(window.extent());
      result =
          window.auto().equals("VALID")
              ? whole
              : whole.minus(SymbolicDim.of(window.begin())).minus(SymbolicDim.of(window.end()));
    }
    return result.constant().orElse(0) < 0 ? SymbolicDim.UNKNOWN : result;
  }

  private static List<SymbolicShape> pool(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    long[] kernel = call.ints("kernel_shape");
    int spatial = x.rank() - 2;
    if (spatial < 1) {
      return List.of(SymbolicShape.UNKNOWN);
    }
    Attributes attributes = Attributes.of(call, spatial);
    boolean fits = kernel != null && kernel.length == spatial && attributes != null;
    List<SymbolicDim> dims = new ArrayList<>(x.sizes());
    for (int axis = 0; axis < spatial; axis++) {
      dims.set(
          axis + 2,
          fits && kernel != null && attributes != null
              ? attributes.window(axis, SymbolicDim.of(kernel[axis])).places(x.dim(axis + 2))
              : SymbolicDim.UNKNOWN);
    }
    SymbolicShape y = x.withDims(dims);
    return List.of(y, y);
  }

  private static SymbolicShape global(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    SymbolicShape y = x;
    for (int axis = 2; axis < x.rank(); axis++) {
      y = y.withDim(axis, SymbolicDim.of(1));
    }
    return y;
  }

  /** The attributes that all windows have, one number for each axis. */
  @SuppressWarnings("ArrayRecordComponent") // Never leaves this class.
  private record Attributes(
      long[] strides, long[] dilations, long[] pads, String auto, boolean isCeiling) {
    /** Null where they do not fit the number of axes, or are no strides and dilations. */
    static @Nullable Attributes of(InferenceCall call, int spatial) {
      long[] strides = filled(call.ints("strides"), spatial, 1);
      long[] dilations = filled(call.ints("dilations"), spatial, 1);
      long[] pads = filled(call.ints("pads"), 2 * spatial, 0);
      if (strides == null || dilations == null || pads == null) {
        return null;
      }
      for (int axis = 0; axis < spatial; axis++) {
        if (strides[axis] < 1 || dilations[axis] < 1) {
          return null;
        }
      }
      return new Attributes(
          strides,
          dilations,
          pads,
          call.text("auto_pad", "NOTSET"),
          call.integer("ceil_mode", 0) != 0);
    }

    static long @Nullable [] filled(long @Nullable [] given, int count, long absent) {
      if (given != null) {
        return given.length == count ? given : null;
      }
      long[] values = new long[count];
      java.util.Arrays.fill(values, absent);
      return values;
    }

    Window window(int axis, SymbolicDim kernel) {
      SymbolicDim gaps = kernel.minus(SymbolicDim.of(1)).times(dilations[axis]);
      SymbolicDim extent = kernel.isAtLeast(1) ? gaps.plus(1) : SymbolicDim.UNKNOWN;
      return new Window(
          extent, strides[axis], pads[axis], pads[strides.length + axis], auto, isCeiling);
    }
  }
}
