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

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Small tensors of integers by value, through what models compute shapes, axes and pads with.
 *
 * <p>Exporters leave long chains of it behind: {@code nn.ZeroPad2d} is Shape, Gather, Sub, Concat,
 * Reshape, Slice and Transpose over four numbers.
 */
final class IntegerArithmetic {
  /** What is computed with are vectors, and matrices where pads are put in pairs. */
  private static final int MAX_RANK = 2;

  private final InferenceCall call;
  private final @Nullable Shape shape;

  private IntegerArithmetic(InferenceCall call, @Nullable Shape shape) {
    this.call = call;
    this.shape = shape;
  }

  /**
   * The elements of a node's first output; null if nothing is known of them.
   *
   * @param result the shape of that output
   */
  static @Nullable SymbolicTensor infer(InferenceCall call, SymbolicShape result) {
    Shape shape = result.rank() <= MAX_RANK ? result.fixed(Basis.STATED) : null;
    if (shape == null || shape.elementCount() > SymbolicTensor.MAX_ELEMENTS) {
      return null;
    }
    SymbolicTensor tensor = new IntegerArithmetic(call, shape).infer();
    return tensor == null || tensor.elements().stream().noneMatch(SymbolicDim::isKnown)
        ? null
        : tensor.weakened(call.operandBasis());
  }

  private @Nullable SymbolicTensor infer() {
    Node node = call.node();
    return switch (node.op().type()) {
      case "Shape" -> shapeOf();
      case "Size" ->
          SymbolicTensor.vector(List.of(call.shape(0).elementCount())).reshaped(Shape.SCALAR);
      case "Cast" -> cast();
      case "Reshape", "Squeeze", "Unsqueeze", "Flatten" -> reshaped();
      case "Transpose" -> transposed();
      case "Add" -> each(SymbolicDim::plus);
      case "Sub" -> each(SymbolicDim::minus);
      case "Mul" -> each(SymbolicDim::times);
      case "Div" -> each(IntegerArithmetic::quotient);
      case "Min" -> each(SymbolicDim::min);
      case "Max" -> each(SymbolicDim::max);
      case "Equal" -> each(IntegerArithmetic::equal);
      case "Where" -> chosen();
      case "Concat" -> concatenated();
      case "Gather" -> gathered();
      case "Slice" -> sliced();
      case "Expand" -> expanded();
      case "ConstantOfShape" -> filled();
      case "Range" -> range();
      case "ReduceProd" -> reduced(1, SymbolicDim::times);
      case "ReduceSum" -> reduced(0, SymbolicDim::plus);
      default -> null;
    };
  }

  private int count() {
    return shape == null ? 0 : (int) shape.elementCount();
  }

  private @Nullable SymbolicTensor result(List<SymbolicDim> elements) {
    return shape != null && elements.size() == count() ? new SymbolicTensor(shape, elements) : null;
  }

  /** Elements rest on the rank too, which says how many there are before them. */
  private @Nullable SymbolicTensor shapeOf() {
    SymbolicShape x = call.shape(0);
    int from = (int) SliceExtent.bound(call.integer("start", 0), x.rank(), 0, x.rank());
    return x.hasRank() && from + count() <= x.rank()
        ? result(x.weakened(x.basis()).sizes().subList(from, from + count()))
        : null;
  }

  private @Nullable SymbolicTensor cast() {
    SymbolicTensor x = call.tensor(0);
    long to = call.integer("to", 0);
    if (x == null || (to != ElementType.INT64.number() && to != ElementType.INT32.number())) {
      return null;
    }
    return to == ElementType.INT64.number()
        ? x
        : new SymbolicTensor(
            x.shape(),
            x.elements().stream().map(one -> fitsInt(one) ? one : SymbolicDim.UNKNOWN).toList());
  }

  private static boolean fitsInt(SymbolicDim element) {
    long value = element.constant().orElse(0);
    return value == (int) value;
  }

  private @Nullable SymbolicTensor reshaped() {
    SymbolicTensor x = call.tensor(0);
    return x == null ? null : result(x.elements());
  }

  private @Nullable SymbolicTensor transposed() {
    SymbolicTensor x = call.tensor(0);
    if (x == null || shape == null || x.size() != count()) {
      return null;
    }
    int rank = shape.rank();
    long[] order = call.ints("perm");
    long[] strides = new long[rank];
    for (int axis = 0; axis < rank; axis++) {
      int from = order == null ? rank - 1 - axis : InferenceCall.axis(order[axis], rank);
      strides[axis] = x.shape().elementCount(from + 1, rank);
    }
    List<SymbolicDim> elements = new ArrayList<>();
    for (int i = 0; i < x.size(); i++) {
      long at = 0;
      for (int axis = 0; axis < rank; axis++) {
        long index = i / shape.elementCount(axis + 1, rank) % shape.dim(axis);
        at += index * strides[axis];
      }
      elements.add(x.element((int) at));
    }
    return result(elements);
  }

  /** The element of an operand that is broadcast as a whole, or not at all. */
  private @Nullable SymbolicDim element(int input, int index) {
    SymbolicTensor tensor = call.tensor(input);
    if (tensor == null || (tensor.size() != 1 && tensor.size() != count())) {
      return null;
    }
    return tensor.element(tensor.size() == 1 ? 0 : index);
  }

  private @Nullable SymbolicTensor each(BinaryOperator<SymbolicDim> operation) {
    List<SymbolicDim> elements = new ArrayList<>();
    for (int i = 0; i < count(); i++) {
      SymbolicDim result = element(0, i);
      for (int input = 1; input < call.inputCount(); input++) {
        SymbolicDim operand = element(input, i);
        result = result == null || operand == null ? null : operation.apply(result, operand);
      }
      if (result == null) {
        return null;
      }
      elements.add(result);
    }
    return result(elements);
  }

  /** Towards zero, which is down for what is not negative. */
  private static SymbolicDim quotient(SymbolicDim dividend, SymbolicDim divisor) {
    Basis basis = dividend.basis().and(divisor.basis());
    if (dividend.constant().isPresent() && divisor.constant().isPresent()) {
      long by = divisor.constant().getAsLong();
      return by == 0 || by == -1
          ? SymbolicDim.UNKNOWN
          : SymbolicDim.of(dividend.constant().getAsLong() / by).weakened(basis);
    }
    if (dividend.size() == null || divisor.size() == null) {
      return SymbolicDim.UNKNOWN;
    }
    SymInt exact = dividend.size().exactlyDividedBy(divisor.size());
    if (exact != null) {
      return new SymbolicDim(exact, basis);
    }
    return dividend.isAtLeast(0) && divisor.constant().isPresent()
        ? dividend.dividedBy(divisor.constant().getAsLong()).weakened(basis)
        : SymbolicDim.UNKNOWN;
  }

  /** As 1 or 0, which is what a Where goes by. */
  private static SymbolicDim equal(SymbolicDim a, SymbolicDim b) {
    Basis basis = a.basis().and(b.basis());
    if (a.size() != null && a.size().equals(b.size())) {
      return SymbolicDim.of(1).weakened(basis);
    }
    boolean areDifferent = a.contradicts(b) || a.minus(b).isAtLeast(1) || b.minus(a).isAtLeast(1);
    return areDifferent ? SymbolicDim.of(0).weakened(basis) : SymbolicDim.UNKNOWN;
  }

  private @Nullable SymbolicTensor chosen() {
    List<SymbolicDim> elements = new ArrayList<>();
    for (int i = 0; i < count(); i++) {
      SymbolicDim condition = element(0, i);
      SymbolicDim first = element(1, i);
      SymbolicDim second = element(2, i);
      if (condition == null || first == null || second == null) {
        return null;
      }
      elements.add(
          condition.constant().isEmpty()
              ? first.joined(second)
              : (condition.is(0) ? second : first).weakened(condition.basis()));
    }
    return result(elements);
  }

  /** Of vectors, whose elements need not all be known. */
  private @Nullable SymbolicTensor concatenated() {
    if (shape == null || shape.rank() != 1) {
      return null;
    }
    List<SymbolicDim> elements = new ArrayList<>();
    for (int i = 0; i < call.inputCount(); i++) {
      SymbolicTensor part = call.tensor(i);
      long length = part == null ? call.length(i) : part.size();
      if (length < 0 || elements.size() + length > count()) {
        return null;
      }
      elements.addAll(
          part == null ? Collections.nCopies((int) length, SymbolicDim.UNKNOWN) : part.elements());
    }
    return result(elements);
  }

  /** From a vector. */
  private @Nullable SymbolicTensor gathered() {
    SymbolicTensor from = call.tensor(0);
    long[] indices = call.ints(1);
    if (from == null || indices == null || from.shape().rank() != 1) {
      return null;
    }
    List<SymbolicDim> elements = new ArrayList<>();
    for (long index : indices) {
      int at = InferenceCall.axis(index, from.size());
      if (at < 0) {
        return null;
      }
      elements.add(from.element(at));
    }
    return result(elements);
  }

  /** Of whole rows: along axis 0. */
  private @Nullable SymbolicTensor sliced() {
    SymbolicTensor x = call.tensor(0);
    Long start = only(call.ints("starts", 1));
    Long end = only(call.ints("ends", 2));
    Long axis = call.isGiven("axes", 3) ? only(call.ints("axes", 3)) : Long.valueOf(0);
    Long step = call.has(4) ? only(call.ints(4)) : Long.valueOf(1);
    if (x == null || start == null || end == null || axis == null || step == null || step == 0) {
      return null;
    }
    if (InferenceCall.axis(axis, x.shape().rank()) != 0) {
      return null;
    }
    long rows = x.shape().dim(0);
    int width = (int) x.shape().elementCount(1, x.shape().rank());
    long taken = SliceExtent.extent(rows, start, end, step);
    long first = SliceExtent.bound(start, rows, 0, step > 0 ? rows : rows - 1);
    List<SymbolicDim> elements = new ArrayList<>();
    for (long i = 0; i < taken; i++) {
      int row = (int) (first + i * step);
      elements.addAll(x.elements().subList(row * width, (row + 1) * width));
    }
    return result(elements);
  }

  private static @Nullable Long only(long @Nullable [] numbers) {
    return numbers != null && numbers.length == 1 ? numbers[0] : null;
  }

  private @Nullable SymbolicTensor expanded() {
    List<SymbolicDim> elements = new ArrayList<>();
    for (int i = 0; i < count(); i++) {
      SymbolicDim element = element(0, i);
      if (element == null) {
        return null;
      }
      elements.add(element);
    }
    return result(elements);
  }

  private @Nullable SymbolicTensor filled() {
    Tensor value = call.node().tensorAttribute("value");
    boolean isWhole =
        value != null
            && (value.type() == ElementType.INT64 || value.type() == ElementType.INT32)
            && value.shape().elementCount() == 1;
    return value != null && isWhole
        ? result(Collections.nCopies(count(), SymbolicDim.of(Tensors.longs(value, 1)[0])))
        : null;
  }

  private @Nullable SymbolicTensor range() {
    SymbolicDim start = call.number(0);
    SymbolicDim step = call.number(2);
    if (start == null || step == null) {
      return null;
    }
    List<SymbolicDim> elements = new ArrayList<>();
    for (int i = 0; i < count(); i++) {
      elements.add(start.plus(step.times(i)));
    }
    return result(elements);
  }

  /** Of a vector, to one number. */
  private @Nullable SymbolicTensor reduced(long neutral, BinaryOperator<SymbolicDim> operation) {
    SymbolicTensor x = call.tensor(0);
    if (x == null || count() != 1 || x.shape().rank() > 1) {
      return null;
    }
    SymbolicDim result = SymbolicDim.of(neutral);
    for (SymbolicDim element : x.elements()) {
      result = operation.apply(result, element);
    }
    return result(List.of(result));
  }
}
