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
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** ShapeFunctions that keep all elements and put them into other axes. */
final class LayoutShapes {
  private LayoutShapes() {}

  /** The shapes of the outputs; null where the operator is of another family. */
  static @Nullable List<SymbolicShape> infer(InferenceCall call) {
    return switch (call.node().op().type()) {
      case "Reshape" -> List.of(reshape(call));
      case "Flatten" -> List.of(flatten(call));
      case "Transpose" -> List.of(transpose(call));
      case "Squeeze" -> List.of(squeeze(call));
      case "Unsqueeze" -> List.of(unsqueeze(call));
      case "DepthToSpace" -> List.of(depthToSpace(call));
      case "SpaceToDepth" -> List.of(spaceToDepth(call));
      default -> null;
    };
  }

  private static SymbolicShape reshape(InferenceCall call) {
    long[] attribute = call.ints("shape");
    SymbolicTensor target =
        attribute != null
            ? SymbolicTensor.of(dev.fusewright.core.tensor.Shape.of(attribute.length), attribute)
            : call.tensor(1);
    if (target == null || target.shape().rank() != 1) {
      return SymbolicShape.ofRank(call.length(1));
    }
    return new Reshaping(call.shape(0), target, call.integer("allowzero", 0) == 0).result();
  }

  private static SymbolicShape flatten(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    long given = call.integer("axis", 1);
    // Unlike other axes, this one may be the rank.
    int axis = x.hasRank() && given == x.rank() ? x.rank() : InferenceCall.axis(given, x.rank());
    return axis < 0
        ? SymbolicShape.ofRank(2)
        : SymbolicShape.of(
            List.of(
                x.product(0, axis).weakened(x.basis()),
                x.product(axis, x.rank()).weakened(x.basis())));
  }

  private static SymbolicShape transpose(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    long[] order = call.ints("perm");
    if (order == null) {
      List<SymbolicDim> reversed = new ArrayList<>(x.sizes());
      Collections.reverse(reversed);
      return x.hasRank() ? x.withDims(reversed) : SymbolicShape.UNKNOWN;
    }
    BitSet axes = Axes.normalized(order, order.length);
    if (axes == null || (x.hasRank() && x.rank() != order.length)) {
      return SymbolicShape.UNKNOWN;
    }
    List<SymbolicDim> dims = new ArrayList<>();
    for (long axis : order) {
      dims.add(x.dim(InferenceCall.axis(axis, order.length)).weakened(x.basis()));
    }
    return SymbolicShape.of(dims);
  }

  private static SymbolicShape squeeze(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    if (!x.hasRank()) {
      return x;
    }
    if (!call.isGiven("axes", 1)) {
      return squeezeOnes(x);
    }
    long[] given = call.ints("axes", 1);
    if (given == null) {
      long count = call.length(1);
      return count < 0
          ? SymbolicShape.UNKNOWN
          : SymbolicShape.ofRank(x.rank() - count).weakened(x.basis());
    }
    BitSet axes = Axes.normalized(given, x.rank());
    if (axes == null) {
      return SymbolicShape.UNKNOWN;
    }
    List<SymbolicDim> dims = new ArrayList<>();
    for (int axis = 0; axis < x.rank(); axis++) {
      if (!axes.get(axis)) {
        dims.add(x.dim(axis));
      } else if (x.dim(axis).constant().orElse(1) != 1) {
        return SymbolicShape.UNKNOWN;
      }
    }
    return x.withDims(dims);
  }

  /** Whether an axis goes is known only where its size is a number. */
  private static SymbolicShape squeezeOnes(SymbolicShape x) {
    List<SymbolicDim> dims = new ArrayList<>();
    Basis basis = Basis.PROVEN;
    for (SymbolicDim dim : x.sizes()) {
      if (dim.constant().isEmpty() && !dim.isAtLeast(2)) {
        return SymbolicShape.UNKNOWN;
      }
      basis = basis.and(dim.basis());
      if (!dim.is(1)) {
        dims.add(dim);
      }
    }
    return x.withDims(dims).weakened(basis);
  }

  private static SymbolicShape unsqueeze(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    long[] given = call.ints("axes", 1);
    long count = given == null ? call.length(1) : given.length;
    if (!x.hasRank() || count < 0) {
      return SymbolicShape.UNKNOWN;
    }
    int rank = (int) Math.min(x.rank() + count, Integer.MAX_VALUE);
    if (given == null) {
      return SymbolicShape.ofRank(rank).weakened(x.basis());
    }
    BitSet axes = Axes.normalized(given, rank);
    if (axes == null) {
      return SymbolicShape.UNKNOWN;
    }
    List<SymbolicDim> dims = new ArrayList<>();
    int next = 0;
    for (int axis = 0; axis < rank; axis++) {
      dims.add(axes.get(axis) ? SymbolicDim.of(1) : x.dim(next++));
    }
    return x.withDims(dims);
  }

  private static SymbolicShape depthToSpace(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    SymbolicDim block = SymbolicDim.of(call.integer("blocksize", 0));
    long square = block.times(block).constant().orElse(0);
    return x.rank() != 4 || !block.isAtLeast(1)
        ? SymbolicShape.UNKNOWN
        : x.withDims(
            List.of(
                x.dim(0),
                x.dim(1).dividedBy(square),
                x.dim(2).times(block),
                x.dim(3).times(block)));
  }

  private static SymbolicShape spaceToDepth(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    long block = call.integer("blocksize", 0);
    return x.rank() != 4 || block < 1
        ? SymbolicShape.UNKNOWN
        : x.withDims(
            List.of(
                x.dim(0),
                x.dim(1).times(block).times(block),
                x.dim(2).dividedBy(block),
                x.dim(3).dividedBy(block)));
  }
}
