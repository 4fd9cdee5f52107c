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
import java.util.List;
import org.jspecify.annotations.Nullable;

/** ShapeFunctions that make one element of all along some axes. */
final class ReductionShapes {
  private ReductionShapes() {}

  /** The shapes of the outputs; null where the operator is of another family. */
  static @Nullable List<SymbolicShape> infer(InferenceCall call) {
    return switch (call.node().op().type()) {
      case "ReduceL1",
          "ReduceL2",
          "ReduceLogSum",
          "ReduceLogSumExp",
          "ReduceMax",
          "ReduceMean",
          "ReduceMin",
          "ReduceProd",
          "ReduceSum",
          "ReduceSumSquare" ->
          List.of(reduce(call));
      case "ArgMax", "ArgMin" -> List.of(arg(call));
      default -> null;
    };
  }

  private static SymbolicShape reduce(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    boolean isKept = call.integer("keepdims", 1) != 0;
    long[] axes = call.ints("axes", 1);
    if (axes == null && call.isGiven("axes", 1)) {
      return isKept ? x.withoutSizes() : SymbolicShape.UNKNOWN;
    }
    if (axes == null || axes.length == 0) {
      return call.integer("noop_with_empty_axes", 0) != 0 ? x : reduce(x, all(x), isKept);
    }
    return reduce(x, Axes.normalized(axes, x.rank()), isKept);
  }

  private static BitSet all(SymbolicShape x) {
    BitSet all = new BitSet();
    all.set(0, Math.max(0, x.rank()));
    return all;
  }

  private static SymbolicShape arg(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    long[] axis = {call.integer("axis", 0)};
    return reduce(x, Axes.normalized(axis, x.rank()), call.integer("keepdims", 1) != 0);
  }

  private static SymbolicShape reduce(SymbolicShape x, @Nullable BitSet axes, boolean isKept) {
    if (!x.hasRank() || axes == null) {
      return SymbolicShape.UNKNOWN;
    }
    List<SymbolicDim> dims = new ArrayList<>();
    for (int axis = 0; axis < x.rank(); axis++) {
      if (!axes.get(axis)) {
        dims.add(x.dim(axis));
      } else if (isKept) {
        dims.add(SymbolicDim.of(1));
      }
    }
    return x.withDims(dims);
  }
}
