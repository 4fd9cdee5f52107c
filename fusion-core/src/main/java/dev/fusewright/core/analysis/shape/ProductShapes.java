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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Products of matrices. */
final class ProductShapes {
  private ProductShapes() {}

  /** The shapes of the outputs; null where the operator is of another family. */
  static @Nullable List<SymbolicShape> infer(InferenceCall call) {
    return switch (call.node().op().type()) {
      case "Gemm" -> List.of(gemm(call));
      case "MatMul", "MatMulInteger" -> List.of(matMul(call.shape(0), call.shape(1)));
      case "QLinearMatMul" -> List.of(matMul(call.shape(0), call.shape(3)));
      case "Einsum" -> List.of(einsum(call));
      default -> null;
    };
  }

  private static SymbolicShape gemm(InferenceCall call) {
    int rows = call.integer("transA", 0) != 0 ? 1 : 0;
    int columns = call.integer("transB", 0) != 0 ? 0 : 1;
    return SymbolicShape.of(
        List.of(ofMatrix(call.shape(0), rows), ofMatrix(call.shape(1), columns)));
  }

  private static SymbolicDim ofMatrix(SymbolicShape matrix, int axis) {
    return matrix.rank() == 2 ? matrix.dim(axis).weakened(matrix.basis()) : SymbolicDim.UNKNOWN;
  }

  /** A vector is a row on the left and a column on the right, and its axis goes. */
  private static SymbolicShape matMul(SymbolicShape a, SymbolicShape b) {
    if (a.rank() < 1 || b.rank() < 1) {
      return SymbolicShape.UNKNOWN;
    }
    SymbolicShape batch = leading(a).broadcast(leading(b));
    List<SymbolicDim> dims = new ArrayList<>(batch.sizes());
    if (a.rank() > 1) {
      dims.add(a.dim(a.rank() - 2));
    }
    if (b.rank() > 1) {
      dims.add(b.dim(b.rank() - 1));
    }
    return batch.withDims(dims);
  }

  private static SymbolicShape leading(SymbolicShape matrices) {
    return matrices.withDims(matrices.sizes().subList(0, Math.max(0, matrices.rank() - 2)));
  }

  /** Written out, without an ellipsis. */
  private static SymbolicShape einsum(InferenceCall call) {
    String equation = call.text("equation", "").replace(" ", "");
    int arrow = equation.indexOf("->");
    if (arrow < 0 || equation.contains(".")) {
      return SymbolicShape.UNKNOWN;
    }
    String[] terms = equation.substring(0, arrow).split(",", -1);
    Map<Character, SymbolicDim> sizes = new HashMap<>();
    Basis basis = Basis.PROVEN;
    for (int i = 0; i < terms.length && i < call.inputCount(); i++) {
      SymbolicShape shape = call.shape(i);
      basis = basis.and(shape.basis());
      for (int axis = 0; axis < terms[i].length(); axis++) {
        SymbolicDim size =
            shape.rank() == terms[i].length() ? shape.dim(axis) : SymbolicDim.UNKNOWN;
        // An axis of size 1 may stand beside a longer one of the same letter.
        sizes.merge(terms[i].charAt(axis), size, SymbolicDim::broadcast);
      }
    }
    List<SymbolicDim> dims = new ArrayList<>();
    for (char letter : equation.substring(arrow + 2).toCharArray()) {
      dims.add(sizes.getOrDefault(letter, SymbolicDim.UNKNOWN).weakened(basis));
    }
    return SymbolicShape.of(dims);
  }
}
