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

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Resize and Upsample: every mode is a product of one-dimensional ones, so that axes are resized
 * one after the other.
 */
final class Resizing {
  static final Map<String, Operator> OPERATORS =
      Map.of("Resize", one(Resizing::resize), "Upsample", one(Resizing::upsample));

  /** The source elements of one element of the result, and their weights. */
  private record Taps(int[] places, double[] weights) {}

  /** Interpolation and coordinate mapping, as attributes of Resize give them. */
  private record Mode(
      String mode, String coordinates, String nearest, double cubic, boolean excludeOutside) {
    /** Before operator set 11 there was one way: nearest rounds down, or up where it shrinks. */
    static Mode simple(OpCall call) {
      return new Mode(call.text("mode", "nearest"), "asymmetric", "simple", 0, false);
    }

    static Mode of(OpCall call) {
      return new Mode(
          call.text("mode", "nearest"),
          call.text("coordinate_transformation_mode", "half_pixel"),
          call.text("nearest_mode", "round_prefer_floor"),
          call.real("cubic_coeff_a", -0.75f),
          call.flag("exclude_outside"));
    }
  }

  private Resizing() {}

  private static NdArray upsample(OpCall call) {
    NdArray x = call.input(0);
    List<Float> attribute =
        call.node().attributes().get("scales") instanceof Attribute.Reals reals
            ? reals.values()
            : null;
    double[] scales =
        attribute == null
            ? call.input(1).values()
            : attribute.stream().mapToDouble(Float::doubleValue).toArray();
    return resized(call, x, allAxes(x), scales, null, Mode.simple(call));
  }

  private static NdArray resize(OpCall call) {
    NdArray x = call.input(0);
    if (call.opset() < 11) {
      return resized(call, x, allAxes(x), call.input(1).values(), null, Mode.simple(call));
    }
    String policy = call.text("keep_aspect_ratio_policy", "stretch");
    if (call.flag("antialias") || !policy.equals("stretch")) {
      throw call.unsupported("antialias, or keep_aspect_ratio_policy = \"" + policy + "\"");
    }
    int[] given = call.ints("axes");
    int[] axes = given == null ? allAxes(x) : call.axes(given, x.rank());
    NdArray scales = call.optional(2);
    NdArray sizes = call.optional(3);
    if (sizes != null && sizes.size() > 0) {
      return resized(call, x, axes, null, OpCall.toInts(sizes), Mode.of(call));
    }
    if (scales == null || scales.size() == 0) {
      throw call.invalid("scales and sizes are missing");
    }
    return resized(call, x, axes, scales.values(), null, Mode.of(call));
  }

  private static int[] allAxes(NdArray x) {
    return IntStream.range(0, x.rank()).toArray();
  }

  private static NdArray resized(
      OpCall call,
      NdArray x,
      int[] axes,
      double @Nullable [] scales,
      int @Nullable [] sizes,
      Mode mode) {
    NdArray result = x;
    for (int i = 0; i < axes.length; i++) {
      int in = x.dim(axes[i]);
      int out = sizes != null ? sizes[i] : scales != null ? (int) Math.floor(in * scales[i]) : in;
      double scale = scales != null ? scales[i] : (double) out / in;
      if (out != in || scale != 1) {
        Taps[] taps = new Taps[out];
        for (int at = 0; at < out; at++) {
          taps[at] = taps(call, mode, position(call, mode, at, scale, in, out), scale, in);
        }
        result = along(result, axes[i], taps);
      }
    }
    return result;
  }

  /** Where in the data an element of the result lies. */
  private static double position(OpCall call, Mode mode, int at, double scale, int in, int out) {
    double centre = (at + 0.5) / scale - 0.5;
    return switch (mode.coordinates()) {
      case "half_pixel" -> centre;
      case "pytorch_half_pixel" -> out > 1 ? centre : 0;
      case "half_pixel_symmetric" -> centre + in / 2.0 * (1 - out / (scale * in));
      // As in ONNX's examples, the exact size counts here, before it is rounded down.
      case "align_corners" -> out == 1 ? 0 : at * (in - 1.0) / (scale * in - 1);
      case "asymmetric" -> at / scale;
      case "tf_half_pixel_for_nn" -> (at + 0.5) / scale;
      default ->
          throw call.unsupported("coordinate_transformation_mode = \"" + mode.coordinates() + "\"");
    };
  }

  private static Taps taps(OpCall call, Mode mode, double position, double scale, int in) {
    int floor = (int) Math.floor(position);
    double fraction = position - floor;
    return switch (mode.mode()) {
      case "nearest" -> {
        int place = (int) nearest(call, mode.nearest(), position, scale);
        yield new Taps(new int[] {clamp(place, in)}, new double[] {1});
      }
      case "linear", "bilinear" ->
          new Taps(
              new int[] {clamp(floor, in), clamp(floor + 1, in)},
              new double[] {1 - fraction, fraction});
      case "cubic" -> cubic(mode, floor, fraction, in);
      default -> throw call.unsupported("mode = \"" + mode.mode() + "\"");
    };
  }

  private static double nearest(OpCall call, String rounding, double position, double scale) {
    return switch (rounding) {
      case "round_prefer_floor" -> Math.ceil(position - 0.5);
      case "round_prefer_ceil" -> Math.floor(position + 0.5);
      case "floor" -> Math.floor(position);
      case "ceil" -> Math.ceil(position);
      case "simple" -> scale < 1 ? Math.ceil(position) : Math.floor(position);
      default -> throw call.unsupported("nearest_mode = \"" + rounding + "\"");
    };
  }

  private static Taps cubic(Mode mode, int floor, double fraction, int in) {
    double a = mode.cubic();
    double far = 1 - fraction;
    double[] weights = {
      outer(a, 1 + fraction), inner(a, fraction), inner(a, far), outer(a, 1 + far)
    };
    int[] places = new int[weights.length];
    for (int i = 0; i < places.length; i++) {
      int place = floor - 1 + i;
      places[i] = clamp(place, in);
      if (mode.excludeOutside() && place != places[i]) {
        weights[i] = 0;
      }
    }
    double sum = mode.excludeOutside() ? Arrays.stream(weights).sum() : 1;
    return new Taps(places, Arrays.stream(weights).map(weight -> weight / sum).toArray());
  }

  /** Keys' kernel at a distance of at most 1. */
  private static double inner(double a, double distance) {
    return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
  }

  /** Keys' kernel at a distance between 1 and 2. */
  private static double outer(double a, double distance) {
    return ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a;
  }

  private static int clamp(int place, int size) {
    return Math.min(Math.max(place, 0), size - 1);
  }

  private static NdArray along(NdArray x, int axis, Taps[] taps) {
    long[] dims = x.shape().dims().stream().mapToLong(Long::longValue).toArray();
    int size = x.dim(axis);
    dims[axis] = taps.length;
    Shape shape = Shape.of(dims);
    int step = Math.toIntExact(shape.elementCount(axis + 1, x.rank()));
    int outer = Math.toIntExact(shape.elementCount(0, axis));
    double[] y = Strided.allocate(shape);
    for (int i = 0; i < outer; i++) {
      for (int at = 0; at < taps.length; at++) {
        int to = (i * taps.length + at) * step;
        for (int k = 0; k < taps[at].places().length; k++) {
          int from = (i * size + taps[at].places()[k]) * step;
          double weight = taps[at].weights()[k];
          // A neighbour that does not count may be infinite.
          for (int j = 0; j < step && weight != 0; j++) {
            y[to + j] += weight * x.values()[from + j];
          }
        }
      }
    }
    return NdArray.of(x.type(), shape, y);
  }
}
