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

/** ShapeFunctions that put elements, or copies of them, beside others. */
final class AssemblyShapes {
  private AssemblyShapes() {}

  /** The shapes of the outputs; null where the operator is of another family. */
  static @Nullable List<SymbolicShape> infer(InferenceCall call) {
    return switch (call.node().op().type()) {
      case "Concat" -> List.of(concat(call));
      case "Pad" -> List.of(pad(call));
      case "Expand" -> List.of(expand(call));
      case "Tile" -> List.of(tile(call));
      case "OneHot" -> List.of(oneHot(call));
      default -> null;
    };
  }

  /** All parts have one rank, and the sizes of one along all other axes. */
  private static SymbolicShape concat(InferenceCall call) {
    SymbolicShape like = SymbolicShape.UNKNOWN;
    for (int i = 0; i < call.inputCount(); i++) {
      like = like.hasRank() ? like : call.shape(i).withoutSizes();
    }
    // Before operator set 4 the axis may be left out.
    int axis = InferenceCall.axis(call.integer("axis", 1), like.rank());
    if (axis < 0) {
      return SymbolicShape.UNKNOWN;
    }
    SymbolicShape result = like;
    SymbolicDim sum = SymbolicDim.of(0);
    for (int i = 0; i < call.inputCount(); i++) {
      SymbolicShape part = call.shape(i);
      sum = sum.plus(part.dim(axis).weakened(part.basis()));
      if (part.hasRank()) {
        result = result.refined(part.withDim(axis, SymbolicDim.UNKNOWN));
      }
    }
    return result.withDim(axis, sum);
  }

  private static SymbolicShape pad(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    long[] pads = call.hasAttribute("paddings") ? call.ints("paddings") : call.ints("pads", 1);
    long[] axes = call.has(3) ? call.ints(3) : null;
    boolean areAxesKnown = axes != null || !call.has(3);
    int count = axes == null ? x.rank() : axes.length;
    if (pads == null || !areAxesKnown || !x.hasRank() || pads.length != 2 * count) {
      return x.withoutSizes();
    }
    SymbolicShape result = x;
    for (int i = 0; i < count; i++) {
      int axis = axes == null ? i : InferenceCall.axis(axes[i], x.rank());
      SymbolicDim padded =
          result.dim(axis).plus(SymbolicDim.of(pads[i])).plus(SymbolicDim.of(pads[count + i]));
      if (axis < 0 || padded.constant().orElse(0) < 0) {
        return x.withoutSizes();
      }
      result = result.withDim(axis, padded);
    }
    return result;
  }

  private static SymbolicShape expand(InferenceCall call) {
    SymbolicTensor target = call.tensor(1);
    SymbolicShape wanted =
        target != null && target.shape().rank() == 1
            ? SymbolicShape.of(target.elements())
            : SymbolicShape.ofRank(call.length(1));
    boolean isShape = wanted.sizes().stream().allMatch(dim -> dim.constant().orElse(0) >= 0);
    return isShape ? call.shape(0).broadcast(wanted) : SymbolicShape.UNKNOWN;
  }

  private static SymbolicShape tile(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    SymbolicTensor repeats = call.tensor(1);
    boolean isOnAllAxes = call.opset() >= 6;
    if (!isOnAllAxes || repeats == null || repeats.size() != x.rank()) {
      return x.withoutSizes();
    }
    List<SymbolicDim> dims = new ArrayList<>();
    for (int axis = 0; axis < x.rank(); axis++) {
      dims.add(x.dim(axis).times(repeats.element(axis)));
    }
    boolean isShape = dims.stream().allMatch(dim -> dim.constant().orElse(0) >= 0);
    return isShape ? x.withDims(dims) : SymbolicShape.UNKNOWN;
  }

  private static SymbolicShape oneHot(InferenceCall call) {
    SymbolicShape indices = call.shape(0);
    int axis = InferenceCall.axis(call.integer("axis", -1), indices.rank() + 1);
    if (!indices.hasRank() || axis < 0) {
      return SymbolicShape.UNKNOWN;
    }
    SymbolicDim depth = call.number(1);
    List<SymbolicDim> dims = new ArrayList<>(indices.sizes());
    dims.add(axis, depth == null ? SymbolicDim.UNKNOWN : depth);
    return indices.withDims(dims);
  }
}
