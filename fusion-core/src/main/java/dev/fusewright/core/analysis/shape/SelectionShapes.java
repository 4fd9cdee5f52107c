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
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** ShapeFunctions that take some of the elements: by place, by index, or by value. */
final class SelectionShapes {
  private SelectionShapes() {}

  /** The shapes of the outputs; null where the operator is of another family. */
  static @Nullable List<SymbolicShape> infer(InferenceCall call) {
    return switch (call.node().op().type()) {
      case "Slice" -> List.of(slice(call));
      case "Split" -> split(call);
      case "Gather" -> List.of(gather(call));
      case "GatherElements" -> List.of(call.shape(1));
      case "GatherND" -> List.of(gatherNd(call));
      case "TopK" -> topK(call);
      case "NonZero" -> List.of(nonZero(call));
      case "NonMaxSuppression" -> List.of(columns(SymbolicDim.of(3)));
      case "Compress" -> List.of(compress(call));
      case "Unique" -> unique(call);
      case "GridSample" -> List.of(gridSample(call));
      case "RoiAlign" -> List.of(roiAlign(call));
      default -> null;
    };
  }

  private static SymbolicShape slice(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    if (!x.hasRank()) {
      return x;
    }
    boolean isAttribute = call.hasAttribute("starts");
    List<SymbolicDim> starts = numbers(call, "starts", 1);
    List<SymbolicDim> ends = numbers(call, "ends", 2);
    int count = Math.max(starts.size(), ends.size());
    long[] axes = call.ints("axes", 3);
    long[] steps = isAttribute ? null : call.ints(4);
    boolean areAxesKnown = axes != null || !call.isGiven("axes", 3);
    if (count == 0 || !areAxesKnown || (axes != null && axes.length != count)) {
      return x.withoutSizes();
    }
    SymbolicShape result = x;
    for (int i = 0; i < count; i++) {
      int axis = InferenceCall.axis(axes == null ? i : axes[i], x.rank());
      if (axis < 0) {
        return SymbolicShape.UNKNOWN;
      }
      boolean isStepKnown = isAttribute || !call.has(4) || (steps != null && i < steps.length);
      boolean isKnown = isStepKnown && i < starts.size() && i < ends.size();
      long step = steps != null && i < steps.length ? steps[i] : 1;
      result =
          result.withDim(
              axis,
              isKnown
                  ? SliceExtent.of(x.dim(axis), starts.get(i), ends.get(i), step)
                  : SymbolicDim.UNKNOWN);
    }
    return result;
  }

  private static List<SymbolicDim> numbers(InferenceCall call, String attribute, int input) {
    long[] given = call.ints(attribute);
    if (given != null) {
      return java.util.Arrays.stream(given).mapToObj(SymbolicDim::of).toList();
    }
    SymbolicTensor tensor = call.tensor(input);
    if (tensor != null) {
      return tensor.elements();
    }
    long length = call.length(input);
    return length < 0 || length > SymbolicTensor.MAX_ELEMENTS
        ? List.of()
        : Collections.nCopies((int) length, SymbolicDim.UNKNOWN);
  }

  private static List<SymbolicShape> split(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    int axis = InferenceCall.axis(call.integer("axis", 0), x.rank());
    int outputs = call.node().outputs().size();
    List<SymbolicShape> parts = new ArrayList<>();
    if (axis < 0) {
      return List.of();
    }
    long[] sizes = call.ints("split", 1);
    boolean isEqual = !call.isGiven("split", 1);
    long count = call.integer("num_outputs", outputs);
    for (int i = 0; i < outputs; i++) {
      SymbolicDim part = SymbolicDim.UNKNOWN;
      if (isEqual) {
        part = equalPart(x.dim(axis), i, count);
      } else if (sizes != null && i < sizes.length && sizes[i] >= 0) {
        part = SymbolicDim.of(sizes[i]);
      }
      parts.add(x.withDim(axis, part));
    }
    return parts;
  }

  /** The last part is smaller where the axis cannot be divided. */
  private static SymbolicDim equalPart(SymbolicDim whole, int index, long count) {
    if (count < 1 || whole.size() == null) {
      return SymbolicDim.UNKNOWN;
    }
    SymInt exact = whole.size().exactlyDividedBy(SymInt.of(count));
    if (exact != null) {
      return new SymbolicDim(exact, whole.basis());
    }
    if (whole.constant().isEmpty()) {
      return SymbolicDim.UNKNOWN;
    }
    long size = Math.floorDiv(whole.constant().getAsLong() - 1, count) + 1;
    SymbolicDim left = whole.minus(SymbolicDim.of(index).times(size));
    return left.min(SymbolicDim.of(size)).max(SymbolicDim.of(0));
  }

  private static SymbolicShape gather(InferenceCall call) {
    SymbolicShape data = call.shape(0);
    SymbolicShape indices = call.shape(1);
    int axis = InferenceCall.axis(call.integer("axis", 0), data.rank());
    if (axis < 0 || !indices.hasRank()) {
      return SymbolicShape.UNKNOWN;
    }
    List<SymbolicDim> dims = new ArrayList<>(data.sizes().subList(0, axis));
    dims.addAll(indices.sizes());
    dims.addAll(data.sizes().subList(axis + 1, data.rank()));
    return new SymbolicShape(dims, data.basis().and(indices.basis()));
  }

  private static SymbolicShape gatherNd(InferenceCall call) {
    SymbolicShape data = call.shape(0);
    SymbolicShape indices = call.shape(1);
    SymbolicDim depth = indices.dim(indices.rank() - 1);
    long behind = call.integer("batch_dims", 0);
    long from = behind + Math.min(depth.constant().orElse(-1), data.rank());
    if (depth.constant().isEmpty()
        || behind < 0
        || behind >= indices.rank()
        || from > data.rank()) {
      return SymbolicShape.UNKNOWN;
    }
    List<SymbolicDim> dims = new ArrayList<>(indices.sizes().subList(0, indices.rank() - 1));
    dims.addAll(data.sizes().subList((int) from, data.rank()));
    return new SymbolicShape(dims, data.basis().and(indices.basis()).and(depth.basis()));
  }

  private static List<SymbolicShape> topK(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    int axis = InferenceCall.axis(call.integer("axis", -1), x.rank());
    SymbolicDim stated = call.hasAttribute("k") ? SymbolicDim.of(call.integer("k", -1)) : null;
    SymbolicDim k = stated != null ? stated : call.number(1);
    boolean isSize = k != null && (k.isAtLeast(0) || k.constant().isEmpty());
    SymbolicShape y =
        axis < 0
            ? SymbolicShape.UNKNOWN
            : x.withDim(axis, k == null || !isSize ? SymbolicDim.UNKNOWN : k);
    return List.of(y, y);
  }

  /** One row for each axis. */
  private static SymbolicShape nonZero(InferenceCall call) {
    int rank = call.shape(0).rank();
    SymbolicDim rows = rank < 1 ? SymbolicDim.UNKNOWN : SymbolicDim.of(rank);
    return SymbolicShape.of(List.of(rows.weakened(call.shape(0).basis()), SymbolicDim.UNKNOWN));
  }

  private static SymbolicShape columns(SymbolicDim count) {
    return SymbolicShape.of(List.of(SymbolicDim.UNKNOWN, count));
  }

  private static SymbolicShape compress(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    return call.hasAttribute("axis")
        ? x.withDim(InferenceCall.axis(call.integer("axis", 0), x.rank()), SymbolicDim.UNKNOWN)
        : SymbolicShape.ofRank(1);
  }

  private static List<SymbolicShape> unique(InferenceCall call) {
    SymbolicShape vector = SymbolicShape.ofRank(1);
    return List.of(compress(call), vector, vector, vector);
  }

  /** The channels of the data at the places of the grid. */
  private static SymbolicShape gridSample(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    SymbolicShape grid = call.shape(1);
    if (x.rank() < 3 || grid.rank() != x.rank()) {
      return x.withoutSizes();
    }
    List<SymbolicDim> dims = new ArrayList<>(x.sizes().subList(0, 2));
    dims.addAll(grid.sizes().subList(1, grid.rank() - 1));
    return new SymbolicShape(dims, x.basis().and(grid.basis()));
  }

  private static SymbolicShape roiAlign(InferenceCall call) {
    SymbolicDim height = SymbolicDim.of(call.integer("output_height", 1));
    SymbolicDim width = SymbolicDim.of(call.integer("output_width", 1));
    boolean areSizes = height.isAtLeast(1) && width.isAtLeast(1);
    return areSizes
        ? SymbolicShape.of(
            List.of(
                call.shape(1).dim(0).weakened(call.shape(1).basis()),
                call.shape(0).dim(1).weakened(call.shape(0).basis()),
                height,
                width))
        : SymbolicShape.ofRank(4);
  }
}
