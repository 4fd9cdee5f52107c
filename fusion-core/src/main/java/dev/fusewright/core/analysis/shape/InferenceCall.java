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

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One node, with what is known of its inputs. */
final class InferenceCall {
  private final Node node;
  private final List<ValueFacts> inputs;
  private final ValueScope scope;
  private Basis operands = Basis.PROVEN;

  InferenceCall(Node node, List<ValueFacts> inputs, ValueScope scope) {
    this.node = node;
    this.inputs = List.copyOf(inputs);
    this.scope = scope;
  }

  Node node() {
    return node;
  }

  ValueScope scope() {
    return scope;
  }

  long opset() {
    return scope.opset();
  }

  /**
   * What the integers rest on that have been asked for so far, and so whatever follows from them.
   */
  Basis operandBasis() {
    return operands;
  }

  boolean has(int input) {
    return node.hasInput(input);
  }

  int inputCount() {
    return node.inputs().size();
  }

  List<ValueFacts> inputs() {
    return inputs;
  }

  ValueFacts input(int index) {
    return has(index) ? inputs.get(index) : ValueFacts.UNKNOWN;
  }

  SymbolicShape shape(int index) {
    return input(index).shape();
  }

  /** Whether an attribute is one that the caller of a function passes, which is not known. */
  boolean hasReferences() {
    for (Attribute attribute : node.attributes().values()) {
      if (attribute instanceof Attribute.Reference) {
        return true;
      }
    }
    return false;
  }

  long integer(String attribute, long absent) {
    return node.intAttribute(attribute, absent);
  }

  String text(String attribute, String absent) {
    return node.textAttribute(attribute, absent);
  }

  boolean hasAttribute(String attribute) {
    return node.attributes().containsKey(attribute);
  }

  long @Nullable [] ints(String attribute) {
    List<Long> values = node.intsAttribute(attribute);
    if (values == null) {
      return null;
    }
    long[] numbers = new long[values.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = values.get(i);
    }
    return numbers;
  }

  /**
   * The elements of an input, each with its own basis; null if they are not known. How many there
   * are is a fact too, on which all results rest from now on.
   */
  @Nullable SymbolicTensor tensor(int input) {
    SymbolicTensor tensor = input(input).integers();
    if (tensor != null) {
      operands = operands.and(shape(input).weakestBasis());
    }
    return tensor;
  }

  /** The numbers of an input that is a constant; null if they are not known. */
  long @Nullable [] ints(int input) {
    SymbolicTensor tensor = tensor(input);
    long[] values = tensor == null ? null : tensor.constants();
    if (tensor != null && values != null) {
      operands = operands.and(tensor.basis());
    }
    return values;
  }

  /** The numbers of an attribute, which later became an input; null if they are not known. */
  long @Nullable [] ints(String attribute, int input) {
    long[] values = ints(attribute);
    return values != null ? values : ints(input);
  }

  /** Whether numbers are given at all, as an attribute or as an input. */
  boolean isGiven(String attribute, int input) {
    return hasAttribute(attribute) || has(input);
  }

  /** The only number of an input; null if it is not known. */
  @Nullable SymbolicDim number(int input) {
    SymbolicTensor tensor = tensor(input);
    return tensor == null || tensor.size() != 1 ? null : tensor.element(0);
  }

  /** The tensor that an input is in every run; null if there is none. */
  @Nullable Tensor constant(int input) {
    return input(input).constant();
  }

  /** How many elements the vector has that is an input; negative if that is not known. */
  long length(int input) {
    SymbolicShape vector = shape(input);
    long length = vector.rank() == 1 ? vector.dim(0).constant().orElse(-1) : -1;
    if (length >= 0) {
      operands = operands.and(vector.weakestBasis());
    }
    return length;
  }

  /** An axis counted from the front; −1 if there is no such axis. */
  static int axis(long axis, int rank) {
    long positive = axis < 0 ? axis + rank : axis;
    return positive < 0 || positive >= rank ? -1 : (int) positive;
  }
}
