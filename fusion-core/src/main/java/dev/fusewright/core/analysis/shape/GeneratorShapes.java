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

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** ShapeFunctions that make values of shapes, and shapes of values. */
final class GeneratorShapes {
  private GeneratorShapes() {}

  /** The shapes of the outputs; null where the operator is of another family. */
  static @Nullable List<SymbolicShape> infer(InferenceCall call) {
    return switch (call.node().op().type()) {
      case "Shape" -> List.of(shape(call));
      case "Size" -> List.of(SymbolicShape.SCALAR);
      case "ConstantOfShape" -> List.of(filled(call));
      case "Range" -> List.of(SymbolicShape.of(List.of(range(call))));
      case "RandomNormal", "RandomUniform" -> List.of(ofAttribute(call));
      default -> null;
    };
  }

  /** As many elements as there are axes, or as there are from one to another. */
  private static SymbolicShape shape(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    int rank = Math.max(0, x.rank());
    long from = SliceExtent.bound(call.integer("start", 0), rank, 0, rank);
    long to = SliceExtent.bound(call.integer("end", rank), rank, 0, rank);
    return x.hasRank()
        ? SymbolicShape.of(List.of(SymbolicDim.of(Math.max(0, to - from)).weakened(x.basis())))
        : SymbolicShape.ofRank(1);
  }

  private static SymbolicShape filled(InferenceCall call) {
    SymbolicTensor dims = call.tensor(0);
    if (dims == null || dims.shape().rank() != 1) {
      return SymbolicShape.ofRank(call.length(0));
    }
    boolean isShape = dims.elements().stream().allMatch(dim -> dim.constant().orElse(0) >= 0);
    return isShape ? SymbolicShape.of(dims.elements()) : SymbolicShape.UNKNOWN;
  }

  /** From a number up to before another; integers only, since what is not whole is not followed. */
  private static SymbolicDim range(InferenceCall call) {
    SymbolicDim start = call.number(0);
    SymbolicDim limit = call.number(1);
    SymbolicDim step = call.number(2);
    if (start == null || limit == null || step == null || step.constant().isEmpty()) {
      return SymbolicDim.UNKNOWN;
    }
    long by = step.constant().getAsLong();
    if (by == 0 || by == Long.MIN_VALUE) {
      return SymbolicDim.UNKNOWN;
    }
    SymbolicDim way = by > 0 ? limit.minus(start) : start.minus(limit);
    return way.plus(Math.abs(by) - 1)
        .dividedBy(Math.abs(by))
        .max(SymbolicDim.of(0))
        .weakened(step.basis());
  }

  private static SymbolicShape ofAttribute(InferenceCall call) {
    long[] dims = call.ints("shape");
    return dims == null || Arrays.stream(dims).anyMatch(dim -> dim < 0)
        ? SymbolicShape.UNKNOWN
        : SymbolicShape.of(Arrays.stream(dims).mapToObj(SymbolicDim::of).toList());
  }
}
