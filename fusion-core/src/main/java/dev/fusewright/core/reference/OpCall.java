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

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One call of an operator, as its implementation sees it: attributes, inputs, the version of its
 * operator set.
 */
final class OpCall {
  /** Evaluates a body of the node. */
  @FunctionalInterface
  interface BodyRunner {
    /** The outputs of {@code body}, given its inputs in order. */
    List<NdArray> run(Graph body, List<NdArray> inputs);
  }

  private final Node node;
  private final long opset;
  private final Map<Integer, OperandValue> inputs;
  private final EvaluationBudget budget;
  private final HeldMemory memory;
  private final BodyRunner bodies;

  /**
   * A call.
   *
   * @param node without references to attributes of a function
   * @param inputs by index, without the absent ones
   */
  OpCall(
      Node node,
      long opset,
      Map<Integer, OperandValue> inputs,
      EvaluationBudget budget,
      HeldMemory memory,
      BodyRunner bodies) {
    this.node = node;
    this.opset = opset;
    this.inputs = inputs;
    this.budget = budget;
    this.memory = memory;
    this.bodies = bodies;
  }

  Node node() {
    return node;
  }

  long opset() {
    return opset;
  }

  int inputCount() {
    return node.inputs().size();
  }

  /**
   * To be called before work that takes much longer than its result is large.
   *
   * @param operations multiply-adds, or elements looked at
   * @throws EvaluationBudgetException if they are too many
   */
  void spend(double operations) {
    budget.spend(node, operations);
  }

  /**
   * To be called for what is kept while bodies run.
   *
   * @throws EvaluationMemoryException if it does not fit into the heap
   */
  void keep(NdArray array) {
    memory.hold(node.label(), array.size());
  }

  /** A required input. */
  NdArray input(int index) {
    return operand(index).value();
  }

  /** A required input, for an operator that reads it block by block. */
  OperandValue operand(int index) {
    OperandValue operand = inputs.get(index);
    if (operand == null) {
      throw invalid("input " + index + " is missing");
    }
    return operand;
  }

  /** An optional input; null if absent. */
  @Nullable NdArray optional(int index) {
    OperandValue operand = inputs.get(index);
    return operand == null ? null : operand.value();
  }

  /** All inputs, none of which may be absent. */
  List<NdArray> allInputs() {
    List<NdArray> all = new ArrayList<>();
    for (int i = 0; i < inputCount(); i++) {
      all.add(input(i));
    }
    return all;
  }

  /** Whether the node asks for its {@code index}-th output. */
  boolean wants(int index) {
    return index < node.outputs().size() && !node.outputs().get(index).isEmpty();
  }

  /** An INT attribute used as a switch. */
  boolean flag(String attribute) {
    return node.intAttribute(attribute, 0) != 0;
  }

  long integer(String attribute, long absent) {
    return node.intAttribute(attribute, absent);
  }

  double real(String attribute, float absent) {
    return node.realAttribute(attribute, absent);
  }

  String text(String attribute, String absent) {
    return node.textAttribute(attribute, absent);
  }

  /** An INTS attribute, clamped to 32 bits; null if absent. */
  int @Nullable [] ints(String attribute) {
    List<Long> values = node.intsAttribute(attribute);
    return values == null ? null : values.stream().mapToInt(OpCall::clamped).toArray();
  }

  /** An INTS attribute of {@code count} numbers; all {@code absent} if it is not given. */
  int[] ints(String attribute, int count, int absent) {
    int[] values = ints(attribute);
    if (values == null) {
      values = new int[count];
      java.util.Arrays.fill(values, absent);
    }
    if (values.length != count) {
      throw invalid("%s has %d numbers, expected %d".formatted(attribute, values.length, count));
    }
    return values;
  }

  /** Integers from an input if it is there, else from an attribute; null if neither is. */
  int @Nullable [] intsOf(int input, String attribute) {
    NdArray given = optional(input);
    return given == null ? ints(attribute) : toInts(given);
  }

  /** Exporters write the largest long where they mean the end of an axis. */
  private static int clamped(long value) {
    return (int) Math.min(Math.max(value, Integer.MIN_VALUE), Integer.MAX_VALUE);
  }

  /** The elements of an integer input, clamped to 32 bits. */
  static int[] toInts(NdArray array) {
    int[] ints = new int[array.size()];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = (int) array.values()[i];
    }
    return ints;
  }

  /** An axis counted from the end if it is negative. */
  int axis(long axis, int rank) {
    long counted = axis < 0 ? axis + rank : axis;
    if (counted < 0 || counted >= rank) {
      throw invalid("axis %d of a value with %d axes".formatted(axis, rank));
    }
    return (int) counted;
  }

  /** Axes counted from the end where they are negative. */
  int[] axes(int[] axes, int rank) {
    return java.util.Arrays.stream(axes).map(axis -> axis(axis, rank)).toArray();
  }

  Graph body(String attribute) {
    if (node.attributes().get(attribute) instanceof Attribute.Body body) {
      return body.value();
    }
    throw invalid("attribute " + attribute + " is missing");
  }

  List<NdArray> run(Graph body, List<NdArray> bodyInputs) {
    return bodies.run(body, bodyInputs);
  }

  /** Refuses an input of another shape. */
  void require(NdArray array, Shape shape, String what) {
    if (!array.shape().equals(shape)) {
      throw invalid("%s has the shape %s, expected %s".formatted(what, array.shape(), shape));
    }
  }

  ReferenceException invalid(String message) {
    return new ReferenceException(node, message);
  }

  UnsupportedOperatorException unsupported(String message) {
    return new UnsupportedOperatorException(node, message);
  }
}
