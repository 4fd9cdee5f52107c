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
import dev.fusewright.core.analysis.shape.SymbolicDim;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.Use;
import dev.fusewright.core.tensor.Shape;
import java.util.List;
import java.util.Set;

/**
 * Reads that take only the extents of a value: those of {@code Shape} and {@code Size}. They are no
 * second consumer of what a fold scales, as long as they go on reading a value of the same shape.
 */
public final class ShapeReads {
  /** Operators whose result has the shape of their first input. */
  private static final Set<OpKind> KEEPING =
      Set.of(OpKind.BATCH_NORMALIZATION, OpKind.IDENTITY, OpKind.DROPOUT, OpKind.RELU);

  private static final Set<OpKind> ELEMENTWISE =
      Set.of(OpKind.MUL, OpKind.ADD, OpKind.SUB, OpKind.DIV);

  private static final int MAX_STEPS = 16;

  private ShapeReads() {}

  /** Whether a reader takes only the extents. */
  public static boolean isOne(Use use) {
    return use.index() == 0 && (use.node().is(OpKind.SHAPE) || use.node().is(OpKind.SIZE));
  }

  /** The readers that take the elements of {@code value}. */
  public static List<Use> elementReaders(GraphView graph, String value) {
    return graph.uses(value).stream().filter(use -> !isOne(use)).toList();
  }

  /** Whether one reader takes the elements of {@code value}, and the graph does not put it out. */
  public static boolean hasOneElementReader(GraphView graph, String value) {
    return !graph.isOutput(value)
        && (graph.useCount(value) == 1 || elementReaders(graph, value).size() == 1);
  }

  /**
   * Whether two values have the same shape in every run, whatever is promised of the graph's
   * inputs: their symbolic extents are proven and agree, or one is the other behind operators that
   * keep the shape.
   */
  public static boolean sameShape(GraphView graph, String first, String second) {
    return first.equals(second)
        || agree(graph.shapes().of(first), graph.shapes().of(second))
        || isBehind(graph, first, second)
        || isBehind(graph, second, first);
  }

  private static boolean agree(SymbolicShape first, SymbolicShape second) {
    if (!first.hasRank() || first.rank() != second.rank()) {
      return false;
    }
    for (int axis = 0; axis < first.rank(); axis++) {
      SymbolicDim dim = first.dim(axis);
      if (dim.size() == null
          || dim.basis() != Basis.PROVEN
          || second.dim(axis).basis() != Basis.PROVEN
          || !dim.size().equals(second.dim(axis).size())) {
        return false;
      }
    }
    return true;
  }

  private static boolean isBehind(GraphView graph, String upper, String lower) {
    String value = lower;
    for (int step = 0; step < MAX_STEPS; step++) {
      if (value.equals(upper)) {
        return true;
      }
      Node node = graph.producer(value);
      int kept = node == null || !node.output().equals(value) ? -1 : keptInput(graph, node);
      if (node == null || kept < 0) {
        return false;
      }
      value = node.input(kept);
    }
    return false;
  }

  /** The input whose shape a node keeps; negative if that is not known. */
  private static int keptInput(GraphView graph, Node node) {
    if (KEEPING.contains(node.op())) {
      return 0;
    }
    if (ELEMENTWISE.contains(node.op()) && graph.opset() >= 7) {
      for (int data = 0; data < 2; data++) {
        if (Constants.resolve(graph, node.input(1 - data)) instanceof Operand.Constant constant
            && doesNotEnlarge(constant.tensor().shape(), graph.shapes().of(node.input(data)))) {
          return data;
        }
      }
    }
    return -1;
  }

  /** Whether a result of broadcasting a constant to a value has the shape of the value. */
  public static boolean doesNotEnlarge(Shape constant, SymbolicShape value) {
    if (!value.hasRank() || constant.rank() > value.rank()) {
      return false;
    }
    for (int axis = 0; axis < constant.rank(); axis++) {
      SymbolicDim dim = value.dim(value.rank() - constant.rank() + axis);
      if (constant.dim(axis) != 1
          && (dim.basis() != Basis.PROVEN
              || dim.constant().isEmpty()
              || dim.constant().getAsLong() != constant.dim(axis))) {
        return false;
      }
    }
    return true;
  }
}
