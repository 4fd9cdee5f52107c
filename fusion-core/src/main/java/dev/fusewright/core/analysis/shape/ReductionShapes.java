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

import static dev.fusewright.core.analysis.shape.ShapeFunction.one;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Operators that make one element of all along some axes. */
final class ReductionShapes {
  static final Map<String, ShapeFunction> OPERATORS = operators();

  private ReductionShapes() {}

  private static Map<String, ShapeFunction> operators() {
    Map<String, ShapeFunction> operators = new HashMap<>();
    for (String kind :
        List.of("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare")) {
      operators.put("Reduce" + kind, one(ReductionShapes::reduce));
    }
    operators.put("ArgMax", one(ReductionShapes::arg));
    operators.put("ArgMin", one(ReductionShapes::arg));
    return operators;
  }

  private static SymbolicShape reduce(OpCall call) {
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

  private static SymbolicShape arg(OpCall call) {
    SymbolicShape x = call.shape(0);
    long[] axis = {call.integer("axis", 0)};
    return reduce(x, Axes.normalized(axis, x.rank()), call.integer("keepdims", 1) != 0);
  }

  private static SymbolicShape reduce(
      SymbolicShape x, @org.jspecify.annotations.Nullable BitSet axes, boolean isKept) {
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
