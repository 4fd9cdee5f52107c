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

import java.util.List;
import org.jspecify.annotations.Nullable;

/** LSTM, GRU and RNN: all steps of the last layer, and the states after the last step. */
final class RecurrentShapes {
  private static final int WEIGHT_OF_STATE = 2;

  private RecurrentShapes() {}

  /** The shapes of the outputs; null where the operator is of another family. */
  static @Nullable List<SymbolicShape> infer(InferenceCall call) {
    return switch (call.node().op().type()) {
      case "LSTM", "GRU", "RNN" -> layer(call);
      default -> null;
    };
  }

  private static List<SymbolicShape> layer(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    SymbolicShape weight = call.shape(WEIGHT_OF_STATE);
    boolean isBatchFirst = call.integer("layout", 0) != 0;
    SymbolicDim directions =
        SymbolicDim.of(call.text("direction", "forward").equals("bidirectional") ? 2 : 1);
    SymbolicDim hidden =
        weight.rank() == 3
            ? weight.dim(2).weakened(weight.basis())
            : SymbolicDim.of(call.integer("hidden_size", -1));
    SymbolicDim width = hidden.isAtLeast(1) ? hidden : SymbolicDim.UNKNOWN;
    boolean hasAxes = x.rank() == 3;
    SymbolicDim steps = size(x, hasAxes, isBatchFirst ? 1 : 0);
    SymbolicDim batch = size(x, hasAxes, isBatchFirst ? 0 : 1);
    SymbolicShape all =
        SymbolicShape.of(
            isBatchFirst
                ? List.of(batch, steps, directions, width)
                : List.of(steps, directions, batch, width));
    SymbolicShape last =
        SymbolicShape.of(
            isBatchFirst ? List.of(batch, directions, width) : List.of(directions, batch, width));
    return List.of(all, last, last);
  }

  private static SymbolicDim size(SymbolicShape x, boolean hasAxes, int axis) {
    return hasAxes ? x.dim(axis).weakened(x.basis()) : SymbolicDim.UNKNOWN;
  }
}
