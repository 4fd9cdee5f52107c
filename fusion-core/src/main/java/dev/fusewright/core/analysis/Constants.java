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

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.tensor.CastTensor;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.ReshapedTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.tensor.TransposedTensor;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Resolves operands to constants: initializers that nobody can override, Constant nodes, and what
 * Identity, Reshape, Transpose, Unsqueeze, Squeeze, Cast, ConstantOfShape, and the Mul, Div and
 * ReduceL2 of weight norm make of them. The result is an expression over the weight, which is read
 * only for its norms.
 */
public final class Constants {
  private static final int MAX_DEPTH = 16;
  private static final int MAX_STEPS = 256;
  private static final int MAX_AXES = 64;
  private static final Set<OpKind> DERIVABLE =
      Set.of(
          IDENTITY,
          RESHAPE,
          TRANSPOSE,
          UNSQUEEZE,
          SQUEEZE,
          CAST,
          CONSTANT_OF_SHAPE,
          MUL,
          DIV,
          WeightNorm.REDUCE_L2);
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
      if (graph.irVersion() >= ModelGraph.OVERRIDABLE_INITIALIZERS_SINCE || graph.outer() != null) {
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
      return depth == MAX_DEPTH || ++steps > MAX_STEPS
          ? computed(name, producer)
          : derive(name, producer, depth);
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
      Tensor value = constantValue(producer);
      return value == null ? computed(name, producer) : new Operand.Constant(value);
    }
    if (!DERIVABLE.contains(producer.op()) || hasReferences(producer)) {
      return computed(name, producer);
    }
    Operand first = resolve(producer.input(0), depth + 1);
    if (!(first instanceof Operand.Constant source)) {
      return first;
    }
    Tensor derived =
        producer.is(MUL) || producer.is(DIV)
            ? product(producer, source.tensor(), depth)
            : derive(producer, source.tensor(), depth);
    return derived == null ? computed(name, producer) : new Operand.Constant(derived);
  }

  /**
   * The integers that {@code name} holds in every run, row-major: a constant, or what is computed
   * from constants alone; null if they are not known, or more than {@code limit}.
   */
  public static long @Nullable [] integers(GraphView graph, String name, int limit) {
    return IntegerConstants.resolve(graph, name, limit);
  }

  /** Whether a node of a function takes an attribute from whoever calls it. */
  public static boolean hasReferences(Node node) {
    return node.attributes().values().stream()
        .anyMatch(attribute -> attribute instanceof Attribute.Reference);
  }

  /** The value of a Constant node, or null where it is none we can read. */
  public static @Nullable Tensor constantValue(Node constant) {
    for (Attribute attribute : constant.attributes().values()) {
      if (attribute instanceof Attribute.TensorValue tensor) {
        return tensor.value();
      } else if (attribute instanceof Attribute.Real real) {
        return LiteralTensor.ofFloats(Shape.SCALAR, (float) real.value());
      } else if (attribute instanceof Attribute.Int integer) {
        return LiteralTensor.ofLongs(Shape.SCALAR, integer.value());
      } else if (attribute instanceof Attribute.Reals reals) {
        float[] values = new float[reals.values().size()];
        IntStream.range(0, values.length).forEach(i -> values[i] = reals.values().get(i));
        return LiteralTensor.ofFloats(Shape.of(values.length), values);
      } else if (attribute instanceof Attribute.Ints ints) {
        return LiteralTensor.ofLongs(ints.values().stream().mapToLong(Long::longValue).toArray());
      }
    }
    return null;
  }

  private @Nullable Tensor derive(Node node, Tensor source, int depth) {
    if (node.is(IDENTITY)) {
      return source;
    }
    if (node.is(WeightNorm.REDUCE_L2)) {
      return WeightNorm.norms(source, integers(node, depth), node.intAttribute("keepdims", 1));
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
      return filled(node, source);
    }
    Shape shape = reshaped(node, source.shape(), depth);
    return shape == null ? null : new ReshapedTensor(source, shape);
  }

  private static @Nullable Tensor cast(Tensor source, ElementType to) {
    if (to == source.type()) {
      return source;
    }
    return source.type().isFoldable() && to.isFoldable() ? new CastTensor(source, to) : null;
  }

  private static @Nullable Tensor filled(Node node, Tensor shapeTensor) {
    long[] dims = axes(shapeTensor);
    Shape shape = dims == null ? null : ShapeRules.of(dims);
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

  /** The integer that a ConstantOfShape fills with; null where it is another number. */
  static long @Nullable [] integerValue(Node constantOfShape) {
    Tensor value = constantOfShape.tensorAttribute("value");
    return value == null ? null : axes(value);
  }

  /** The values of a small tensor of integers; null for any other. */
  private static long @Nullable [] axes(Tensor tensor) {
    return isInteger(tensor) && tensor.shape().elementCount() <= MAX_AXES
        ? Tensors.longs(tensor, MAX_AXES)
        : null;
  }

  private @Nullable Shape reshaped(Node node, Shape source, int depth) {
    long @Nullable [] operand = integers(node, depth);
    if (operand == null) {
      return node.is(SQUEEZE) && !node.hasInput(1) && node.intsAttribute("axes") == null
          ? new Shape(source.dims().stream().filter(dim -> dim != 1).toList())
          : null;
    }
    if (node.is(RESHAPE)) {
      return ShapeRules.reshape(source, operand, node.intAttribute("allowzero", 0) == 1);
    }
    return node.is(UNSQUEEZE)
        ? ShapeRules.unsqueeze(source, operand)
        : ShapeRules.squeeze(source, operand);
  }

  /** The shape or the axes of a reshaping node, from its attribute or its second input. */
  private long @Nullable [] integers(Node node, int depth) {
    List<Long> attribute = node.intsAttribute(node.is(RESHAPE) ? "shape" : "axes");
    if (attribute != null) {
      return attribute.stream().mapToLong(Long::longValue).toArray();
    }
    return node.hasInput(1)
            && resolve(node.input(1), depth + 1) instanceof Operand.Constant constant
        ? axes(constant.tensor())
        : null;
  }

  private @Nullable Tensor product(Node node, Tensor left, int depth) {
    return resolve(node.input(1), depth + 1) instanceof Operand.Constant right
        ? WeightNorm.product(node, left, right.tensor())
        : null;
  }
}
