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

import dev.fusewright.core.graph.OpKind;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Every operator that is known, by family; a family is a file. */
final class Operators {
  private static final Map<OpKind, Operator> ALL = all();

  private Operators() {}

  /** How an operator is evaluated; null if it is not known. */
  static @Nullable Operator find(OpKind kind) {
    return ALL.get(kind);
  }

  private static Map<OpKind, Operator> all() {
    Map<OpKind, Operator> all = new LinkedHashMap<>();
    List<Map<String, Operator>> families =
        List.of(
            Convolutions.OPERATORS,
            MatrixProducts.OPERATORS,
            Normalizations.OPERATORS,
            Pooling.OPERATORS,
            Padding.OPERATORS,
            Arithmetic.OPERATORS,
            Comparisons.OPERATORS,
            Activations.OPERATORS,
            Softmaxes.OPERATORS,
            Reductions.OPERATORS,
            Shapes.OPERATORS,
            Rearrangements.OPERATORS,
            Gathering.OPERATORS,
            ConstantOperators.OPERATORS,
            Casts.OPERATORS,
            Resizing.OPERATORS,
            Quantization.OPERATORS,
            ControlFlow.OPERATORS);
    for (Map<String, Operator> family : families) {
      family.forEach((type, operator) -> all.put(OpKind.onnx(type), operator));
    }
    return Collections.unmodifiableMap(all);
  }

  /** An operator with one output. */
  static Operator one(Function<OpCall, NdArray> operator) {
    return call -> List.of(operator.apply(call));
  }
}
