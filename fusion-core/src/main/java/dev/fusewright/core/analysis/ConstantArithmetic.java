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
package dev.fusewright.core.analysis;

import dev.fusewright.core.analysis.shape.Basis;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.reference.EvaluationMemoryException;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceEvaluator;
import dev.fusewright.core.reference.ReferenceException;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Arithmetic that a graph does on its parameters, and an exporter could have done: a BatchNorm that
 * is written out, the norms of weight norm.
 *
 * <p>The operators are a closed list of such as give the same in every run and on every machine.
 * Each node is computed in float64 and rounded once into its own type, as a runtime holds it: what
 * is one operation for each element has the bits that IEEE 754 prescribes, and a sum is nearer to
 * the truth than whatever order a runtime adds in.
 *
 * <p>The size of a result must be proven before it is computed, since an Expand can ask for any.
 */
final class ConstantArithmetic {
  /**
   * Elements of a result and of each operand: more than most weights have, and 32 MB in float64.
   */
  static final int MAX_ELEMENTS = 1 << 22;

  private static final Set<OpKind> ELEMENTWISE = kinds("Add", "Sub", "Mul", "Div");
  private static final Set<OpKind> UNARY = kinds("Neg", "Abs", "Sqrt", "Reciprocal");
  private static final Set<OpKind> POWER = kinds("Pow");
  private static final Set<OpKind> JOINING = kinds("Concat");

  /** The second operand is integers: axes, a shape, repeats. */
  private static final Set<OpKind> BY_INTEGERS =
      kinds("ReduceSum", "ReduceMean", "ReduceSumSquare", "ReduceL2", "Expand", "Tile");

  /** All of the list. */
  static final Set<OpKind> OPERATORS =
      Stream.of(ELEMENTWISE, UNARY, POWER, JOINING, BY_INTEGERS)
          .flatMap(Set::stream)
          .collect(Collectors.toUnmodifiableSet());

  private ConstantArithmetic() {}

  private static Set<OpKind> kinds(String... types) {
    return Arrays.stream(types).map(OpKind::onnx).collect(Collectors.toUnmodifiableSet());
  }

  /**
   * What a node makes of constants.
   *
   * @param node of one of the {@link #OPERATORS}
   * @param operands in order; null where one is absent
   * @return null if it is not known beforehand to be computable within bounds; a variable if it is
   *     not finite
   */
  static @Nullable Operand of(GraphView graph, Node node, List<@Nullable Tensor> operands) {
    Shape shape = graph.shapes().of(node.output()).fixed(Basis.PROVEN);
    if (shape == null || !isWithinBounds(shape) || !areOperands(node, operands)) {
      return null;
    }
    NdArray value = evaluate(graph.opset(), node, operands);
    if (value == null || !value.shape().equals(shape)) {
      return null;
    }
    NdArray rounded = value.rounded();
    return Arrays.stream(rounded.values()).allMatch(Double::isFinite)
        ? new Operand.Constant(rounded.toTensor())
        : new Operand.Variable(
            Reason.NON_FINITE_PARAMETER,
            "'%s', computed from constants by %s '%s', is not finite"
                .formatted(node.output(), node.op(), node.label()));
  }

  private static boolean isWithinBounds(Shape shape) {
    return shape.elementCount() <= MAX_ELEMENTS;
  }

  private static boolean areOperands(Node node, List<@Nullable Tensor> operands) {
    Tensor first = operands.get(0);
    if (first == null || !first.type().isFoldable()) {
      return false;
    }
    for (int i = 0; i < operands.size(); i++) {
      Tensor operand = operands.get(i);
      if (operand != null
          && (!isWithinBounds(operand.shape()) || !isOperand(node, i, operand.type(), first))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isOperand(Node node, int index, ElementType type, Tensor first) {
    if (index > 0 && BY_INTEGERS.contains(node.op())) {
      return type == ElementType.INT64;
    }
    boolean isExponent = index > 0 && POWER.contains(node.op());
    return type == first.type()
        || (isExponent
            && (type.isFoldable() || type == ElementType.INT64 || type == ElementType.INT32));
  }

  private static @Nullable NdArray evaluate(
      long opset, Node node, List<@Nullable Tensor> operands) {
    Graph alone = new Graph("constant", List.of(node), List.of(), List.<ValueInfo>of(), List.of());
    try {
      Map<String, NdArray> given = new HashMap<>();
      for (int i = 0; i < operands.size(); i++) {
        Tensor operand = operands.get(i);
        if (operand != null) {
          given.put(node.input(i), NdArray.of(operand));
        }
      }
      return Objects.requireNonNull(
          new ReferenceEvaluator(Map.of("", opset), List.of())
              .values(alone, given, Set.of(node.output()))
              .get(node.output()));
    } catch (ReferenceException | EvaluationMemoryException | IllegalArgumentException e) {
      return null; // No valid call, of which whoever runs the model will hear, or a tiny heap.
    }
  }
}
