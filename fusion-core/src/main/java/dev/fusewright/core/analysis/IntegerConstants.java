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

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Computes integers that a model computes from constants: shapes, axes and pads, as exporters leave
 * them behind. PyTorch writes {@code nn.ZeroPad2d} as a chain of Shape, Gather, Sub, Concat,
 * Reshape, Slice and Transpose over four numbers.
 *
 * <p>Bounded: at most 64 nodes deep, 1,024 numbers each, and 1,024 nodes altogether.
 */
final class IntegerConstants {
  private static final int MAX_ELEMENTS = 1 << 10;
  private static final int MAX_DEPTH = 64;
  private static final int MAX_STEPS = 1 << 10;

  private final GraphView graph;
  private int steps;

  /** A small array of integers, row-major. */
  @SuppressWarnings("ArrayRecordComponent") // Never leaves this class.
  private record Ints(Shape shape, long[] values) {
    static Ints vector(long... values) {
      return new Ints(Shape.of(values.length), values);
    }
  }

  private IntegerConstants(GraphView graph) {
    this.graph = graph;
  }

  /**
   * The integers that {@code value} holds in every run, row-major; null if they are not known, or
   * more than {@code limit}.
   */
  static long @Nullable [] resolve(GraphView graph, String value, int limit) {
    Ints ints = new IntegerConstants(graph).value(value, 0);
    return ints == null || ints.values().length > limit ? null : ints.values();
  }

  private @Nullable Ints value(String name, int depth) {
    if (depth > MAX_DEPTH || ++steps > MAX_STEPS) {
      return null;
    }
    if (Constants.resolve(graph, name) instanceof Operand.Constant constant) {
      Tensor tensor = constant.tensor();
      boolean readable =
          (tensor.type() == ElementType.INT64 || tensor.type() == ElementType.INT32)
              && tensor.shape().elementCount() <= MAX_ELEMENTS;
      return readable ? new Ints(tensor.shape(), Tensors.longs(tensor, MAX_ELEMENTS)) : null;
    }
    Node producer = graph.producer(name);
    if (producer == null
        || !producer.op().domain().isEmpty()
        || !producer.output().equals(name)
        || Constants.hasReferences(producer)) {
      return null;
    }
    if (producer.op().type().equals("Shape")) {
      return shape(producer, depth);
    }
    List<Ints> inputs = new ArrayList<>();
    for (String input : producer.inputs()) {
      Ints operand = input.isEmpty() ? null : value(input, depth + 1);
      if (operand == null) {
        return null;
      }
      inputs.add(operand);
    }
    return inputs.isEmpty() ? null : bounded(apply(producer, inputs));
  }

  private static @Nullable Ints bounded(@Nullable Ints ints) {
    return ints == null || ints.values().length > MAX_ELEMENTS ? null : ints;
  }

  /** Of a constant, which need not be an integer, or of what is computed here. */
  private @Nullable Ints shape(Node node, int depth) {
    if (node.attributes().containsKey("start") || node.attributes().containsKey("end")) {
      return null;
    }
    Shape shape = null;
    if (Constants.resolve(graph, node.input(0)) instanceof Operand.Constant constant) {
      shape = constant.tensor().shape();
    } else {
      Ints known = value(node.input(0), depth + 1);
      shape = known == null ? null : known.shape();
    }
    return shape == null
        ? null
        : Ints.vector(shape.dims().stream().mapToLong(Long::longValue).toArray());
  }

  private @Nullable Ints apply(Node node, List<Ints> in) {
    Ints first = in.get(0);
    return switch (node.op().type()) {
      case "Identity" -> first;
      case "Cast" -> isInteger(node.intAttribute("to", 0)) ? first : null;
      case "Add", "Sub", "Mul" -> arithmetic(node, in);
      case "Concat" -> concat(node, in);
      case "Gather" -> gather(node, in);
      case "Slice" -> slice(in);
      case "ConstantOfShape" -> filled(node, first);
      case "Reshape" ->
          in.size() == 2
              ? shaped(
                  first,
                  ShapeRules.reshape(
                      first.shape(), in.get(1).values(), node.intAttribute("allowzero", 0) == 1))
              : null;
      case "Unsqueeze", "Squeeze" -> squeezed(node, in);
      case "Transpose" -> transposed(node, first);
      default -> null;
    };
  }

  private static boolean isInteger(long type) {
    return type == ElementType.INT64.number() || type == ElementType.INT32.number();
  }

  private static @Nullable Ints shaped(Ints ints, @Nullable Shape shape) {
    return shape == null ? null : new Ints(shape, ints.values());
  }

  /** With one side broadcast from a single number, or both of one shape. */
  private static @Nullable Ints arithmetic(Node node, List<Ints> in) {
    if (in.size() != 2) {
      return null;
    }
    Ints a = in.get(0);
    Ints b = in.get(1);
    boolean same = a.values().length == b.values().length;
    boolean firstIsLonger =
        same ? a.shape().rank() >= b.shape().rank() : a.values().length > b.values().length;
    Ints longer = firstIsLonger ? a : b;
    Ints shorter = longer == a ? b : a;
    boolean fits =
        a.shape().equals(b.shape())
            || (shorter.values().length == 1 && shorter.shape().rank() <= longer.shape().rank());
    if (!fits) {
      return null;
    }
    long[] result = new long[longer.values().length];
    for (int i = 0; i < result.length; i++) {
      long left = a.values()[a.values().length == 1 ? 0 : i];
      long right = b.values()[b.values().length == 1 ? 0 : i];
      result[i] =
          switch (node.op().type()) {
            case "Add" -> left + right;
            case "Sub" -> left - right;
            default -> left * right;
          };
    }
    return new Ints(longer.shape(), result);
  }

  private static @Nullable Ints concat(Node node, List<Ints> in) {
    boolean vectors =
        in.stream().allMatch(part -> part.shape().rank() == 1)
            && (node.intAttribute("axis", 0) == 0 || node.intAttribute("axis", 0) == -1);
    return vectors
        ? Ints.vector(in.stream().flatMapToLong(part -> Arrays.stream(part.values())).toArray())
        : null;
  }

  /** From a vector. */
  private static @Nullable Ints gather(Node node, List<Ints> in) {
    if (in.size() != 2 || in.get(0).shape().rank() != 1 || node.intAttribute("axis", 0) != 0) {
      return null;
    }
    long[] from = in.get(0).values();
    long[] indices = in.get(1).values().clone();
    for (int i = 0; i < indices.length; i++) {
      long index = indices[i] < 0 ? indices[i] + from.length : indices[i];
      if (index < 0 || index >= from.length) {
        return null;
      }
      indices[i] = from[(int) index];
    }
    return new Ints(in.get(1).shape(), indices);
  }

  /** Of whole rows: along axis 0, with any step. */
  private static @Nullable Ints slice(List<Ints> in) {
    if (in.size() < 3 || in.stream().skip(1).anyMatch(operand -> operand.values().length != 1)) {
      return null;
    }
    Shape shape = in.get(0).shape();
    long axis = in.size() > 3 ? in.get(3).values()[0] : 0;
    long step = in.size() > 4 ? in.get(4).values()[0] : 1;
    if (shape.rank() == 0 || (axis != 0 && axis != -shape.rank()) || step == 0) {
      return null;
    }
    long rows = shape.dim(0);
    int width = (int) shape.elementCount(1, shape.rank());
    long start = bound(in.get(1).values()[0], rows, step);
    long end = bound(in.get(2).values()[0], rows, step);
    List<Long> taken = new ArrayList<>();
    for (long row = start; step > 0 ? row < end : row > end; row += step) {
      for (int i = 0; i < width; i++) {
        taken.add(in.get(0).values()[(int) row * width + i]);
      }
    }
    List<Long> dims = new ArrayList<>(shape.dims());
    dims.set(0, width == 0 ? 0 : (long) taken.size() / width);
    return new Ints(new Shape(dims), taken.stream().mapToLong(Long::longValue).toArray());
  }

  /** ONNX clamps into [0, n] going forwards, and into [−1, n − 1] going backwards. */
  private static long bound(long index, long size, long step) {
    long positive = index < 0 ? index + size : index;
    return step > 0
        ? Math.max(0, Math.min(size, positive))
        : Math.max(-1, Math.min(size - 1, positive));
  }

  private static @Nullable Ints filled(Node node, Ints dims) {
    long count = 1;
    for (long dim : dims.values()) {
      if (dim < 0 || dim > MAX_ELEMENTS || count * dim > MAX_ELEMENTS) {
        return null;
      }
      count *= dim;
    }
    long[] filling = Constants.integerValue(node);
    if (filling == null || filling.length != 1) {
      return null;
    }
    long[] values = new long[(int) count];
    Arrays.fill(values, filling[0]);
    return new Ints(new Shape(Arrays.stream(dims.values()).boxed().toList()), values);
  }

  private static @Nullable Ints squeezed(Node node, List<Ints> in) {
    List<Long> attribute = node.intsAttribute("axes");
    long[] axes =
        attribute != null
            ? attribute.stream().mapToLong(Long::longValue).toArray()
            : in.size() > 1 ? in.get(1).values() : new long[0];
    Shape shape = in.get(0).shape();
    if (axes.length == 0) {
      return null;
    }
    return shaped(
        in.get(0),
        node.is(OpKind.UNSQUEEZE)
            ? ShapeRules.unsqueeze(shape, axes)
            : ShapeRules.squeeze(shape, axes));
  }

  /** Of a matrix. */
  private static @Nullable Ints transposed(Node node, Ints ints) {
    List<Long> order = node.intsAttribute("perm");
    if (ints.shape().rank() != 2 || (order != null && !order.equals(List.of(1L, 0L)))) {
      return null;
    }
    int rows = (int) ints.shape().dim(0);
    int columns = (int) ints.shape().dim(1);
    long[] values = new long[ints.values().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = ints.values()[i % rows * columns + i / rows];
    }
    return new Ints(Shape.of(columns, rows), values);
  }
}
