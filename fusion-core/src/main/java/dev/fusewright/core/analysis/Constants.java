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

import static dev.fusewright.core.graph.OpKind.CAST;
import static dev.fusewright.core.graph.OpKind.CONSTANT;
import static dev.fusewright.core.graph.OpKind.CONSTANT_OF_SHAPE;
import static dev.fusewright.core.graph.OpKind.DIV;
import static dev.fusewright.core.graph.OpKind.IDENTITY;
import static dev.fusewright.core.graph.OpKind.MUL;
import static dev.fusewright.core.graph.OpKind.RESHAPE;
import static dev.fusewright.core.graph.OpKind.SQUEEZE;
import static dev.fusewright.core.graph.OpKind.TRANSPOSE;
import static dev.fusewright.core.graph.OpKind.UNSQUEEZE;

import dev.fusewright.core.analysis.shape.Basis;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.ConstantNode;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.tensor.CastTensor;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.ReshapedTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.tensor.TransposedTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Resolves operands to constants: initializers that nobody can override, Constant nodes, and what
 * Identity, Reshape, Transpose, Unsqueeze, Squeeze, Cast, ConstantOfShape and the operators of
 * {@link ConstantArithmetic} make of them. What only rearranges a weight, and the {@link
 * WeightNorm} by ReduceL2, is an expression over it, which is read only for its norms.
 */
public final class Constants {
  private static final int MAX_DEPTH = 16;
  private static final int MAX_STEPS = 256;
  private static final int MAX_AXES = 64;
  private static final Set<OpKind> REARRANGING =
      Set.of(IDENTITY, RESHAPE, TRANSPOSE, UNSQUEEZE, SQUEEZE, CAST, CONSTANT_OF_SHAPE);
  private static final Set<String> QUANTIZERS =
      Set.of(
          "DequantizeLinear",
          "QuantizeLinear",
          "DynamicQuantizeLinear",
          "Quant",
          "BipolarQuant",
          "Trunc",
          "FakeQuantize");

  private final GraphView graph;
  private final Map<String, Operand.Constant> known = new HashMap<>();
  private int steps;

  private Constants(GraphView graph) {
    this.graph = graph;
  }

  /** What the value {@code name} is in the scope {@code graph}. */
  public static Operand resolve(GraphView graph, String name) {
    return new Constants(graph).resolve(name, 0);
  }

  private Operand resolve(String name, int depth) {
    if (name.isEmpty()) {
      return new Operand.Variable(Reason.ABSENT, "an operand is missing");
    }
    Initializer initializer = graph.initializer(name);
    if (graph.isInput(name)) {
      if (initializer == null) {
        Operand argument = graph.argument(name);
        return argument != null
            ? argument
            : new Operand.Variable(
                Reason.RUNTIME_INPUT, "'%s' is an input of the graph".formatted(name));
      }
      if (graph.isOverridable(name)) {
        return new Operand.Variable(
            Reason.OVERRIDABLE,
            "'%s' is an initializer and also an input, so callers may override it (IR version %d); --inputs freeze treats it as constant"
                .formatted(name, graph.irVersion()));
      }
    }
    if (initializer != null) {
      return new Operand.Constant(initializer.tensor());
    }
    if (graph.isSparse(name)) {
      return new Operand.Variable(Reason.SPARSE, "'%s' is a sparse initializer".formatted(name));
    }
    Node producer = graph.producer(name);
    if (producer != null) {
      Operand.Constant before = known.get(name);
      if (before != null) {
        return before;
      }
      Operand derived =
          depth == MAX_DEPTH || ++steps > MAX_STEPS
              ? computed(name, producer)
              : derive(name, producer, depth);
      if (derived instanceof Operand.Constant constant) {
        known.put(name, constant);
      }
      return derived;
    }
    GraphView outer = graph.outer();
    return outer != null
        ? resolve(outer, name)
        : new Operand.Variable(Reason.COMPUTED, "nothing defines '%s'".formatted(name));
  }

  private static Operand computed(String name, Node producer) {
    Reason reason = QUANTIZERS.contains(producer.op().type()) ? Reason.QUANTIZED : Reason.COMPUTED;
    return new Operand.Variable(
        reason, "'%s' is computed by %s '%s'".formatted(name, producer.op(), producer.label()));
  }

  private Operand derive(String name, Node producer, int depth) {
    if (producer.is(CONSTANT)) {
      Tensor value = ConstantNode.value(producer);
      return value == null ? computed(name, producer) : new Operand.Constant(value);
    }
    boolean isArithmetic = ConstantArithmetic.OPERATORS.contains(producer.op());
    if (!(isArithmetic || REARRANGING.contains(producer.op())) || hasReferences(producer)) {
      return computed(name, producer);
    }
    Operand first = resolve(producer.input(0), depth + 1);
    if (!(first instanceof Operand.Constant source)) {
      return first;
    }
    if (isArithmetic) {
      return arithmetic(name, producer, source.tensor(), depth);
    }
    Tensor derived = derive(producer, source.tensor());
    return derived == null ? computed(name, producer) : new Operand.Constant(derived);
  }

  private Operand arithmetic(String name, Node node, Tensor first, int depth) {
    List<@Nullable Tensor> operands = new ArrayList<>(List.of(first));
    for (String input : node.inputs().subList(1, node.inputs().size())) {
      if (input.isEmpty()) {
        operands.add(null);
        continue;
      }
      Operand operand = resolve(input, depth + 1);
      if (operand instanceof Operand.Variable variable) {
        return variable.reason() == Reason.RUNTIME_INPUT ? computed(name, node) : variable;
      }
      operands.add(((Operand.Constant) operand).tensor());
    }
    Tensor normalized = WeightNorm.isPartOf(node, operands) ? weightNorm(node, operands) : null;
    if (normalized != null) {
      return new Operand.Constant(normalized);
    }
    Operand value = ConstantArithmetic.of(graph, node, operands);
    if (value != null) {
      return value;
    }
    Tensor large = weightNorm(node, operands);
    return large == null ? computed(name, node) : new Operand.Constant(large);
  }

  /** What is read lazily, however large it is. */
  private @Nullable Tensor weightNorm(Node node, List<@Nullable Tensor> operands) {
    Tensor first = operands.get(0);
    Tensor second = operands.size() > 1 ? operands.get(1) : null;
    if (first == null) {
      return null;
    }
    if (node.is(WeightNorm.REDUCE_L2)) {
      return WeightNorm.norms(first, reduced(node), node.intAttribute("keepdims", 1));
    }
    return second != null && (node.is(MUL) || node.is(DIV))
        ? WeightNorm.product(node, first, second)
        : null;
  }

  /** Whether a node of a function takes an attribute from whoever calls it. */
  public static boolean hasReferences(Node node) {
    return node.attributes().values().stream()
        .anyMatch(attribute -> attribute instanceof Attribute.Reference);
  }

  private @Nullable Tensor derive(Node node, Tensor source) {
    if (node.is(IDENTITY)) {
      return source;
    }
    if (node.is(TRANSPOSE)) {
      List<Long> order = node.intsAttribute("perm");
      int rank = source.shape().rank();
      List<Integer> permutation =
          order == null
              ? IntStream.range(0, rank).mapToObj(axis -> rank - 1 - axis).toList()
              : order.stream().map(Long::intValue).toList();
      return IntStream.range(0, rank).allMatch(permutation::contains) && permutation.size() == rank
          ? new TransposedTensor(source, permutation)
          : null;
    }
    if (node.is(CAST)) {
      return cast(
          source, ElementType.ofNumber(node.intAttribute("to", 0)).orElse(ElementType.UNDEFINED));
    }
    if (node.is(CONSTANT_OF_SHAPE)) {
      return filled(node);
    }
    Shape shape = graph.shapes().of(node.output()).fixed(Basis.PROVEN);
    return shape != null && shape.elementCount() == source.shape().elementCount()
        ? new ReshapedTensor(source, shape)
        : null;
  }

  private static @Nullable Tensor cast(Tensor source, ElementType to) {
    if (to == source.type()) {
      return source;
    }
    return source.type().isFoldable() && to.isFoldable() ? new CastTensor(source, to) : null;
  }

  private @Nullable Tensor filled(Node node) {
    Shape shape = graph.shapes().of(node.output()).fixed(Basis.PROVEN);
    if (shape == null) {
      return null;
    }
    Attribute value = node.attributes().get("value");
    if (value == null) {
      return new FilledTensor(ElementType.FLOAT, shape, 0);
    }
    return value instanceof Attribute.TensorValue tensor && isSingleNumber(tensor.value())
        ? new FilledTensor(tensor.value().type(), shape, Tensors.doubles(tensor.value(), 1)[0])
        : null;
  }

  private static boolean isSingleNumber(Tensor tensor) {
    return (tensor.type().isFoldable() || isInteger(tensor)) && tensor.shape().elementCount() == 1;
  }

  private static boolean isInteger(Tensor tensor) {
    return tensor.type() == ElementType.INT64 || tensor.type() == ElementType.INT32;
  }

  /** The axes of a reduction, from its attribute or its second input. */
  private long @Nullable [] reduced(Node node) {
    List<Long> attribute = node.intsAttribute("axes");
    return attribute != null
        ? attribute.stream().mapToLong(Long::longValue).toArray()
        : graph.shapes().integers(node.input(1), MAX_AXES);
  }
}
