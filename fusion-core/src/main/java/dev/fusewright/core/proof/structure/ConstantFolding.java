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
package dev.fusewright.core.proof.structure;

import dev.fusewright.core.analysis.shape.Basis;
import dev.fusewright.core.analysis.shape.ShapeInference;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.ConstantNode;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.reference.EvaluationMemoryException;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceEvaluator;
import dev.fusewright.core.reference.ReferenceException;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.ReshapedTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TransposedTensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Values of nodes that read constants alone, where every right evaluation has the same bits:
 * rearrangements, and arithmetic that IEEE 754 rounds in one way.
 */
final class ConstantFolding {
  private static final Set<String> SAME_ORDER =
      Set.of("Reshape", "Unsqueeze", "Squeeze", "Flatten");

  /** Basic operations: float64, rounded once, is what the narrower types' own operation gives. */
  private static final Set<String> EXACT =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Sqrt",
          "Neg",
          "Abs",
          "Concat",
          "Slice",
          "Gather",
          "Expand",
          "Tile",
          "Cast",
          "ConstantOfShape");

  private static final double MAX_INTEGER = 0x1p53;

  /** Elements that a single node, and all nodes of a scope, may make. */
  private static final long MAX_ELEMENTS = 1L << 22;

  private final Graph graph;
  private final Map<String, Long> opsets;
  private final @Nullable ShapeInference shapes;
  private final Map<String, Tensor> constants;
  private long elementsLeft = 4 * MAX_ELEMENTS;

  /**
   * Of one scope.
   *
   * @param constants of the scope; those that are found are added
   */
  ConstantFolding(
      Graph graph,
      Map<String, Long> opsets,
      @Nullable ShapeInference shapes,
      Map<String, Tensor> constants) {
    this.graph = graph;
    this.opsets = opsets;
    this.shapes = shapes;
    this.constants = constants;
  }

  /** In data order, whatever the order of the file is. */
  void run() {
    Map<String, List<Node>> readers = new HashMap<>();
    Deque<Node> ready = new ArrayDeque<>();
    for (Node node : graph.nodes()) {
      if (isConstant(node)) {
        ready.add(node);
      }
      node.inputs().stream()
          .distinct()
          .forEach(input -> readers.computeIfAbsent(input, key -> new ArrayList<>()).add(node));
    }
    while (!ready.isEmpty()) {
      Node node = ready.remove();
      Tensor value = constants.containsKey(node.output()) ? null : value(node);
      if (value != null) {
        constants.put(node.output(), value);
        readers.getOrDefault(node.output(), List.of()).stream()
            .filter(this::isConstant)
            .forEach(ready::add);
      }
    }
  }

  private boolean isConstant(Node node) {
    return node.op().domain().isEmpty()
        && !node.output().isEmpty()
        && !node.hasFurtherOutputs()
        && node.inputs().stream().allMatch(it -> it.isEmpty() || constants.containsKey(it))
        && node.attributes().values().stream().noneMatch(ConstantFolding::isInner);
  }

  private static boolean isInner(Attribute attribute) {
    return attribute instanceof Attribute.Body
        || attribute instanceof Attribute.Bodies
        || attribute instanceof Attribute.Reference
        || attribute instanceof Attribute.Opaque;
  }

  private @Nullable Tensor value(Node node) {
    if (node.is(OpKind.CONSTANT)) {
      Tensor value = ConstantNode.value(node);
      return value == null || value.type().bits() == 0 ? null : value;
    }
    Tensor first = constants.get(node.input(0));
    if (first == null) {
      return null;
    }
    if (node.is(OpKind.IDENTITY)) {
      return first;
    }
    if (first.type().bits() < Byte.SIZE) {
      return null;
    }
    if (node.is(OpKind.TRANSPOSE)) {
      return transposed(node, first);
    }
    Shape shape = shapes == null ? null : shapes.of(node.output()).fixed(Basis.PROVEN);
    if (shape == null) {
      return null;
    }
    if (SAME_ORDER.contains(node.op().type())) {
      return shape.elementCount() == first.shape().elementCount()
          ? new ReshapedTensor(first, shape)
          : null;
    }
    return EXACT.contains(node.op().type()) && isSmall(node, shape) ? evaluated(node, shape) : null;
  }

  private static @Nullable Tensor transposed(Node node, Tensor source) {
    List<Long> order = node.intsAttribute("perm");
    int rank = source.shape().rank();
    if (order != null && order.stream().anyMatch(axis -> axis < 0 || axis >= rank)) {
      return null;
    }
    List<Integer> permutation =
        order == null
            ? IntStream.range(0, rank).mapToObj(axis -> rank - 1 - axis).toList()
            : order.stream().map(Math::toIntExact).toList();
    return permutation.size() == rank && IntStream.range(0, rank).allMatch(permutation::contains)
        ? new TransposedTensor(source, permutation)
        : null;
  }

  private boolean isSmall(Node node, Shape shape) {
    long elements = shape.elementCount();
    for (String input : node.inputs()) {
      Tensor operand = constants.get(input);
      elements = Math.max(elements, operand == null ? 0 : operand.shape().elementCount());
    }
    elementsLeft -= elements;
    return elements <= MAX_ELEMENTS && elementsLeft >= 0;
  }

  private @Nullable Tensor evaluated(Node node, Shape shape) {
    Map<String, Initializer> operands = new LinkedHashMap<>();
    for (String input : node.inputs()) {
      Tensor operand = constants.get(input);
      if (operand != null) {
        operands.put(input, new Initializer(input, operand));
      }
    }
    Graph alone =
        new Graph(
            "constant",
            List.of(node),
            List.copyOf(operands.values()),
            List.of(),
            List.of(ValueInfo.untyped(node.output())));
    try {
      NdArray result =
          new ReferenceEvaluator(opsets, List.of())
              .withOperations(4 * MAX_ELEMENTS)
              .outputs(alone, Map.of())
              .get(node.output());
      return result != null && result.shape().equals(shape) && isExact(node, result)
          ? LiteralTensor.ofDoubles(result.type(), shape, result.values())
          : null;
    } catch (ReferenceException
        | EvaluationMemoryException
        | GraphException
        | IllegalArgumentException e) {
      return null; // Not a constant that is known here, then.
    }
  }

  /** Whether the elements are what the result's type holds after any right evaluation. */
  private boolean isExact(Node node, NdArray result) {
    ElementType type = result.type();
    if (type.isFoldable()) {
      Tensor first = constants.get(node.input(0));
      boolean isOfIntegers = first != null && !first.type().isFoldable();
      return !node.is(OpKind.CAST) || !isOfIntegers;
    }
    double limit =
        switch (type) {
          case INT64 -> MAX_INTEGER;
          case INT32 -> Integer.MAX_VALUE;
          default -> -1;
        };
    for (double value : result.values()) {
      if (!(Math.abs(value) <= limit) || value != Math.rint(value)) {
        return false;
      }
    }
    return !node.is(OpKind.DIV) && !node.is(OpKind.CAST) && hasExactOperands(node, limit);
  }

  private boolean hasExactOperands(Node node, double limit) {
    for (String input : node.inputs()) {
      Tensor operand = constants.get(input);
      if (operand != null) {
        for (double value : NdArray.of(operand).values()) {
          if (!(Math.abs(value) < limit)) {
            return false;
          }
        }
      }
    }
    return true;
  }
}
