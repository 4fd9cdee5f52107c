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

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Resize and Upsample: by sizes, or by factors after which sizes are rounded down. */
final class ResizeShapes {
  private static final int MAX_AXES = 64;

  private ResizeShapes() {}

  /** The shapes of the outputs; null where the operator is of another family. */
  static @Nullable List<SymbolicShape> infer(InferenceCall call) {
    return switch (call.node().op().type()) {
      case "Resize" -> List.of(resize(call));
      case "Upsample" -> List.of(upsample(call));
      default -> null;
    };
  }

  private static SymbolicShape upsample(InferenceCall call) {
    Attribute attribute = call.node().attributes().get("scales");
    double[] scales = attribute instanceof Attribute.Reals reals ? reals(reals) : constant(call, 1);
    return scaled(call, scales, null);
  }

  private static double[] reals(Attribute.Reals reals) {
    return reals.values().stream().mapToDouble(Number::doubleValue).toArray();
  }

  private static double @Nullable [] constant(InferenceCall call, int input) {
    Tensor tensor = call.constant(input);
    return tensor != null && tensor.type().isFoldable() && tensor.shape().elementCount() <= MAX_AXES
        ? Tensors.doubles(tensor, MAX_AXES)
        : null;
  }

  private static SymbolicShape resize(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    if (call.opset() < 11) {
      return scaled(call, constant(call, 1), null);
    }
    long[] axes = call.ints("axes");
    if (!call.text("keep_aspect_ratio_policy", "stretch").equals("stretch")) {
      return x.withoutSizes();
    }
    boolean hasSizes = call.has(3) && !(call.length(3) == 0);
    if (!hasSizes) {
      return scaled(call, constant(call, 2), axes);
    }
    SymbolicTensor sizes = call.tensor(3);
    int count = axes == null ? x.rank() : axes.length;
    if (sizes == null || sizes.size() != count) {
      return x.withoutSizes();
    }
    SymbolicShape result = x;
    for (int i = 0; i < count; i++) {
      int axis = axes == null ? i : InferenceCall.axis(axes[i], x.rank());
      if (axis < 0 || sizes.element(i).constant().orElse(1) < 0) {
        return x.withoutSizes();
      }
      result = result.withDim(axis, sizes.element(i));
    }
    return result;
  }

  private static SymbolicShape scaled(
      InferenceCall call, double @Nullable [] scales, long @Nullable [] axes) {
    SymbolicShape x = call.shape(0);
    int count = axes == null ? x.rank() : axes.length;
    if (scales == null || scales.length != count) {
      return x.withoutSizes();
    }
    SymbolicShape result = x;
    for (int i = 0; i < count; i++) {
      int axis = axes == null ? i : InferenceCall.axis(axes[i], x.rank());
      if (axis < 0) {
        return x.withoutSizes();
      }
      result = result.withDim(axis, scaled(x.dim(axis), scales[i]));
    }
    return result;
  }

  private static SymbolicDim scaled(SymbolicDim size, double scale) {
    double inverse = 1 / scale;
    if (scale == Math.rint(scale) && scale >= 1 && scale < Integer.MAX_VALUE) {
      return size.times((long) scale);
    }
    // Only for a power of two is the factor exact.
    boolean isHalving = inverse == Math.rint(inverse) && Long.bitCount((long) inverse) == 1;
    if (isHalving && inverse > 1 && inverse < Integer.MAX_VALUE) {
      return size.dividedBy((long) inverse);
    }
    if (size.constant().isEmpty() || !(scale > 0)) {
      return SymbolicDim.UNKNOWN;
    }
    // Runtimes multiply in single or in double precision.
    long exact = (long) Math.floor(size.constant().getAsLong() * scale);
    long rounded = (long) Math.floor((float) size.constant().getAsLong() * (float) scale);
    return exact == rounded && exact < Integer.MAX_VALUE
        ? SymbolicDim.of(exact).weakened(size.basis())
        : SymbolicDim.UNKNOWN;
  }
}
